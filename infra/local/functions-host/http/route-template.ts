/** Route templates of ASP.NET Core as HTTP triggers use them: literals, parameters, constraints, optional and catch-all. */

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'parameter';
      readonly name: string;
      readonly optional: boolean;
      readonly constraints: readonly Constraint[];
    }
  | { readonly kind: 'catchAll'; readonly name: string; readonly constraints: readonly Constraint[] };

interface Constraint {
  readonly text: string;
  readonly accepts: (value: string) => boolean;
}

export type RouteParameters = Readonly<Record<string, string>>;

/** The inline constraints of ASP.NET Core; `argument` is what stands in the parentheses. */
const CONSTRAINTS: Readonly<Record<string, (argument: string) => (value: string) => boolean>> = {
  int: () => (value) => /^[+-]?\d+$/.test(value) && Math.abs(Number(value)) <= 2 ** 31,
  long: () => (value) => /^[+-]?\d{1,19}$/.test(value),
  float: () => isNumber,
  double: () => isNumber,
  decimal: () => isNumber,
  bool: () => (value) => /^(true|false)$/i.test(value),
  guid: () => (value) => /^\{?[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}\}?$/i.test(value),
  alpha: () => (value) => /^[a-z]*$/i.test(value),
  required: () => (value) => value !== '',
  min: (argument) => (value) => isNumber(value) && Number(value) >= Number(argument),
  max: (argument) => (value) => isNumber(value) && Number(value) <= Number(argument),
  range: (argument) => {
    const [low, high] = argument.split(',').map(Number);
    return (value) => isNumber(value) && Number(value) >= (low ?? 0) && Number(value) <= (high ?? 0);
  },
  minlength: (argument) => (value) => value.length >= Number(argument),
  maxlength: (argument) => (value) => value.length <= Number(argument),
  length: (argument) => {
    const [low, high = low] = argument.split(',').map(Number);
    return (value) => value.length >= (low ?? 0) && value.length <= (high ?? 0);
  },
  regex: (argument) => {
    // In a template braces and brackets are doubled.
    const pattern = new RegExp(
      argument.replace(/\{\{|\}\}|\[\[|\]\]/g, (pair) => pair.charAt(0)),
      'i',
    );
    return (value) => pattern.test(value);
  },
};

export class RouteTemplate {
  private readonly segments: readonly Segment[];

  /** Throws when `text` is no template, or one that this host cannot match (a complex segment, an unknown constraint). */
  constructor(readonly text: string) {
    this.segments = splitSegments(text).map((segment) => parseSegment(segment, text));
  }

  /** The parameters of a path (decoded segments), or undefined when the template does not match it. */
  match(path: readonly string[]): RouteParameters | undefined {
    const parameters: Record<string, string> = {};
    for (const [index, segment] of this.segments.entries()) {
      if (segment.kind === 'catchAll') {
        const rest = path.slice(index).join('/');
        if (rest !== '') parameters[segment.name] = rest;
        return segment.constraints.every((constraint) => constraint.accepts(rest)) ? parameters : undefined;
      }
      const value = path[index] ?? '';
      if (segment.kind === 'literal') {
        if (value.toLowerCase() !== segment.text.toLowerCase()) return undefined;
      } else if (value !== '') {
        if (!segment.constraints.every((constraint) => constraint.accepts(value))) return undefined;
        parameters[segment.name] = value;
      } else if (!segment.optional) {
        return undefined;
      }
    }
    return path.length <= this.segments.length ? parameters : undefined;
  }

  /** True when this template matches every path that `other` matches, so that after this one `other` is never reached. */
  covers(other: RouteTemplate): boolean {
    for (let index = 0; ; index += 1) {
      const mine = this.segments[index];
      const theirs = other.segments[index];
      if (mine?.kind === 'catchAll') return mine.constraints.length === 0;
      if (!mine || !theirs) return !theirs && (!mine || isOptional(mine));
      if (theirs.kind === 'catchAll' || (isOptional(theirs) && !isOptional(mine))) return false;
      if (!segmentCovers(mine, theirs)) return false;
    }
  }
}

/** The decoded segments of a URL path. Kestrel leaves %2F and what is no valid escape as they are. */
export function pathSegments(pathname: string): string[] {
  const trimmed = pathname.replace(/^\//, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/').map(decodeSegment);
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment.replace(/%(?=2f)/gi, '%25'));
  } catch {
    return segment;
  }
}

/** Splits at the slashes that stand outside braces: a regex constraint may hold some. */
function splitSegments(text: string): string[] {
  const trimmed = text.replace(/^~?\/|\/$/g, '');
  return trimmed === '' ? [] : trimmed.split(/\/(?![^{]*\}(?!\}))/);
}

function parseSegment(segment: string, template: string): Segment {
  if (!/[{}]/.test(segment)) return { kind: 'literal', text: segment };
  const [, stars, name, constraintText = '', optional] =
    /^\{(\*{0,2})(\w+)((?::(?:[^{}?]|\{\{|\}\}|\([^)]*\))+)?)(\?)?\}$/.exec(segment) ?? [];
  if (name === undefined) throw new Error(`Route '${template}': segment '${segment}' is not implemented`);
  const constraints = splitConstraints(constraintText).map((text) => parseConstraint(text, template));
  if (stars) return { kind: 'catchAll', name, constraints };
  return { kind: 'parameter', name, optional: optional === '?', constraints };
}

function splitConstraints(text: string): string[] {
  return [...text.matchAll(/:((?:\((?:[^()]|\([^()]*\))*\)|[^:(])+)/g)].map(
    ([, constraint = '']) => constraint,
  );
}

function parseConstraint(text: string, template: string): Constraint {
  const [, name = '', argument = ''] = /^(\w+)(?:\((.*)\))?$/.exec(text) ?? [];
  const make = CONSTRAINTS[name.toLowerCase()];
  if (!make) throw new Error(`Route '${template}': constraint '${text}' is not implemented`);
  return { text, accepts: make(argument) };
}

function isOptional(segment: Segment): boolean {
  return segment.kind === 'catchAll' || (segment.kind === 'parameter' && segment.optional);
}

function segmentCovers(
  mine: Exclude<Segment, { kind: 'catchAll' }>,
  theirs: Exclude<Segment, { kind: 'catchAll' }>,
): boolean {
  if (theirs.kind === 'literal') {
    if (mine.kind === 'literal') return mine.text.toLowerCase() === theirs.text.toLowerCase();
    return mine.constraints.every((constraint) => constraint.accepts(theirs.text));
  }
  if (mine.kind === 'literal') return false;
  return mine.constraints.every(({ text }) =>
    theirs.constraints.some((constraint) => constraint.text === text),
  );
}

function isNumber(value: string): boolean {
  return value.trim() !== '' && Number.isFinite(Number(value));
}
