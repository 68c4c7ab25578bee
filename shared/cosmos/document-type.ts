/** Document types: their names, schema versions and TTL. */

/** Any document body: its own `id` is the domain's id; in Cosmos it is prefixed with the type. */
export interface DocumentBody {
  id: string;
}

/** A document as read: its body and the ETag that a change must match. */
export type Stored<T> = T & { etag: string };

/** How long documents are kept after they were last written: whole seconds, or `never` removed by age. */
export type Ttl = number | 'never';

export interface DocumentType<T extends DocumentBody> {
  readonly name: string;
  readonly schemaVersion: number;
  /** Upgrades a body as an older `schemaVersion` stored it to the current one. */
  readonly upgrade?: ((stored: unknown, from: number) => T) | undefined;
  /** The TTL of a document with this body. */
  ttl(body: T): Ttl;
}

interface DocumentTypeOptions<T extends DocumentBody> {
  /** A function where the state of the document decides. */
  ttlSeconds: Ttl | ((body: T) => Ttl);
  /** Default: 1. */
  schemaVersion?: number;
  upgrade?: DocumentType<T>['upgrade'];
}

/**
 * Declares a document type; `name` prefixes its ids, so that types can share a partition. Every write of a document
 * sets the TTL of its type: what a replacement leaves out is gone in Cosmos, the TTL too.
 */
export function documentType<T extends DocumentBody>(
  name: string,
  { ttlSeconds, schemaVersion = 1, upgrade }: DocumentTypeOptions<T>,
): DocumentType<T> {
  const ttl = typeof ttlSeconds === 'function' ? ttlSeconds : () => ttlSeconds;
  return { name, schemaVersion, upgrade, ttl };
}

/** Converts days to seconds. */
export function days(count: number): number {
  return count * 86_400;
}

/** The Cosmos TTL of a document that does not expire, overriding the default of its container. */
const NEVER_EXPIRES = -1;

const SYSTEM_FIELDS = ['type', 'schemaVersion', '_rid', '_self', '_etag', '_attachments', '_ts', 'ttl'];

/** The id of a document in Cosmos. */
export function wireId(type: Pick<DocumentType<DocumentBody>, 'name'>, id: string): string {
  return `${type.name}:${id}`;
}

/** A body as Cosmos stores it, in the partition with these key values. */
export function toWire<T extends DocumentBody>(
  type: DocumentType<T>,
  body: T,
  partition: Record<string, string>,
): Record<string, unknown> & { id: string } {
  const { etag: _etag, ...fields } = body as T & { etag?: string };
  const ttl = type.ttl(body);
  return {
    ...fields,
    ...partition,
    id: wireId(type, body.id),
    type: type.name,
    schemaVersion: type.schemaVersion,
    ttl: ttl === 'never' ? NEVER_EXPIRES : ttl,
  };
}

/** A stored document as the domain sees it. Trusts what this service wrote. */
export function fromWire<T extends DocumentBody>(
  type: DocumentType<T>,
  wire: Record<string, unknown>,
): Stored<T> {
  const body: Record<string, unknown> = { ...wire, id: String(wire['id']).slice(type.name.length + 1) };
  for (const field of SYSTEM_FIELDS) delete body[field];
  const version = Number(wire['schemaVersion']);
  const stored: unknown = body;
  const current =
    type.upgrade && version < type.schemaVersion ? type.upgrade(stored, version) : (stored as T);
  return { ...current, etag: String(wire['_etag']) };
}
