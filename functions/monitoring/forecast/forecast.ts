/** Forecast of daily values, as of used storage: by the simple method that forecast the recent past best. */
import { removeLevelShifts } from './level-shifts';
import { forecastsByMethod, isNaive, METHODS, SEASON } from './methods';

export interface ForecastDay {
  /** In the unit of the history. */
  readonly value: number;
  /** The interval in which 95 of 100 values are expected, unless an archive or delete run intervenes. */
  readonly lower: number;
  readonly upper: number;
}

export type Forecast =
  | { readonly available: true; readonly days: readonly ForecastDay[] }
  | { readonly available: false; readonly reason: 'historyTooShort' | 'valuesMissing' };

/** Days of history without which there is no forecast: four weeks show a weekly pattern. */
export const MINIMUM_HISTORY = 28;
/** What is older says little about the next days. */
const MAXIMUM_HISTORY = 180;
/** The day from which past forecasts are judged: the least from which a method can forecast a week. */
const FIRST_ORIGIN = SEASON + 3;
const MAXIMUM_ORIGINS = 60;
/** Another method than the naive one must have made at most this share of its errors: a smaller lead is mostly chance. */
const CLEAR_LEAD = 0.75;
/** Past errors in units of their root mean square; wider than the 1.96 of a normal distribution, since they are heavy-tailed. */
const INTERVAL_WIDTH = 2.25;

/**
 * The days after the history, each with a 95 % interval; nothing is below zero.
 * @param history one value per day, oldest first, at least 28
 * @param horizon days to forecast, at least 1
 */
export function forecast(history: readonly number[], horizon: number): Forecast {
  if (!history.every(Number.isFinite)) return { available: false, reason: 'valuesMissing' };
  if (history.length < MINIMUM_HISTORY) return { available: false, reason: 'historyTooShort' };
  const values = removeLevelShifts(history.slice(-MAXIMUM_HISTORY));
  const errors = pastErrors(values, horizon);
  const best = bestMethod(errors);
  const spread = spreadByDay(errors[best] ?? [], horizon);
  const days = (forecastsByMethod(values, horizon)[best] ?? []).map((value, day) => {
    const margin = INTERVAL_WIDTH * (spread[day] ?? 0);
    return {
      value: Math.max(0, value),
      lower: Math.max(0, value - margin),
      upper: Math.max(0, value + margin),
    };
  });
  return { available: true, days };
}

/** The errors of past forecasts by method, then by the day on which they were made, then by days ahead. */
function pastErrors(values: readonly number[], horizon: number): number[][][] {
  const errors: number[][][] = METHODS.map(() => []);
  for (
    let origin = Math.max(FIRST_ORIGIN, values.length - MAXIMUM_ORIGINS);
    origin < values.length;
    origin += 1
  ) {
    const actual = values.slice(origin, origin + horizon);
    forecastsByMethod(values.slice(0, origin), actual.length).forEach((days, method) =>
      errors[method]?.push(actual.map((value, day) => value - (days[day] ?? 0))),
    );
  }
  return errors;
}

/** Index of the method with the least sum of past errors, the naive one with a lead. */
function bestMethod(errors: readonly (readonly (readonly number[])[])[]): number {
  const sums = METHODS.map((method, index) => {
    const sum = (errors[index] ?? []).flat().reduce((total, error) => total + Math.abs(error), 0);
    return isNaive(method) ? sum * CLEAR_LEAD : sum;
  });
  return sums.indexOf(Math.min(...sums));
}

/** Root mean square of past errors by days ahead, never less than for fewer days; larger the fewer there are to estimate it from. */
function spreadByDay(errors: readonly (readonly number[])[], horizon: number): number[] {
  let least = 0;
  return Array.from({ length: horizon }, (_, day) => {
    const squares = errors.flatMap((days) => (days[day] === undefined ? [] : [days[day] ** 2]));
    const sum = squares.reduce((total, square) => total + square, 0);
    if (squares.length > 0)
      least = Math.max(least, Math.sqrt(sum / squares.length) * (1 + 2 / squares.length));
    return least;
  });
}
