/** The simple methods among which a forecast chooses: exponential smoothing of the level, each with and without a weekly pattern. */

export const SEASON = 7;
/** Days from which the growth per day is estimated. */
const GROWTH_WINDOW = 8 * SEASON;
/** Weeks from which the weekly pattern is estimated. */
const SEASON_WINDOW = 12 * SEASON;
/** Growth counts only as far as it is this many times its standard error: most of what looks like growth is chance. */
const CERTAIN_GROWTH = 3;

interface Method {
  /** Share of the newest value in the level; 1: the newest value is the level. */
  readonly smoothing: number;
  readonly weekly: boolean;
}

export const METHODS: readonly Method[] = [false, true].flatMap((weekly) =>
  [1, 0.5, 0.2, 0.05].map((smoothing) => ({ smoothing, weekly })),
);

/** The method that no other beats on a series without pattern: the newest value, with its growth, goes on. */
export const isNaive = ({ smoothing, weekly }: Method): boolean => smoothing === 1 && !weekly;

/** The forecasts of all methods, in their order, each with as many days as the horizon has. */
export function forecastsByMethod(values: readonly number[], horizon: number): number[][] {
  const pattern = weeklyPattern(values);
  const seasonless = values.map((value, day) => value - (pattern[day % SEASON] ?? 0));
  const growth = growthPerDay(seasonless.slice(-GROWTH_WINDOW));
  return METHODS.map(({ smoothing, weekly }) => {
    const level = smoothedLevel(weekly ? seasonless : values, smoothing, growth);
    return Array.from({ length: horizon }, (_, day) => {
      const season = weekly ? (pattern[(values.length + day) % SEASON] ?? 0) : 0;
      return level + growth * (day + 1) + season;
    });
  });
}

function smoothedLevel(values: readonly number[], smoothing: number, growth: number): number {
  return values.reduce(
    (level, value) => smoothing * value + (1 - smoothing) * (level + growth),
    (values[0] ?? 0) - growth,
  );
}

/** Slope of the least-squares line, reduced the more the less certain the mean step from day to day is; 0 when it may be chance. */
function growthPerDay(values: readonly number[]): number {
  const steps = values.slice(1).map((value, day) => value - (values[day] ?? 0));
  const step = mean(steps);
  if (step === 0) return 0;
  const variance = mean(steps.map((one) => (one - step) ** 2)) / (steps.length - 1);
  return slopeOf(values) * Math.max(0, 1 - (CERTAIN_GROWTH ** 2 * variance) / step ** 2);
}

function slopeOf(values: readonly number[]): number {
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
  const deviations: number[][] = Array.from({ length: SEASON }, () => []);
  const half = (SEASON - 1) / 2;
  for (let day = Math.max(half, values.length - SEASON_WINDOW); day < values.length - half; day += 1)
    deviations[day % SEASON]?.push((values[day] ?? 0) - mean(values.slice(day - half, day + half + 1)));
  const means = deviations.map((one) => (one.length === 0 ? 0 : mean(one)));
  const centre = mean(means);
  return means.map((one) => one - centre);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
