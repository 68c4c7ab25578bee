/** The logons of a machine, from what records say about them: a logon id is unique between two starts of the machine. */
import { isSameAccount } from './accounts';
import { type Account } from './log-record';
import { type LogonFact, type MachineFacts } from './logon-facts';
import { machineStarts, type Sighting, sightingsOf } from './machine-starts';
import { rawReading, type TimeOf } from './timestamps';

/** Times in milliseconds since 1970, UTC. */
export interface Logon {
  /** Lower-case hexadecimal. */
  readonly id: string;
  /** `DOMAIN\name`, as first written. */
  user: string;
  /** All spellings of the account. */
  readonly accounts: Account[];
  terminalSessionId?: number;
  /** When it was first seen with this number. */
  seenInTerminal?: number;
  /** Sysmon's. */
  guid?: string;
  isPrimary: boolean;
  isPresent: boolean;
  /** Type 7: an unlock, a short-lived logon within an existing session. */
  isUnlock: boolean;
  linkedId?: string;
  parentId?: string;
  /** Who started processes of it, other than its user. */
  startedBy?: Account;
  ownsProcess: boolean;
  readonly firstSeen: number;
  lastSeen: number;
  /** The last mention before the machine may have started again: later ones may be of another logon with this id. */
  certainUntil: number;
  /** Undefined when the logon itself was not seen. */
  loggedOn?: number;
  /** What the clock showed at the logon, and in the first mention of it; not corrected to UTC. */
  loggedOnReading?: number;
  readonly firstReading: number;
  /** The last logoff, and the first one: its id may be given again afterwards. */
  loggedOff?: number;
  firstLoggedOff?: number;
  /** Position in the input of the first record that mentions it: unique, and the same when more has been read. */
  firstSequence: number;
}

/** The time between two starts of a machine. */
export interface Epoch {
  /** Infinite before the first start and after the last one that the log shows. */
  readonly start: number;
  readonly end: number;
  /** By id. */
  readonly logons: ReadonlyMap<string, Logon>;
}

/** The epochs of one machine, in order. */
export function epochsOf(machines: readonly MachineFacts[], timeOf: TimeOf): Epoch[] {
  const sightings = sightingsOf(machines, timeOf);
  const { starts, doubtful } = machineStarts(machines, sightings, timeOf);
  const bounds = [-Infinity, ...starts, Infinity];
  return bounds.slice(0, -1).map((start, index) => {
    const end = bounds[index + 1] ?? Infinity;
    const within = sightings.filter(({ time }) => time >= start && time < end);
    return { start, end, logons: logonsOf(within, doubtful) };
  });
}

/** The epoch that a time belongs to. */
export function epochAt(epochs: readonly Epoch[], time: number): Epoch | undefined {
  return epochs.findLast(({ start }) => start <= time);
}

/** Whether an account is that of a logon, in one of the spellings that records have for it. */
export function isOfLogon(logon: Logon, account: Account): boolean {
  return logon.accounts.some((known) => isSameAccount(known, account));
}

function logonsOf(sightings: readonly Sighting[], doubtful: readonly number[]): Map<string, Logon> {
  const logons = new Map<string, Logon>();
  for (const { fact, time } of sightings) {
    const logon = logons.get(fact.id) ?? newLogon(fact, time);
    logons.set(fact.id, logon);
    addFact(logon, fact, time);
    if (!doubtful.some((start) => start > logon.firstSeen && start <= time)) logon.certainUntil = time;
  }
  return logons;
}

function newLogon({ id, account, first, sequence }: LogonFact, time: number): Logon {
  return {
    id,
    user: account.name ?? account.sid ?? '',
    accounts: [],
    isPrimary: false,
    isPresent: false,
    isUnlock: false,
    ownsProcess: false,
    firstSeen: time,
    firstReading: rawReading(first).milliseconds,
    lastSeen: time,
    certainUntil: time,
    firstSequence: sequence,
  };
}

function addFact(logon: Logon, fact: LogonFact, time: number): void {
  const { account, kind } = fact;
  if (!logon.accounts.some(({ name, sid }) => name === account.name && sid === account.sid))
    logon.accounts.push(account);
  logon.terminalSessionId ??= fact.terminalSessionId;
  logon.guid ??= fact.guid;
  logon.isPrimary ||= fact.isPrimary ?? false;
  logon.isPresent ||= fact.isPresent ?? false;
  logon.isUnlock ||= fact.isUnlock ?? false;
  logon.linkedId ??= fact.linkedId;
  logon.parentId ??= fact.parentId;
  logon.startedBy ??= fact.startedBy;
  logon.ownsProcess ||= kind === 'process' || kind === 'audit';
  logon.lastSeen = time;
  addTimes(logon, fact, time);
  logon.firstSequence = Math.min(logon.firstSequence, fact.sequence);
}

function addTimes(logon: Logon, { kind, first, terminalSessionId }: LogonFact, time: number): void {
  if (terminalSessionId !== undefined) logon.seenInTerminal ??= time;
  if (kind === 'logon') {
    logon.loggedOn ??= time;
    logon.loggedOnReading ??= rawReading(first).milliseconds;
  } else if (kind === 'logoff') {
    logon.firstLoggedOff ??= time;
    logon.loggedOff = time;
  }
}
