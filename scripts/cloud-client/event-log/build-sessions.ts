/** Puts the logons of a machine together into sessions: what a person sees as being logged on once. */
import { type HostLogons, type Logon } from './logons';
import { type TimeOf } from './timestamps';

/** An interactive session as far as the logs describe it. Times in milliseconds since 1970, UTC. */
export interface LogSession {
  readonly host: string;
  /** The logon that started the session, as far as is known. */
  owner: Logon;
  /** Its logons: full and limited token, elevated and run-as logons, unlocks. */
  readonly logons: Logon[];
  readonly terminalSessionId?: number;
  /** Undefined when the session began before the log. */
  startedAt?: number;
  /** Undefined while the session lasts. */
  endedAt?: number;
}

/** Windows creates the two tokens of one logon at the same time. */
const SAME_LOGON_MS = 2_000;

/** A logon with its times in UTC. */
interface TimedLogon {
  readonly logon: Logon;
  readonly start: number;
  /** Undefined when the logon itself was not seen. */
  readonly loggedOn?: number;
  readonly loggedOff?: number;
  readonly ownsProcess: boolean;
}

/** The sessions of one machine, in order of their first appearance. */
export function buildSessions(host: string, known: HostLogons, timeOf: TimeOf): LogSession[] {
  const starts = known.starts.map(timeOf).sort((left, right) => left - right);
  const timed = [...known.logons.values()]
    .filter((logon) => logon.terminalSessionId !== 0)
    .map((logon) => timedLogon(logon, known, timeOf))
    .sort((left, right) => left.start - right.start);
  const builder = new SessionBuilder(host, starts);
  for (const item of timed) if (item.logon.terminalSessionId !== undefined) builder.addOfTerminal(item);
  const others = timed.filter((item) => item.logon.terminalSessionId === undefined);
  for (const item of others) if (item.logon.isPrimary || item.logon.isPresent) builder.addInteractive(item);
  for (const item of others) if (!item.logon.isPrimary && !item.logon.isPresent) builder.addDependent(item);
  return builder.sessions;
}

function timedLogon(logon: Logon, known: HostLogons, timeOf: TimeOf): TimedLogon {
  const loggedOn = logon.loggedOn && timeOf(logon.loggedOn);
  const loggedOff = known.logoffs.get(logon.id);
  return {
    logon,
    loggedOn,
    start: loggedOn ?? logon.firstSeen.resolve(timeOf),
    loggedOff: loggedOff && timeOf(loggedOff),
    ownsProcess: known.processOwners.has(logon.id),
  };
}

class SessionBuilder {
  readonly sessions: LogSession[] = [];
  private readonly members = new Map<LogSession, TimedLogon[]>();

  constructor(
    private readonly host: string,
    private readonly machineStarts: readonly number[],
  ) {}

  /** A logon whose Terminal Services session is known: that is the session, until it ends or somebody logs on again. */
  addOfTerminal(item: TimedLogon): void {
    const { terminalSessionId } = item.logon;
    const current = this.sessions.findLast((session) => session.terminalSessionId === terminalSessionId);
    if (current && !isOver(current, item.start) && !this.isNewLogon(current, item)) this.join(current, item);
    else this.begin(item);
  }

  /** A logon at the console or by remote desktop, of unknown Terminal Services session. */
  addInteractive(item: TimedLogon): void {
    const session = this.related(item) ?? (isReconnection(item) ? this.openSessionOf(item) : undefined);
    if (session) this.join(session, item);
    else this.begin(item);
  }

  /** An unlock, or a logon within somebody's session (UAC, run as): joins a session; an unlock alone proves one. */
  addDependent(item: TimedLogon): void {
    const session = this.related(item) ?? (item.logon.isUnlock ? this.openSessionOf(item) : undefined);
    if (session) this.join(session, item);
    else if (item.logon.isUnlock) this.begin(item);
  }

  private begin(item: TimedLogon): void {
    const session: LogSession = {
      host: this.host,
      owner: item.logon,
      logons: [],
      terminalSessionId: item.logon.terminalSessionId,
    };
    this.sessions.push(session);
    this.members.set(session, []);
    this.join(session, item);
  }

  private join(session: LogSession, item: TimedLogon): void {
    const members = this.members.get(session) ?? [];
    members.push(item);
    session.logons.push(item.logon);
    const [owner = item] = [...members].sort((left, right) => precedence(left.logon, right.logon));
    session.owner = owner.logon;
    session.startedAt = owner.loggedOn;
    const first = Math.min(...members.map((member) => member.start));
    const restart = this.machineStarts.find((start) => start > first);
    const ends = [owner.loggedOff, restart].filter((end) => end !== undefined);
    session.endedAt = ends.length > 0 ? Math.min(...ends) : undefined;
  }

  /** Whether a user logged on again in a Terminal Services session whose earlier end is not in the log. */
  private isNewLogon(current: LogSession, item: TimedLogon): boolean {
    const { loggedOn } = item;
    if (!item.logon.isPrimary || loggedOn === undefined) return false;
    const members = this.members.get(current) ?? [];
    return (
      members.every((member) => loggedOn - member.start > SAME_LOGON_MS) && !areLinked(current, item.logon)
    );
  }

  /** The session of the other token, of the logon that asked for this one, or of the same user's logon at the same time. */
  private related(item: TimedLogon): LogSession | undefined {
    return (
      this.sessions.find((session) => areLinked(session, item.logon)) ??
      this.sessions.find((session) => session.logons.some((logon) => logon.id === item.logon.parentId)) ??
      this.sessions.find((session) =>
        (this.members.get(session) ?? []).some(
          (member) => isSameUser(member.logon, item.logon) && isSameTime(member, item),
        ),
      )
    );
  }

  private openSessionOf(item: TimedLogon): LogSession | undefined {
    return this.sessions.find(
      (session) => isSameUser(session.owner, item.logon) && isOpenAt(session, item.start),
    );
  }
}

/** Whether a session was open at a time, as far as the log shows. */
export function isOpenAt(session: LogSession, time: number): boolean {
  return (session.startedAt ?? -Infinity) <= time && !isOver(session, time);
}

/** Whether a session had ended by a time. */
export function isOver(session: LogSession, time: number): boolean {
  return session.endedAt !== undefined && session.endedAt <= time;
}

/** A reconnection's logon: it ends at once and starts nothing; the existing session continues. */
function isReconnection(item: TimedLogon): boolean {
  return item.loggedOff !== undefined && !item.ownsProcess;
}

function isSameUser(left: Logon, right: Logon): boolean {
  return left.user.toLowerCase() === right.user.toLowerCase();
}

function isSameTime(left: TimedLogon, right: TimedLogon): boolean {
  return (
    left.loggedOn !== undefined &&
    right.loggedOn !== undefined &&
    Math.abs(left.loggedOn - right.loggedOn) <= SAME_LOGON_MS
  );
}

function areLinked(session: LogSession, logon: Logon): boolean {
  return session.logons.some((member) => member.linkedId === logon.id || member.id === logon.linkedId);
}

/**
 * Which logon identifies a session: one that lock, unlock or reconnection name, then one by Winlogon, then the one with the
 * lowest id. Windows counts ids up, so the lowest is the first; what came later was elevated or run as somebody else.
 */
function precedence(left: Logon, right: Logon): number {
  return rank(left) - rank(right) || (BigInt(left.id) < BigInt(right.id) ? -1 : 1);
}

function rank(logon: Logon): number {
  if (logon.isPresent) return 0;
  return logon.isPrimary ? 1 : 2;
}
