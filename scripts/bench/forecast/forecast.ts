/** How well storage is forecast: errors beside those of the naive and the seasonal naive forecast, on days held out. */
import { forecast } from '../../../functions/monitoring/forecast/forecast';
import { Random } from '../../../infra/local/stand-in-support/random';
import { figure, ratio, type Table } from '../table';
import { growingStorage, randomWalks, type Series, seriesOf, weeklySeries, withLevelShifts } from './series';

const WEEK = 7;
const SERIES = 40;
/** Days from one origin to the next, and origins of each series. */
const STRIDE = 11;
const ORIGINS = 6;

interface Setting {
  horizon: number;
  /** Days of history; undefined: all. */
  history?: number;
  /** The series as it is seen at the origin. */
  changed?: (series: Series, origin: number) => Series;
}
const SETTINGS: readonly Setting[] = [{ horizon: 7, history: 30 }, { horizon: 14 }];

/** Mean absolute scaled errors, by the mean absolute step over a week before the origin. */
interface Score {
  own: number;
  naive: number;
  seasonal: number;
  days: number;
  covered: number;
  milliseconds: number;
  forecasts: number;
}

/** @param file a line per series (`name,value,value…`), to be used instead of the seeded series */
export async function benchForecast(seed: number, file?: string): Promise<Table[]> {
  const random = new Random(seed);
  const shift = (series: Series, origin: number) => withLevelShifts(random, series, origin);
  const rows = file
    ? SETTINGS.map((setting) => row(file, seriesOf(file), setting))
    : [
        ...rowsOf('storage that grows', growingStorage(random, SERIES)),
        ...rowsOf('random walks', randomWalks(random, SERIES)),
        ...rowsOf('weekly, noisy', weeklySeries(random, SERIES)),
        row('storage, three falls', growingStorage(random, SERIES), {
          horizon: 7,
          history: 30,
          changed: shift,
        }),
      ];
  return [
    {
      title: 'Storage forecast: errors on days held out',
      note: 'MASE as a share of that of the (seasonal) naive forecast; coverage of the 95 % intervals; time of one forecast.',
      columns: ['series', 'days ahead', 'of seasonal naive', 'of naive', 'covered', 'ms'],
      rows,
    },
  ];
}

const rowsOf = (name: string, series: readonly Series[]) =>
  SETTINGS.map((setting) => row(name, series, setting));

function row(name: string, series: readonly Series[], setting: Setting): string[] {
  const score: Score = { own: 0, naive: 0, seasonal: 0, days: 0, covered: 0, milliseconds: 0, forecasts: 0 };
  for (const one of series)
    for (let index = 0; index < ORIGINS; index += 1) {
      const origin = one.length - setting.horizon - index * STRIDE;
      if (origin >= 8 * WEEK) add(score, setting.changed?.(one, origin) ?? one, origin, setting);
    }
  return [
    name,
    String(setting.horizon),
    ratio(score.own, score.seasonal),
    ratio(score.own, score.naive),
    `${figure((100 * score.covered) / score.days)} %`,
    figure(score.milliseconds / score.forecasts, 1),
  ];
}

function add(score: Score, series: Series, origin: number, { horizon, history = origin }: Setting): void {
  const past = series.slice(origin - history, origin);
  const startedAt = performance.now();
  const result = forecast(past, horizon);
  score.milliseconds += performance.now() - startedAt;
  score.forecasts += 1;
  if (!result.available) throw new Error(`There is no forecast: ${result.reason}.`);
  const scale = weeklyStep(series.slice(0, origin));
  result.days.forEach(({ value, lower, upper }, day) => {
    const actual = series[origin + day] ?? 0;
    score.own += Math.abs(actual - value) / scale;
    score.naive += Math.abs(actual - (past.at(-1) ?? 0)) / scale;
    score.seasonal += Math.abs(actual - (past.at(-WEEK + (day % WEEK)) ?? 0)) / scale;
    score.days += 1;
    if (lower <= actual && actual <= upper) score.covered += 1;
  });
}

/** Mean absolute difference of days a week apart; 1 for a constant series. */
function weeklyStep(values: Series): number {
  const steps = values.slice(WEEK).map((value, day) => Math.abs(value - (values[day] ?? 0)));
  return steps.reduce((sum, step) => sum + step, 0) / steps.length || 1;
}
