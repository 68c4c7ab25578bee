/** What the validator finds, in plain sentences: what is wrong, the limit, and what to do. No other text reaches users. */
import { z } from 'zod';

type RawIssue = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;
type Limits<I> = Omit<I, 'path' | 'message'>;

/** One problem of a value, and where within it. */
export interface PlainIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/** By format of the validator. The examples are valid. */
const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'a UUID such as 0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55',
  guid: 'a GUID such as 6f2f3a54-1d0b-4f0a-9a55-9f6a3c1d7e10',
  datetime:
    'an existing date and time with an offset, such as 2026-11-29T12:00:00Z or 2026-11-29T13:00:00+01:00',
  date: 'an existing date such as 2026-11-29',
  time: 'a time such as 13:30',
  email: 'an e-mail address such as ada@contoso.example',
  url: 'a URL such as https://recordings.contoso.example',
  base64: 'base64 text',
  ipv4: 'an IPv4 address such as 10.0.0.7',
  ipv6: 'an IPv6 address such as 2001:db8::7',
  cidrv4: 'an IPv4 range such as 10.0.0.0/8',
  cidrv6: 'an IPv6 range such as 2001:db8::/32',
  hostname: 'a host name such as mail.contoso.example',
};

/** The sentence for what the schema itself does not explain. */
function plainMessage(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongKind(issue.expected, issue.input);
    case 'invalid_value':
      return oneOf(issue.values);
    case 'too_big':
      return tooBig(issue);
    case 'too_small':
      return tooSmall(issue);
    case 'not_multiple_of':
      return `Must be a multiple of ${issue.divisor}.`;
    case 'invalid_format':
      return `Must be ${FORMATS[issue.format] ?? 'written in the documented form'}.`;
    case 'unrecognized_keys':
      return 'Unknown field: remove it, or check its spelling.';
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? oneOf(issue.options)
        : 'Has none of the documented forms: see the API documentation.';
    case 'invalid_key':
      return 'The name of this field is not allowed: see the API documentation.';
    default:
      return 'Is not valid: see the API documentation.';
  }
}

function wrongKind(expected: string, input: unknown): string {
  const kind = KINDS[expected] ?? 'a value of the documented kind';
  if (input === undefined) return `Is required: specify ${kind}.`;
  if (expected === 'int' && typeof input === 'number') return 'Must be a whole number.';
  return `Must be ${kind}, not ${kindOf(input)}.`;
}

function kindOf(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'boolean') return String(input);
  return KINDS[typeof input] ?? 'another value';
}

function oneOf(values: readonly unknown[]): string {
  const [first, ...others] = values.map((value) => String(value));
  return others.length === 0 ? `Must be ${first}.` : `Must be one of: ${[first, ...others].join(', ')}.`;
}

function tooBig({ origin, maximum, inclusive }: Limits<z.core.$ZodIssueTooBig>): string {
  switch (origin) {
    case 'string':
      return `Is too long: at most ${counted(maximum, 'character')}.`;
    case 'array':
    case 'set':
      return `Has too many entries: at most ${maximum}.`;
    default:
      return inclusive === false ? `Must be less than ${maximum}.` : `Must be at most ${maximum}.`;
  }
}

function tooSmall({ origin, minimum, inclusive, exact }: Limits<z.core.$ZodIssueTooSmall>): string {
  switch (origin) {
    case 'string':
      if (exact) return `Must have exactly ${counted(minimum, 'character')}.`;
      return minimum === 1
        ? 'Must not be empty.'
        : `Is too short: at least ${counted(minimum, 'character')}.`;
    case 'array':
    case 'set':
      return `Has too few entries: at least ${minimum}.`;
    default:
      return inclusive === false ? `Must be greater than ${minimum}.` : `Must be at least ${minimum}.`;
  }
}

function counted(count: number | bigint, noun: string): string {
  return `${count} ${noun}${Number(count) === 1 ? '' : 's'}`;
}

// For every schema, also for those that a check of another schema parses by itself.
z.config({ customError: plainMessage });

/** The issues of a value, each where it is: unknown fields one by one, those of alternatives at the one that was meant. */
export function plainIssues(issues: readonly Issue[], parent: readonly PropertyKey[] = []): PlainIssue[] {
  return issues.flatMap((issue): PlainIssue[] => {
    const path = [...parent, ...issue.path];
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({ path: [...path, key], message: issue.message }));
      case 'invalid_union': {
        const meant = meantAlternative(issue.errors);
        return meant ? plainIssues(meant, path) : [{ path, message: issue.message }];
      }
      default:
        return [{ path, message: issue.message }];
    }
  });
}

/** The only alternative whose kind the value has, if there is one. */
function meantAlternative(alternatives: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = alternatives.filter((issues) =>
    issues.every(({ code, path }) => path.length > 0 || code !== 'invalid_type'),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}
