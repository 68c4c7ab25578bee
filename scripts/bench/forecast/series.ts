/** Seeded daily series of the kinds that a storage forecast meets, and series from a file. */
import { readFileSync } from 'node:fs';
import type { Random } from '../../../infra/local/stand-in-support/random';

/** One value per day, oldest first. */
export type Series = readonly number[];

const DAYS = 300;
const WEEK = 7;

/** Used storage: it grows by what each day records, little on weekends. */
export function growingStorage(random: Random, count: number): Series[] {
  return many(count, () => {
    const daily = between(random, 20, 60);
    const workdays = Array.from({ length: WEEK }, (_, day) => (day < 5 ? between(random, 0.7, 1.3) : 0.1));
    let used = between(random, 1_000, 4_000);
    return days(DAYS, (day) => (used += daily * (workdays[day % WEEK] ?? 0) * (1 + 0.3 * normal(random))));
  });
}

/** As M4's daily series: a walk by chance, whose next value is best forecast by the last. */
export function randomWalks(random: Random, count: number): Series[] {
  return many(count, () => {
    let level = between(random, 2_000, 8_000);
    const step = level * between(random, 0.003, 0.015);
    return days(DAYS, () => (level = Math.max(1, level + step * normal(random))));
  });
}

/** As NN5's cash withdrawals: every week alike, with much noise and a level that drifts. */
export function weeklySeries(random: Random, count: number): Series[] {
  return many(count, () => {
    let level = between(random, 10, 40);
    const week = Array.from({ length: WEEK }, () => between(random, 0.4, 1.6));
    return days(DAYS, (day) => {
      level *= 1 + 0.01 * normal(random);
      return Math.max(0, level * (week[day % WEEK] ?? 1) * (1 + 0.15 * normal(random)));
    });
  });
}

/**
 * The series with three falls, by 20 to 60 % of what is there, on three of the days from 3 to 20 before `origin`: as archive
 * and delete runs remove a part for good, and what is recorded each day comes as before.
 */
export function withLevelShifts(random: Random, series: Series, origin: number): Series {
  const ages = new Set<number>();
  while (ages.size < 3) ages.add(random.between(3, 20));
  const falls = new Map([...ages].map((age) => [origin - age, between(random, 0.4, 0.8)]));
  let removed = 0;
  return series.map((value, day) => {
    removed += (value - removed) * (1 - (falls.get(day) ?? 1));
    return value - removed;
  });
}

/** A line per series: a name, then its values, oldest first; lines with other text are left out. */
export function seriesOf(file: string): Series[] {
  return readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .map((line) =>
      line
        .split(',')
        .slice(1)
        .map((cell) => cell.replaceAll('"', '').trim()),
    )
    .map((cells) => cells.filter((cell) => cell !== '').map(Number))
    .filter((values) => values.length > 0 && values.every(Number.isFinite));
}

const many = (count: number, make: () => Series): Series[] => Array.from({ length: count }, make);
const days = (count: number, value: (day: number) => number): Series =>
  Array.from({ length: count }, (_, day) => value(day));
const between = (random: Random, from: number, to: number): number => from + (to - from) * random.next();

/** Standard normal (Box and Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
