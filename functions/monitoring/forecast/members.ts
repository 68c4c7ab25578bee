/** The simple methods that a forecast combines: exponential smoothing, each with and without growth and a weekly pattern. */

export const SEASON = 7;
/** Days from which the growth per day is estimated. */
const GROWTH_WINDOW = 28;
/** Weeks from which the weekly pattern is estimated. */
const SEASON_WINDOW = 12 * SEASON;
const SMOOTHING = [1, 0.5, 0.15] as const;

/** Share of the newest value in the level; whether growth goes on (SES with drift, the theta method's form); whether weeks are alike. */
interface Member {
  readonly smoothing: number;
  readonly growth: boolean;
  readonly weekly: boolean;
}

export const MEMBERS: readonly Member[] = [false, true].flatMap((weekly) =>
  [false, true].flatMap((growth) => SMOOTHING.map((smoothing) => ({ smoothing, growth, weekly }))),
);

/** The forecasts of all members, in their order, each with as many days as the horizon has. */
export function memberForecasts(values: readonly number[], horizon: number): number[][] {
  const pattern = weeklyPattern(values);
  const seasonless = values.map((value, day) => value - (pattern[day % SEASON] ?? 0));
  const slope = growthPerDay(seasonless.slice(-GROWTH_WINDOW));
  return MEMBERS.map(({ smoothing, growth, weekly }) => {
    const step = growth ? slope : 0;
    const level = smoothedLevel(weekly ? seasonless : values, smoothing, step);
    return Array.from({ length: horizon }, (_, day) => {
      const season = weekly ? (pattern[(values.length + day) % SEASON] ?? 0) : 0;
      return level + step * (day + 1) + season;
    });
  });
}

function smoothedLevel(values: readonly number[], smoothing: number, step: number): number {
  return values.reduce(
    (level, value) => smoothing * value + (1 - smoothing) * (level + step),
    (values[0] ?? 0) - step,
  );
}

/** Slope of the least-squares line. */
function growthPerDay(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  let products = 0;
  let squares = 0;
  values.forEach((value, day) => {
    products += (day - middle) * value;
    squares += (day - middle) ** 2;
  });
  return products / squares;
}

/** Mean deviation of each day of the week from the mean of the week around it; indexed by the day's number modulo 7, adding up to 0. */
function weeklyPattern(values: readonly number[]): number[] {
  const sums = new Array<number>(SEASON).fill(0);
  const counts = new Array<number>(SEASON).fill(0);
  const half = (SEASON - 1) / 2;
  for (let day = Math.max(half, values.length - SEASON_WINDOW); day < values.length - half; day += 1) {
    const week = values.slice(day - half, day + half + 1);
    const mean = week.reduce((sum, value) => sum + value, 0) / SEASON;
    const index = day % SEASON;
    sums[index] = (sums[index] ?? 0) + (values[day] ?? 0) - mean;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const means = sums.map((sum, index) => sum / Math.max(1, counts[index] ?? 0));
  const centre = means.reduce((sum, mean) => sum + mean, 0) / SEASON;
  return means.map((mean) => mean - centre);
}
