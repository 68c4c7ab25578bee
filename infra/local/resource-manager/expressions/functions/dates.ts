/** Functions of dates. https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-date */
import { type Arguments } from '../arguments';
import { ExpressionError } from '../errors';
import { type Scope } from '../scope';
import { takes, type FunctionTable } from './function';

export const dateFunctions: FunctionTable = {
  dateTimeAdd: takes(2, dateTimeAdd, 3),
  dateTimeFromEpoch: takes(1, (given) => written(given, new Date(given.integer(0) * 1000), 'o')),
  dateTimeToEpoch: takes(1, (given) => Math.floor(dateOf(given).getTime() / 1000)),
  utcNow: takes(0, utcNow, 1),
};

function utcNow(given: Arguments, scope: Scope): string {
  if (scope.defaults === undefined) throw notExpectedHere(given.functionName);
  return written(given, scope.defaults.now, given.textOr(0, 'yyyyMMddTHHmmssZ'));
}

/** For functions that are allowed only in some places of a template. */
export function notExpectedHere(functionName: string): ExpressionError {
  return new ExpressionError(`The template function '${functionName}' is not expected at this location`);
}

/** Also the compact form that `utcNow()` writes. */
function dateOf(given: Arguments): Date {
  const compact = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  const date = new Date(given.text(0).replace(compact, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(date.getTime()) ? given.refuse(`'${given.text(0)}' is not a date and time`) : date;
}

const duration = /^(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

function dateTimeAdd(given: Arguments): string {
  const date = dateOf(given);
  const match = duration.exec(given.text(1));
  if (match === null || /[PT]$/.test(given.text(1))) {
    return given.refuse(`'${given.text(1)}' is not a duration of ISO 8601`);
  }
  const sign = match[1] === undefined ? 1 : -1;
  const part = (index: number): number => sign * Number(match[index] ?? 0);
  date.setUTCFullYear(date.getUTCFullYear() + part(2));
  date.setUTCMonth(date.getUTCMonth() + part(3));
  const hours = (part(4) * 7 + part(5)) * 24 + part(6);
  date.setTime(date.getTime() + ((hours * 60 + part(7)) * 60 + part(8)) * 1000);
  return written(given, date, given.textOr(2, 'u'));
}

/** .NET's formats: the standard ones o, s, u, d and R, and custom ones of the parts of a date and literal characters. */
function written(given: Arguments, date: Date, format: string): string {
  const iso = date.toISOString();
  const standard: Record<string, string> = {
    o: iso.replace('Z', '0000Z'),
    s: iso.slice(0, 19),
    u: `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`,
    d: `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()}`,
    R: date.toUTCString(),
  };
  if (format.length === 1) {
    return standard[format] ?? given.refuse(`the date format '${format}' is not implemented`);
  }
  const parts: Record<string, string> = {
    yyyy: iso.slice(0, 4),
    yy: iso.slice(2, 4),
    MM: iso.slice(5, 7),
    dd: iso.slice(8, 10),
    HH: iso.slice(11, 13),
    mm: iso.slice(14, 16),
    ss: iso.slice(17, 19),
    fff: iso.slice(20, 23),
    M: String(date.getUTCMonth() + 1),
    d: String(date.getUTCDate()),
  };
  return format.replace(/'([^']*)'|([A-Za-z])\2*/g, (whole, quoted?: string) => {
    if (quoted !== undefined) return quoted;
    return (
      parts[whole] ??
      (/^[TZ]$/.test(whole) ? whole : given.refuse(`the date format '${format}' is not implemented`))
    );
  });
}
