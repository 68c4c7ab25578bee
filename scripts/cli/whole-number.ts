/** Reads an option's value that must be a whole number. */
import { UsageError } from './command';

/** @throws UsageError naming the option when its text is not a whole number from 0 */
export function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new UsageError(`--${option} must be a whole number; it is “${text}”.`);
  return value;
}
