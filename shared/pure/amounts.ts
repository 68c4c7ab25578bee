/**
 * Amounts that machines report, such as bytes, and their sums: at most the largest number that is exact everywhere. An
 * absurd one is bounded: to refuse it would lose all that comes with it.
 */
import { z } from 'zod';

const LARGEST_AMOUNT = Number.MAX_SAFE_INTEGER;

/** The sum of two amounts, an amount again. */
export function addAmounts(one: number, other: number): number {
  return Math.min(one + other, LARGEST_AMOUNT);
}

/** The next whole amount of a number that is not negative. */
export function toWholeAmount(value: number): number {
  return Math.min(Math.round(value), LARGEST_AMOUNT);
}

/** A number that is not negative. */
export const amount = z
  .number()
  .nonnegative()
  .overwrite((value) => Math.min(value, LARGEST_AMOUNT));

/** A whole number that is not negative. */
export const wholeAmount = z.number().nonnegative().overwrite(toWholeAmount).int();
