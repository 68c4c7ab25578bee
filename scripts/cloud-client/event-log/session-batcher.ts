/** Gives sessions their lasting identity, and gathers their events until they are taken. */
import { type SessionEvent } from '../../../functions/policies/engine/event';
import { type LogSession } from './build-sessions';
import { type SessionIdentity } from './session-event-input';

export interface SessionInfo extends SessionIdentity {
  /** The same whenever the same log is read: machine and logon id. */
  readonly key: string;
  /** The Terminal Services session. */
  readonly terminalSessionId?: number;
}

/** News of one session. */
export interface SessionBatch {
  readonly session: SessionInfo;
  /** In order of time. */
  readonly events: readonly SessionEvent[];
  /** When the user logged on, RFC 3339, where the log tells. */
  readonly startedAt?: string;
  /** When the user logged off, where the log tells; the session has no later batch of new events but stragglers. */
  readonly endedAt?: string;
}

interface SessionState {
  readonly info: SessionInfo;
  startedAt?: number;
  endedAt?: number;
  events: SessionEvent[];
  /** Whether there is something to tell since the last batch. */
  isChanged: boolean;
}

export class SessionBatcher {
  private readonly states = new Map<string, SessionState>();
  private readonly stateByLogon = new Map<string, SessionState>();
  private readonly hostNames = new Map<string, string>();

  /** `defaultSession` is that of ready-made events which tell none. */
  constructor(private readonly defaultSession?: SessionIdentity) {}

  /** Remembers how a machine's name is written, as the first record writes it. */
  noteHostName(host: string, written: string): void {
    if (!this.hostNames.has(host)) this.hostNames.set(host, written);
  }

  /** Takes note of the sessions known now. One keeps the head that it was first given out with, whoever turns up in it later. */
  update(sessions: readonly LogSession[], upTo: number): void {
    for (const session of sessions) {
      if (session.logons.some((logon) => logon.firstSequence <= upTo)) this.stateOf(session);
    }
  }

  /** The head of a session of the log. */
  sessionOf(session: LogSession | undefined): SessionInfo | undefined {
    return session && this.stateOf(session).info;
  }

  /** The head of a ready-made event's session; without one, the default, else the only session there is. */
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
