/** Gives sessions their stable identity, and collects their events into batches. */
import type { SessionEvent } from '../../../functions/policies/engine';
import { isOpenAt, type LogSession } from './build-sessions';
import { type Logon } from './logons';
import { type SessionIdentity, sessionKeyOf } from './session-event-input';

export interface SessionInfo extends SessionIdentity {
  /** Stable across readings of the same log, and another for each logon: machine, logon id, and when or which logon it was. */
  readonly key: string;
  /** The Terminal Services session. */
  readonly terminalSessionId?: number;
}

/** New events and state of one session. */
export interface SessionBatch {
  readonly session: SessionInfo;
  /** In order of time. */
  readonly events: readonly SessionEvent[];
  /** When the user logged on, RFC 3339, where the log shows it. */
  readonly startedAt?: string;
  /** When the user logged off, where the log shows it; later batches hold late events only. */
  readonly endedAt?: string;
}

interface SessionState {
  readonly info: SessionInfo;
  /** The session of the log, as far as it is one. */
  session?: LogSession;
  startedAt?: number;
  endedAt?: number;
  events: SessionEvent[];
  /** Whether anything changed since the last batch. */
  isChanged: boolean;
}

export class SessionBatcher {
  private readonly states = new Map<string, SessionState>();
  /** By the position of the first record that mentions one of its logons. */
  private readonly stateByRecord = new Map<number, SessionState>();

  /**
   * @param spellingOf the name of a machine as the log writes it
   * @param defaultSession applies to session events that name none
   */
  constructor(
    private readonly spellingOf: (host: string) => string,
    private readonly defaultSession?: SessionIdentity,
  ) {}

  /** Records the sessions known now. A session keeps the identity with which it was first emitted. */
  update(sessions: readonly LogSession[], upTo: number): void {
    for (const session of sessions) {
      if (session.logons.some((logon) => logon.firstSequence <= upTo)) this.stateOf(session);
    }
  }

  /** The identity of a session of the log. */
  sessionOf(session: LogSession | undefined): SessionInfo | undefined {
    return session && this.stateOf(session).info;
  }

  /** The session that a session event names, or the default one; undefined when neither is given. */
  sessionOfIdentity(identity: SessionIdentity | undefined): SessionInfo | undefined {
    const session = identity ?? this.defaultSession;
    if (!session) return undefined;
    const key = sessionKeyOf(session);
    return this.state(key, { ...session, key }).info;
  }

  /** The only session there is, if it was open at the time. */
  onlySessionAt(time: number): SessionInfo | undefined {
    const [first, ...others] = this.states.values();
    if (!first || others.length > 0) return undefined;
    return !first.session || isOpenAt(first.session, time) ? first.info : undefined;
  }

  push({ key }: SessionInfo, event: SessionEvent): void {
    const state = this.states.get(key);
    if (!state) return;
    state.events.push(event);
    state.isChanged = true;
  }

  /** What is new since the last call: sessions, events, ends. `shiftMs` is added to the sessions' times. */
  takeBatches(shiftMs: number): SessionBatch[] {
    const changed = [...this.states.values()].filter((state) => state.isChanged);
    return changed.map((state) => {
      const events = state.events.sort((left, right) => Date.parse(left.time) - Date.parse(right.time));
      state.events = [];
      state.isChanged = false;
      return {
        session: state.info,
        events,
        startedAt: rfc3339(state.startedAt, shiftMs),
        endedAt: rfc3339(state.endedAt, shiftMs),
      };
    });
  }

  private stateOf(session: LogSession): SessionState {
    const records = session.logons.map(({ firstSequence }) => firstSequence);
    const known = records
      .map((record) => this.stateByRecord.get(record))
      .find((state) => state !== undefined);
    const state = known ?? this.newState(session);
    for (const record of records) this.stateByRecord.set(record, state);
    state.session = session;
    state.startedAt ??= session.startedAt;
    if (state.endedAt !== session.endedAt) {
      state.endedAt = session.endedAt;
      state.isChanged = true;
    }
    return state;
  }

  private newState(session: LogSession): SessionState {
    const { host, owner, terminalSessionId } = session;
    const key = `${host}/${owner.id}/${logonMark(owner)}`;
    return this.state(key, {
      key,
      host: this.spellingOf(host),
      user: owner.user,
      logonId: owner.id,
      terminalSessionId,
    });
  }

  private state(key: string, head: SessionInfo): SessionState {
    const state = this.states.get(key) ?? { info: head, events: [], isChanged: true };
    this.states.set(key, state);
    return state;
  }
}

/**
 * What tells a logon from others with its id: what the clock showed then, else its GUID, else what the clock showed when it
 * was first mentioned. The clock's reading does not depend on what was learned about its offset by now.
 */
function logonMark({ loggedOnReading, guid, firstReading }: Logon): string {
  const reading = loggedOnReading ?? (guid === undefined ? firstReading : undefined);
  return reading === undefined ? (guid ?? '') : new Date(reading).toISOString();
}

function rfc3339(milliseconds: number | undefined, shiftMs: number): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds + shiftMs).toISOString();
}
