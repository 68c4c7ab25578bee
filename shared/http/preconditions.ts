/** If-Match and If-None-Match (RFC 9110, section 13): the conditions of a request on the version of a resource. */
import { Problem } from '../problem';
import type { Operation } from './operation';
import { validationFailed } from './validation';

interface EntityTag {
  weak: boolean;
  /** With its quotes. */
  opaque: string;
}

/** The tags of a header, `*`, or undefined when it is not a list of ETags. */
function parseEntityTags(header: string): readonly EntityTag[] | '*' | undefined {
  if (header.trim() === '*') return '*';
  const tags: EntityTag[] = [];
  // Commas may be part of a tag, so that the list cannot be split at them.
  const pattern = /[ \t]*(?:(W\/)?("[\x21\x23-\x7e\x80-\xff]*"))?[ \t]*(?:,|$)/y;
  while (pattern.lastIndex < header.length) {
    const found = pattern.exec(header);
    if (!found) return undefined;
    if (found[2] !== undefined) tags.push({ weak: found[1] !== undefined, opaque: found[2] });
  }
  return tags.length > 0 ? tags : undefined;
}

/** Whether If-Match allows a change of the resource that was read, and its ETag. */
export type IfMatch = { outcome: 'holds'; etag: string | undefined } | { outcome: 'fails'; problem: Problem };

/**
 * Compares If-Match with the ETag of the resource. Weak tags never match (strong comparison).
 * @param resource what the change is about; undefined when it does not exist yet
 * @throws Problem `validation-failed` when the header is not a list of ETags
 */
export function checkIfMatch(
  { ifMatch }: Pick<Operation, 'ifMatch'>,
  header: string | null,
  resource: unknown,
): IfMatch {
  if (!ifMatch) return { outcome: 'holds', etag: undefined };
  const etag = etagOf(resource);
  if (header === null) {
    if (ifMatch === 'whenExists' && resource === undefined) return { outcome: 'holds', etag: undefined };
    const detail = 'Send If-Match with the ETag that you read, so that no change of others is lost.';
    throw new Problem('precondition-required', detail);
  }
  const tags = parseEntityTags(header);
  if (!tags) throw malformed();
  if (resource === undefined)
    return fails('The resource does not exist, so that no ETag matches: create it without If-Match.');
  if (tags === '*' || tags.some(({ weak, opaque }) => !weak && opaque === etag))
    return { outcome: 'holds', etag };
  return tags.every(({ weak }) => weak)
    ? fails('A weak ETag (W/"…") never matches: send the ETag as the service answered it, without W/.')
    : fails('The resource has changed since you read it: read it again and repeat your change.');
}

/** Whether If-None-Match names the ETag (weak comparison); a malformed header names nothing. */
export function isNamed(etag: string, ifNoneMatch: string): boolean {
  const tags = parseEntityTags(ifNoneMatch) ?? [];
  return tags === '*' || tags.some(({ opaque }) => opaque === etag);
}

function etagOf(resource: unknown): string | undefined {
  return typeof resource === 'object' && resource !== null && 'etag' in resource
    ? String(resource.etag)
    : undefined;
}

function fails(detail: string): IfMatch {
  return { outcome: 'fails', problem: new Problem('stale', detail) };
}

function malformed(): Problem {
  const detail =
    'Must be an ETag with its double quotes as the service answered it, such as "0a1b2c", several of them separated by commas, or *.';
  return validationFailed('The header', [{ parameter: 'If-Match', detail }]);
}
