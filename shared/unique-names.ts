/**
 * Unique names: a document reserves each name in the batch of the change that needs it, so that of concurrent requests
 * one wins. Names that were stored before this rule have no reservation; whoever checks a name compares it with all.
 */
import { documentType, type Stored, wireId } from './cosmos/document-type';
import { DocumentExists } from './cosmos/errors';
import { type Change, change, type Partition } from './cosmos/partition';
import { retryConflicts } from './cosmos/retry';
import { sha256Hex } from './ids';
import { Problem } from './problem';

export interface Named {
  id: string;
  name: string;
}

/** Identifies what must have different names within a customer, such as the policies of one kind at a site. */
export type NameScope = readonly [kind: string, ...within: string[]];

/** Reserves a name for one owner. */
interface NameReservation {
  /** Hash of scope and name. */
  id: string;
  ownerId: string;
}

const nameReservationType = documentType<NameReservation>('name', { ttlSeconds: 'never' });

/** The same text for names that users take for the same: case, width, spaces and invisible characters do not matter. */
export function nameKey(name: string): string {
  const visible = name.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
  return visible.trim().replaceAll(/\s+/g, ' ').toUpperCase().normalize('NFKC');
}

/** The other thing that has the name, if there is one. */
export function holderOf(others: readonly Named[], { id, name }: Named): Named | undefined {
  const key = nameKey(name);
  return others.find((other) => other.id !== id && nameKey(other.name) === key);
}

/** The write that reserves the name of a new thing. */
export function nameReservation(scope: NameScope, { id, name }: Named): Change {
  return change.create(nameReservationType, { id: reservationId(scope, name), ownerId: id });
}

/** The writes that release the name of a thing that is deleted; none when it was stored without a reservation. */
export async function nameRelease(
  control: Partition,
  scope: NameScope,
  { id, name }: Named,
): Promise<Change[]> {
  const held: Stored<NameReservation> | undefined = await control.read(
    nameReservationType,
    reservationId(scope, name),
  );
  return held?.ownerId === id ? [change.remove(nameReservationType, held.id, held.etag)] : [];
}

/** The writes that a rename adds to its batch. */
export async function nameChange(
  control: Partition,
  scope: NameScope,
  before: Named,
  after: string,
): Promise<Change[]> {
  return [
    nameReservation(scope, { id: before.id, name: after }),
    ...(await nameRelease(control, scope, before)),
  ];
}

/** Whether a change of the name needs another reservation. */
export function isRename(before: string, after: string): boolean {
  return nameKey(before) !== nameKey(after);
}

/** Repeats work that checks and reserves a name, when another request has reserved the name in between. */
export function whileNameIsContended<T>(work: () => Promise<T>): Promise<T> {
  return retryConflicts(work, isReservedName);
}

function isReservedName(error: unknown): boolean {
  return error instanceof DocumentExists && error.documentId.startsWith(wireId(nameReservationType, ''));
}

/** The name, or the name with the first suffix that makes it free, shortened to `maximum` characters. */
export function freeName(
  name: string,
  others: readonly Named[],
  maximum: number,
  suffixes: { from: 1 | 2; suffix: (number: number) => string },
): string {
  const taken = new Set(others.map((other) => nameKey(other.name)));
  for (let number = suffixes.from; ; number++) {
    const suffix = suffixes.suffix(number);
    const candidate = [...name].slice(0, maximum - suffix.length).join('') + suffix;
    if (!taken.has(nameKey(candidate))) return candidate;
  }
}

/**
 * The refusal of a name that another thing has.
 * @param subject with article and name, such as `The policy "Shells" of this site`
 */
export function nameIsTaken(
  subject: string,
  { advice, conflict, pointer = '/name' }: { advice: string; conflict: object; pointer?: string | null },
): Problem {
  const detail = `${subject} already has this name (upper and lower case count as the same): ${advice}`;
  return new Problem('already-exists', detail, {
    ...(pointer === null ? {} : { errors: [{ pointer, detail }] }),
    extensions: { conflict },
  });
}

function reservationId(scope: NameScope, name: string): string {
  return sha256Hex(JSON.stringify([...scope, nameKey(name)]));
}
