/** When a machine started: by the records that say so, and by logon ids that prove it. */
import { isOtherAccount, isSameAccount } from './accounts';
import { type LogonFact, type MachineFacts } from './logon-facts';
import { type TimeOf } from './timestamps';

/** A mention of a logon, in UTC. */
export interface Sighting {
  readonly fact: LogonFact;
  readonly time: number;
}

/** All records of one start of a machine come within this time. */
const ONE_START_MS = 5 * 60 * 1000;
/** Logons at the same time are written in no certain order, and one can be written twice. */
const SAME_TIME_MS = 30 * 1000;

/** The mentions of all logons, in order of time. */
export function sightingsOf(machines: readonly MachineFacts[], timeOf: TimeOf): Sighting[] {
  const facts = withSids(machines.flatMap(({ logons }) => [...logons.values()]));
  return facts
    .flatMap((fact) => {
      const timestamps = fact.last === fact.first ? [fact.first] : [fact.first, fact.last];
      return timestamps.map((timestamp) => ({
        fact,
        time: timeOf(timestamp),
        sequence: timestamp.sequence,
      }));
    })
    .sort((left, right) => left.time - right.time || left.sequence - right.sequence);
}

/** Sysmon gives names alone, and the name in 4624 may be another one of the same account: the SID is what they share. */
function withSids(facts: readonly LogonFact[]): LogonFact[] {
  const sids = new Map<string, Set<string>>();
  for (const { account } of facts) {
    if (account.name === undefined || account.sid === undefined) continue;
    const name = account.name.toLowerCase();
    sids.set(name, (sids.get(name) ?? new Set()).add(account.sid));
  }
  return facts.map((fact) => {
    const { name, sid } = fact.account;
    const [known, ...others] = sids.get(name?.toLowerCase() ?? '') ?? [];
    return sid === undefined && known !== undefined && others.length === 0
      ? { ...fact, account: { name, sid: known } }
      : fact;
  });
}

/** In order of time: milliseconds since 1970, UTC. */
interface MachineStarts {
  readonly starts: readonly number[];
  /** There may have been a start, but an earlier logon seems to go on after it. */
  readonly doubtful: readonly number[];
}

/** When a machine started, as far as its records show. */
export function machineStarts(
  machines: readonly MachineFacts[],
  sightings: readonly Sighting[],
  timeOf: TimeOf,
): MachineStarts {
  const recorded = recordedStarts(machines, sightings, timeOf);
  const spans = spansOf(sightings, recorded);
  const starts = [...recorded];
  const doubtful: number[] = [];
  const conclusions = [
    ...startsByReuse(spans),
    ...startsByLowerId(sightings),
    ...startsByClearedLog(machines, sightings, timeOf),
  ];
  for (const { after, at, isCertain } of conclusions.sort((left, right) => left.at - right.at)) {
    const isExplained = starts.some((start) => start > after && start <= at);
    const isContradicted =
      !isCertain && spans.some((span) => span.first < at && span.last >= at && !span.isReused);
    if (!isExplained) (isContradicted ? doubtful : starts).push(at);
  }
  const inOrder = (times: number[]) => times.sort((left, right) => left - right);
  return { starts: inOrder(starts), doubtful: inOrder(doubtful) };
}

/** One time for all records of one start. */
function recordedStarts(
  machines: readonly MachineFacts[],
  sightings: readonly Sighting[],
  timeOf: TimeOf,
): number[] {
  const records = machines
    .flatMap(({ starts }) => starts)
    .filter(({ kind }) => kind !== 'logCleared')
    .map(({ kind, eventId, timestamp }) => ({ kind, eventId, time: timeOf(timestamp) }))
    // Sysmon starts with the machine, and also after an update of itself, when logons go on.
    .filter(({ kind, time }) => kind !== 'sysmon' || !goesOnWithGuid(sightings, time))
    .sort((left, right) => left.time - right.time);
  const starts: { time: number; eventIds: number[] }[] = [];
  for (const { eventId, time } of records) {
    const last = starts.at(-1);
    if (last && time - last.time <= ONE_START_MS && !last.eventIds.includes(eventId))
      last.eventIds.push(eventId);
    else starts.push({ time, eventIds: [eventId] });
  }
  return starts.map(({ time }) => time);
}

function goesOnWithGuid(sightings: readonly Sighting[], time: number): boolean {
  const before = new Set(sightings.filter((one) => one.time < time).map(({ fact }) => fact.guid));
  return sightings.some(
    ({ fact, time: seen }) => seen >= time && fact.guid !== undefined && before.has(fact.guid),
  );
}

/** How long a logon id was seen with one account. */
interface Span {
  readonly id: string;
  fact: LogonFact;
  readonly first: number;
  last: number;
  loggedOn?: number;
  /** Whether the id is another logon's before or after. */
  isReused: boolean;
}

/** The spans of all logon ids; a recorded start ends them. */
function spansOf(sightings: readonly Sighting[], starts: readonly number[]): Span[] {
  const byId = new Map<string, Span[]>();
  for (const { fact, time } of sightings) {
    const spans = byId.get(fact.id) ?? [];
    byId.set(fact.id, spans);
    // What was before somebody else had the id is over.
    const since = spans.findLastIndex((span) => isOtherAccount(span.fact.account, fact.account)) + 1;
    const known = spans.slice(since).findLast((span) => isOneLogon(span, fact, time));
    const isRestarted = known && starts.some((start) => start > known.last && start <= time);
    if (known && !isRestarted) {
      known.last = time;
      // Sysmon's records have the GUID, the Security log's have the SID: what is known of both is kept.
      known.fact = { ...known.fact, guid: known.fact.guid ?? fact.guid };
      if (fact.kind === 'logon') known.loggedOn ??= time;
    } else {
      const loggedOn = fact.kind === 'logon' ? time : undefined;
      spans.push({ id: fact.id, fact, first: time, last: time, loggedOn, isReused: false });
    }
  }
  return [...byId.values()].flat();
}

function isOneLogon(span: Span, fact: LogonFact, time: number): boolean {
  if (!isSameAccount(span.fact.account, fact.account)) return false;
  if (span.fact.guid !== undefined && fact.guid !== undefined && span.fact.guid !== fact.guid) return false;
  const isSecondLogon =
    fact.kind === 'logon' && span.loggedOn !== undefined && time - span.loggedOn > SAME_TIME_MS;
  return !isSecondLogon;
}

/** The machine started after one time, at another one at the latest. */
interface Conclusion {
  readonly after: number;
  readonly at: number;
  /** Whether it is proven, even if another logon seems to go on. */
  readonly isCertain: boolean;
}

/** One logon id of two logons, one after the other. */
function startsByReuse(spans: readonly Span[]): Conclusion[] {
  const conclusions: Conclusion[] = [];
  for (const [index, span] of spans.entries()) {
    const next = spans[index + 1];
    // Two names that alternate, and can be one account, are two spellings of it.
    if (next?.id !== span.id || next.first < span.last) continue;
    span.isReused = true;
    next.isReused = true;
    conclusions.push({ after: span.last, at: next.first, isCertain: true });
  }
  return conclusions;
}

/** Windows counts logon ids up, so a lower one than before was given after a start. */
function startsByLowerId(sightings: readonly Sighting[]): Conclusion[] {
  const conclusions: Conclusion[] = [];
  let highest: { id: bigint; time: number } | undefined;
  for (const { fact, time } of sightings) {
    if (fact.kind !== 'logon') continue;
    const id = BigInt(fact.id);
    if (highest && id < highest.id && time - highest.time > SAME_TIME_MS) {
      conclusions.push({ after: highest.time, at: time, isCertain: false });
      highest = undefined;
    }
    if (!highest || id >= highest.id) highest = { id, time };
  }
  return conclusions;
}

/** Record numbers that begin anew in a log that was cleared. */
function startsByClearedLog(
  machines: readonly MachineFacts[],
  sightings: readonly Sighting[],
  timeOf: TimeOf,
): Conclusion[] {
  const cleared = machines.flatMap(({ starts }) => starts).filter(({ kind }) => kind === 'logCleared');
  return cleared.flatMap(({ timestamp, recordNumber = Infinity }) => {
    const at = timeOf(timestamp);
    const higher = sightings.findLast(
      ({ fact, time }) => time < at && (fact.recordNumber ?? -Infinity) > recordNumber,
    );
    return higher ? [{ after: higher.time, at, isCertain: false }] : [];
  });
}
