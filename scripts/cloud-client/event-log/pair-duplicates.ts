/** Finds records that report an occurrence for the second time, such as Sysmon 1 and Security 4688 of one process. */
import { isOtherAccount } from './accounts';
import { type Actor, personOf } from './actor';
import { type DuplicateKey } from './detect';

export interface DuplicateCandidate {
  readonly host: string;
  readonly duplicateKey: DuplicateKey;
  readonly actor: Actor;
  /** Milliseconds since 1970, UTC. */
  readonly time: number;
  /** The record's number in its log, where it has one; orders records with the same time. */
  readonly number?: string;
  /** Position in the input; orders those without a number. */
  readonly sequence: number;
}

interface Family {
  /** How far apart the two records of one occurrence may be. */
  readonly windowMs: number;
  /** The same when both have the same process id; Windows soon reuses ids, but not for the same program. */
  readonly sameProcessWindowMs: number;
  /** Followers of one subject this close together are one occurrence. */
  readonly repeatWindowMs: number;
}

/**
 * Sysmon and the Security log both stamp a process as it starts and ends; forwarders cut one of the stamps to the
 * second. A remote desktop logon follows its connection when the user has typed the password, and is recorded twice,
 * for the full and the limited token. Windows Installer writes its two records one after the other.
 */
const FAMILIES: Readonly<Record<DuplicateKey['family'], Family>> = {
  processStart: { windowMs: 2_000, sameProcessWindowMs: 10_000, repeatWindowMs: -1 },
  processEnd: { windowMs: 2_000, sameProcessWindowMs: 10_000, repeatWindowMs: -1 },
  remoteDesktop: { windowMs: 60_000, sameProcessWindowMs: 60_000, repeatWindowMs: 2_000 },
  installation: { windowMs: 10_000, sameProcessWindowMs: 10_000, repeatWindowMs: -1 },
  removal: { windowMs: 10_000, sameProcessWindowMs: 10_000, repeatWindowMs: -1 },
};

/**
 * The items that duplicate another: each follower paired one to one with a lead of its machine, family and subject
 * (and process id, where both have one), and followers that duplicate a follower. The order of the items does not
 * matter.
 */
export function findDuplicates<T extends DuplicateCandidate>(items: readonly T[]): Map<T, T> {
  const duplicates = new Map<T, T>();
  for (const group of groupsOf(items).values()) pairGroup(group, duplicates);
  return duplicates;
}

function groupsOf<T extends DuplicateCandidate>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of [...items].sort(inOrder)) {
    const key = `${item.duplicateKey.family} ${item.host}`;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

function inOrder(left: DuplicateCandidate, right: DuplicateCandidate): number {
  const byNumber = (left.number ?? '').localeCompare(right.number ?? '', 'en', { numeric: true });
  return left.time - right.time || byNumber || left.sequence - right.sequence;
}

function pairGroup<T extends DuplicateCandidate>(group: readonly T[], duplicates: Map<T, T>): void {
  const [first] = group;
  if (!first) return;
  const family = FAMILIES[first.duplicateKey.family];
  const isFree = (item: T): boolean => !duplicates.has(item);
  const leads = group.filter((item) => item.duplicateKey.role === 'lead');
  const followers = group.filter((item) => item.duplicateKey.role === 'follower');
  findRepeatedFollowers(followers, family.repeatWindowMs, duplicates);
  const taken = new Set<T>();
  const pair = (
    keyOf: (item: T) => string | undefined,
    windowMs: number,
    mayPair: (lead: T, follower: T) => boolean,
  ): void => {
    const free = bySubject(followers.filter(isFree), keyOf);
    for (const [key, some] of bySubject(
      leads.filter((lead) => !taken.has(lead)),
      keyOf,
    )) {
      for (const [lead, follower] of pairInOrder(some, free.get(key) ?? [], windowMs, mayPair)) {
        taken.add(lead);
        duplicates.set(follower, lead);
      }
    }
  };
  // At the same time even two names are one process: one log may name who started it, the other as whom it runs.
  const mayBeOneProcess = (lead: T, follower: T): boolean =>
    haveSameName(lead, follower) &&
    (Math.abs(lead.time - follower.time) <= family.windowMs || mayBeOnePerson(lead.actor, follower.actor));
  pair((item) => item.duplicateKey.processId, family.sameProcessWindowMs, mayBeOneProcess);
  pair((item) => item.duplicateKey.subject, family.windowMs, mayBeOneOccurrence);
}

function findRepeatedFollowers<T extends DuplicateCandidate>(
  followers: readonly T[],
  windowMs: number,
  duplicates: Map<T, T>,
): void {
  for (const same of bySubject(followers, repetitionKey).values()) {
    let first: T | undefined;
    for (const item of same) {
      if (first && item.time - first.time <= windowMs) duplicates.set(item, first);
      else first = item;
    }
  }
}

/** Two people can come from one address. */
function repetitionKey({ duplicateKey: { subject }, actor }: DuplicateCandidate): string | undefined {
  return subject === undefined ? undefined : `${subject} ${personOf(actor) ?? ''}`;
}

function bySubject<T>(items: readonly T[], keyOf: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Pairs two lists that are in order of time, without crossing: the most pairs there can be. */
function pairInOrder<T extends DuplicateCandidate>(
  leads: readonly T[],
  followers: readonly T[],
  windowMs: number,
  mayPair: (lead: T, follower: T) => boolean,
): [T, T][] {
  const pairs: [T, T][] = [];
  const used = new Set<T>();
  let from = 0;
  for (const lead of leads) {
    while ((followers[from]?.time ?? Infinity) < lead.time - windowMs) from += 1;
    for (let index = from; (followers[index]?.time ?? Infinity) <= lead.time + windowMs; index += 1) {
      const follower = followers[index];
      if (follower === undefined || used.has(follower) || !mayPair(lead, follower)) continue;
      used.add(follower);
      pairs.push([lead, follower]);
      break;
    }
  }
  return pairs;
}

/**
 * Programs are identified by the end of their path: one log may write a device's path, the other a drive's, or know
 * none.
 */
function haveSameName<T extends DuplicateCandidate>(left: T, right: T): boolean {
  const [one, other] = [nameOf(left), nameOf(right)];
  return one === undefined || other === undefined || one === other;
}

const nameOf = (item: DuplicateCandidate): string | undefined =>
  item.duplicateKey.subject?.split('\\').at(-1);

/** Two known process ids that differ are two processes; what two people did are two occurrences. */
function mayBeOneOccurrence<T extends DuplicateCandidate>(left: T, right: T): boolean {
  const [one, other] = [left.duplicateKey.processId, right.duplicateKey.processId];
  const isOneProcess = one === undefined || other === undefined || one === other;
  return isOneProcess && mayBeOnePerson(left.actor, right.actor);
}

/** A name, a SID and a logon id cannot be compared with each other; what the system did may be for anybody. */
function mayBeOnePerson(left: Actor, right: Actor): boolean {
  const [one, other] = [personOf(left), personOf(right)];
  if (one === undefined || other === undefined) return true;
  const areLogonIds = one.startsWith('0x') && other.startsWith('0x');
  return areLogonIds ? one === other : !isOtherAccount(left.account, right.account);
}
