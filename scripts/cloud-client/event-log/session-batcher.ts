/** Gives sessions their stable identity, and collects their events into batches. */
import type { SessionEvent } from '../../../functions/policies/engine';
import { type LogSession } from './build-sessions';
import { type SessionIdentity } from './session-event-input';

export interface SessionInfo extends SessionIdentity {
  /** Stable across readings of the same log: machine and logon id. */
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
  startedAt?: number;
  endedAt?: number;
  events: SessionEvent[];
  /** Whether anything changed since the last batch. */
  isChanged: boolean;
}

export class SessionBatcher {
  private readonly states = new Map<string, SessionState>();
  private readonly stateByLogon = new Map<string, SessionState>();
  private readonly hostNames = new Map<string, string>();

  /** `defaultSession` applies to session events that name none. */
  constructor(private readonly defaultSession?: SessionIdentity) {}

  /** Remembers the spelling of a machine's name from its first record. */
  noteHostName(host: string, written: string): void {
    if (!this.hostNames.has(host)) this.hostNames.set(host, written);
  }

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

  /** The session that a session event names; without one, the default, else the only session there is. */
  sessionOfIdentity(identity: SessionIdentity | undefined): SessionInfo | undefined {
    const session = identity ?? this.defaultSession;
    if (session) {
      const key = `${session.host.toLowerCase()}/${session.logonId ?? session.user.toLowerCase()}`;
      return this.state(key, { ...session, key }).info;
    }
    const [first, ...others] = this.states.values();
    return others.length === 0 ? first?.info : undefined;
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
    const logonKeys = session.logons.map((logon) => `${session.host} ${logon.id}`);
    const known = logonKeys.map((key) => this.stateByLogon.get(key)).find((state) => state !== undefined);
    const state = known ?? this.newState(session);
    for (const key of logonKeys) this.stateByLogon.set(key, state);
    state.startedAt ??= session.startedAt;
    if (state.endedAt !== session.endedAt) {
      state.endedAt = session.endedAt;
      state.isChanged = true;
    }
    return state;
  }

  private newState({ host, owner, terminalSessionId }: LogSession): SessionState {
    const key = `${host}/${owner.id}`;
    const name = this.hostNames.get(host) ?? host;
    return this.state(key, { key, host: name, user: owner.user, logonId: owner.id, terminalSessionId });
  }

  private state(key: string, head: SessionInfo): SessionState {
    const state = this.states.get(key) ?? { info: head, events: [], isChanged: true };
    this.states.set(key, state);
    return state;
  }
}

function rfc3339(milliseconds: number | undefined, shiftMs: number): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds + shiftMs).toISOString();
}
