/** Reads an option's value that must be a whole number. */
import { UsageError } from './command';

/** @throws UsageError naming the option when its text is not a whole number from 0 to `max` */
export function wholeNumber(option: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0 && value <= max) return value;
  const limit = max === Number.MAX_SAFE_INTEGER ? '' : ` up to ${max}`;
  throw new UsageError(`--${option} must be a whole number${limit}; it is “${text}”.`);
}
