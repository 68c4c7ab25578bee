/** Puts the logons of a machine together into sessions: what a person sees as being logged on once. */
import { isSameAccount } from './accounts';
import { type Epoch, isOfLogon, type Logon } from './logons';

/** An interactive session as far as the logs describe it. Times in milliseconds since 1970, UTC. */
export interface LogSession {
  readonly host: string;
  /** The logon that started the session, as far as is known. */
  owner: Logon;
  /** Its logons: full and limited token, elevated and run-as logons, unlocks. */
  readonly logons: Logon[];
  readonly terminalSessionId?: number;
  /** It did not exist before this; infinite when it may have begun before the log. */
  notBefore: number;
  /** Undefined when the logon was not seen. */
  startedAt?: number;
  /** Undefined while the session lasts. */
  endedAt?: number;
}

/** Windows creates the two tokens of one logon at the same time. */
const SAME_LOGON_MS = 2_000;

/** The sessions of one machine between two of its starts, in order of their first appearance. */
export function buildSessions(host: string, epoch: Epoch): LogSession[] {
  const logons = [...epoch.logons.values()]
    .filter((logon) => logon.terminalSessionId !== 0)
    .sort((left, right) => startOf(left) - startOf(right));
  const builder = new SessionBuilder(host, epoch);
  for (const logon of logons) if (logon.terminalSessionId !== undefined) builder.addOfTerminal(logon);
  const others = logons.filter((logon) => logon.terminalSessionId === undefined);
  for (const logon of others) if (logon.isPrimary || logon.isPresent) builder.addInteractive(logon);
  for (const logon of others) if (!logon.isPrimary && !logon.isPresent) builder.addDependent(logon);
  return builder.sessions;
}

/** When a logon began, or was first heard of. */
function startOf({ loggedOn, firstSeen }: Logon): number {
  return loggedOn ?? firstSeen;
}

/** When the owner logged on; undefined when the session was there before, and the owner's logon is a reconnection. */
function startOfAll({ owner, logons }: LogSession): number | undefined {
  const first = Math.min(...logons.map(startOf));
  const { loggedOn } = owner;
  return loggedOn !== undefined && loggedOn - first <= SAME_LOGON_MS ? loggedOn : undefined;
}

class SessionBuilder {
  readonly sessions: LogSession[] = [];

  constructor(
    private readonly host: string,
    private readonly epoch: Epoch,
  ) {}

  /** A logon whose Terminal Services session is known: that is the session, until it ends or somebody logs on again. */
  addOfTerminal(logon: Logon): void {
    const current = this.sessions.findLast(
      (session) => session.terminalSessionId === logon.terminalSessionId,
    );
    if (current && !isOver(current, startOf(logon)) && !isNewLogon(current, logon)) {
      this.join(current, logon);
      return;
    }
    // The number is somebody else's now, so the session that had it is over.
    if (current) current.endedAt = Math.min(current.endedAt ?? Infinity, startOf(logon));
    this.begin(logon, current !== undefined);
  }

  /** A logon at the console or by remote desktop, of unknown Terminal Services session. */
  addInteractive(logon: Logon): void {
    const session = this.related(logon) ?? (isReconnection(logon) ? this.openSessionOf(logon) : undefined);
    if (session) this.join(session, logon);
    else this.begin(logon);
  }

  /** An unlock, or a logon within somebody's session (UAC, run as): joins a session; an unlock alone proves one. */
  addDependent(logon: Logon): void {
    const session = this.related(logon) ?? (logon.isUnlock ? this.openSessionOf(logon) : undefined);
    if (session) this.join(session, logon);
    else if (logon.isUnlock) this.begin(logon);
  }

  private begin(logon: Logon, isSuccessor = false): void {
    const { start } = this.epoch;
    const hasStart = start !== -Infinity;
    const session: LogSession = {
      host: this.host,
      owner: logon,
      logons: [],
      terminalSessionId: logon.terminalSessionId,
      // A session that the log does not show to begin was there when the log begins, but not when the machine did.
      notBefore: hasStart || isSuccessor ? startOf(logon) : -Infinity,
    };
    this.sessions.push(session);
    this.join(session, logon);
  }

  private join(session: LogSession, logon: Logon): void {
    session.logons.push(logon);
    const [owner = logon] = [...session.logons].sort(precedence);
    session.owner = owner;
    session.startedAt = startOfAll(session);
    if (session.notBefore !== -Infinity) session.notBefore = Math.min(...session.logons.map(startOf));
    const { end } = this.epoch;
    const ends = [owner.loggedOff, end === Infinity ? undefined : end].filter((time) => time !== undefined);
    session.endedAt = ends.length > 0 ? Math.min(...ends) : undefined;
  }

  /** The session of the other token, of the logon that asked for this one, or of the same user's logon at the same time. */
  private related(logon: Logon): LogSession | undefined {
    return (
      this.sessions.find((session) => areLinked(session, logon)) ??
      this.sessions.find((session) => session.logons.some(({ id }) => id === logon.parentId)) ??
      this.sessions.find((session) =>
        session.logons.some((member) => isSameUser(member, logon) && isSameTime(member, logon)),
      )
    );
  }

  private openSessionOf(logon: Logon): LogSession | undefined {
    return this.sessions.find(
      (session) => isSameUser(session.owner, logon) && isOpenAt(session, startOf(logon)),
    );
  }
}

/** Whether a session was open at a time, as far as the log shows. */
export function isOpenAt(session: LogSession, time: number): boolean {
  return (session.startedAt ?? session.notBefore) <= time && !isOver(session, time);
}

/** Whether a session had ended by a time. */
function isOver(session: LogSession, time: number): boolean {
  return session.endedAt !== undefined && session.endedAt <= time;
}

/** Whether a user logged on again in a Terminal Services session whose earlier end is not in the log. */
function isNewLogon(current: LogSession, logon: Logon): boolean {
  const isKin = areLinked(current, logon) || current.logons.some(({ id }) => id === logon.parentId);
  if (isKin) return false;
  const { loggedOn } = logon;
  if (loggedOn !== undefined) {
    const isLater = current.logons.every((member) => loggedOn - startOf(member) > SAME_LOGON_MS);
    return logon.isPrimary && isLater;
  }
  return isSomebodyElse(current, logon);
}

/**
 * Whether a logon is another person's who has the same session number now: nobody of the session started it, and nothing
 * shows that the session was there before and after it.
 */
function isSomebodyElse(current: LogSession, logon: Logon): boolean {
  const { startedBy, firstSeen } = logon;
  if (current.logons.some((member) => isSameUser(member, logon))) return false;
  if (startedBy && current.logons.some((member) => isOfLogon(member, startedBy))) return false;
  return !current.logons.some((member) => hadNumber(member, firstSeen) && goesOn(member, firstSeen));
}

function hadNumber({ seenInTerminal = Infinity }: Logon, time: number): boolean {
  return seenInTerminal <= time;
}

/** What is seen of a logon id after a logoff, or a start of the machine, may be another logon, which got the same id. */
function goesOn({ certainUntil, firstLoggedOff = Infinity }: Logon, time: number): boolean {
  return Math.min(certainUntil, firstLoggedOff) >= time;
}

/** A reconnection's logon: it ends at once and starts nothing; the existing session continues. */
function isReconnection(logon: Logon): boolean {
  return logon.loggedOff !== undefined && !logon.ownsProcess;
}

function isSameUser(left: Logon, right: Logon): boolean {
  return left.accounts.some((one) => right.accounts.some((other) => isSameAccount(one, other)));
}

function isSameTime(left: Logon, right: Logon): boolean {
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
