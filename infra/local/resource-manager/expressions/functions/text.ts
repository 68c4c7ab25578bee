/** String functions. https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string */
import { type Arguments } from '../arguments';
import { asText } from '../values';
import { takes, ANY_NUMBER, type FunctionTable } from './function';

export const textFunctions: FunctionTable = {
  endsWith: takes(2, (given) => given.text(0).toLowerCase().endsWith(given.text(1).toLowerCase())),
  format: takes(1, format, ANY_NUMBER),
  join: takes(2, (given) => given.array(0).map(asText).join(given.text(1))),
  padLeft: takes(2, padLeft, 3),
  replace: takes(3, (given) => {
    if (given.text(1) === '') given.refuse('the string to replace must not be empty');
    return given.text(0).split(given.text(1)).join(given.text(2));
  }),
  split: takes(2, split),
  startsWith: takes(2, (given) => given.text(0).toLowerCase().startsWith(given.text(1).toLowerCase())),
  string: takes(1, (given) => asText(given.value(0))),
  substring: takes(2, substring, 3),
  toLower: takes(1, (given) => given.text(0).toLowerCase()),
  toUpper: takes(1, (given) => given.text(0).toUpperCase()),
  trim: takes(1, (given) => given.text(0).trim()),
};

function split(given: Arguments): string[] {
  const delimiters = Array.isArray(given.value(1)) ? given.array(1).map(asText) : [given.text(1)];
  const pattern = delimiters.map((delimiter) => delimiter.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|');
  return pattern === '' ? [given.text(0)] : given.text(0).split(new RegExp(pattern));
}

function substring(given: Arguments): string {
  const text = given.text(0);
  const start = given.integer(1);
  const length = given.count > 2 ? given.integer(2) : text.length - start;
  if (start < 0 || length < 0 || start + length > text.length) {
    given.refuse(
      'the index and length parameters must refer to a location within the string; ' +
        `index: '${start}', length: '${length}', length of the string parameter: '${text.length}'`,
    );
  }
  return text.slice(start, start + length);
}

function padLeft(given: Arguments): string {
  const character = given.textOr(2, ' ');
  if (character.length !== 1) given.refuse('the character to pad with must be a single one');
  return asText(given.value(0)).padStart(given.integer(1), character);
}

/** .NET's composite format: `{index[,alignment][:format]}` with the number formats D, N, X and 0000. */
function format(given: Arguments): string {
  const pattern = /\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^}]*))?\}/g;
  return given.text(0).replace(pattern, (whole, index?: string, alignment?: string, form?: string) => {
    if (index === undefined) return whole.charAt(0);
    const position = Number(index) + 1;
    if (position >= given.count) given.refuse(`there is no argument for '{${index}}' of the format string`);
    const text = form ? formatted(given, position, form) : asText(given.value(position));
    const width = Math.abs(Number(alignment ?? 0));
    return Number(alignment ?? 0) < 0 ? text.padEnd(width) : text.padStart(width);
  });
}

function formatted(given: Arguments, position: number, form: string): string {
  const value = given.integer(position);
  const sign = value < 0 ? '-' : '';
  const digits = String(Math.abs(value));
  const [, letter, precision] = /^([DNX])(\d*)$/i.exec(form) ?? [];
  if (/^0+$/.test(form)) return sign + digits.padStart(form.length, '0');
  switch (letter?.toUpperCase()) {
    case 'D':
      return sign + digits.padStart(Number(precision), '0');
    case 'N':
      return (
        sign +
        digits.replace(/\B(?=(\d{3})+$)/g, ',') +
        (precision === '0' ? '' : `.${'0'.repeat(Number(precision || 2))}`)
      );
    case 'X': {
      const hexadecimal = Math.abs(value).toString(16).padStart(Number(precision), '0');
      return letter === 'X' ? hexadecimal.toUpperCase() : hexadecimal;
    }
    default:
      return given.refuse(`the format '${form}' is not implemented`);
  }
}
