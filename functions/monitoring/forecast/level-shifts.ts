/** Level shifts, as archive and delete runs cause: found and removed, so that they are taken neither for growth nor for noise. */
import { SEASON } from './methods';

/** A step is a shift when it differs this many times as much as usual from the usual step of its day of the week … */
const UNUSUAL = 8;
/** … and is at least this share of the level … */
const NOTICEABLE = 0.1;
/** … and the days from then on differ by this share of it from the same days a week before. Growth in between makes a fall look smaller. */
const LASTING = 0.6;

/** The history with all days before a shift moved to the level after it; its last value is unchanged. */
export function removeLevelShifts(values: readonly number[]): number[] {
  const shifts = unusualSteps(values);
  const adjusted = [...values];
  // The latest first: what came after a shift is then on one level.
  for (let day = values.length - 1; day > 0; day -= 1) {
    const shift = shifts[day] ?? 0;
    if (shift === 0 || Math.abs(shift) < NOTICEABLE * (values[day - 1] ?? 0)) continue;
    if (changeFrom(adjusted, day) / shift < LASTING) continue;
    for (let earlier = 0; earlier < day; earlier += 1) adjusted[earlier] = (adjusted[earlier] ?? 0) + shift;
  }
  return adjusted;
}

/** By how much the week from the day on differs from the same days of the week before. */
function changeFrom(values: readonly number[], day: number): number {
  const after = values.slice(day, day + SEASON);
  return median(
    after.flatMap((value, index) => {
      const before = values[day + index - SEASON];
      return before === undefined ? [] : [value - before];
    }),
  );
}

/** By how much each step from the day before differs from what is usual on its day of the week; 0 where others differ as much. */
function unusualSteps(values: readonly number[]): number[] {
  const steps = values.map((value, day) => value - (values[day - 1] ?? value));
  const usual = Array.from({ length: SEASON }, (_, weekday) =>
    median(steps.filter((_step, day) => day > 0 && day % SEASON === weekday)),
  );
  const differences = steps.map((step, day) => (day === 0 ? 0 : step - (usual[day % SEASON] ?? 0)));
  const deviation = median(differences.slice(1).map(Math.abs));
  return differences.map((difference) => (Math.abs(difference) > UNUSUAL * deviation ? difference : 0));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
