/** Forecast of daily values, as of used storage: a combination of simple methods, weighted by their errors in the recent past. */
import { MEMBERS, memberForecasts, SEASON } from './members';
import { removeLevelShifts } from './level-shifts';

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
/** Two weeks, the least from which a member can forecast. */
const FIRST_ORIGIN = 2 * SEASON;
const MAXIMUM_ORIGINS = 60;
/** How strongly small past errors are preferred: weight = error to the power of minus this. */
const PREFERENCE = 4;
/** Past errors in units of their root mean square; wider than the 1.96 of a normal distribution, since they are few and heavy-tailed. */
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
  const past = pastForecasts(values, horizon);
  const weights = weightsOf(past);
  const spread = spreadByDay(past, weights, horizon);
  const members = memberForecasts(values, horizon);
  const days = spread.map((deviation, day) => {
    const value = combine(members, weights, day);
    const margin = INTERVAL_WIDTH * deviation;
    return {
      value: Math.max(0, value),
      lower: Math.max(0, value - margin),
      upper: Math.max(0, value + margin),
    };
  });
  return { available: true, days };
}

/** What the members would have forecast on a past day, and what came. */
interface PastForecast {
  readonly members: readonly (readonly number[])[];
  readonly actual: readonly number[];
}

function pastForecasts(values: readonly number[], horizon: number): PastForecast[] {
  const first = Math.max(FIRST_ORIGIN, values.length - MAXIMUM_ORIGINS);
  return Array.from({ length: values.length - first }, (_, index) => {
    const actual = values.slice(first + index, first + index + horizon);
    return { members: memberForecasts(values.slice(0, first + index), actual.length), actual };
  });
}

/** Weights of the members that add up to 1. */
function weightsOf(past: readonly PastForecast[]): number[] {
  const errors = MEMBERS.map((_, member) =>
    past.reduce(
      (sum, { members, actual }) =>
        sum + actual.reduce((part, value, day) => part + Math.abs(value - (members[member]?.[day] ?? 0)), 0),
      0,
    ),
  );
  const least = Math.min(...errors);
  // A constant history is forecast without any error by several members.
  const weights = errors.map((error) => (error === 0 ? 1 : (least / error) ** PREFERENCE));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Root mean square of the past errors by days ahead; never less than for fewer days. */
function spreadByDay(past: readonly PastForecast[], weights: readonly number[], horizon: number): number[] {
  let least = 0;
  return Array.from({ length: horizon }, (_, day) => {
    const squares = past.flatMap(({ members, actual }) => {
      const value = actual[day];
      return value === undefined ? [] : [(value - combine(members, weights, day)) ** 2];
    });
    if (squares.length > 0)
      least = Math.max(least, Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length));
    return least;
  });
}

function combine(members: readonly (readonly number[])[], weights: readonly number[], day: number): number {
  return members.reduce((sum, values, member) => sum + (weights[member] ?? 0) * (values[day] ?? 0), 0);
}
