/** Finds the session that an event belongs to. */
import { type Actor } from './actor';
import { buildSessions, isOpenAt, isOver, type LogSession } from './build-sessions';
import { type Account } from './log-record';
import { isSystemAccount, type LogonRegistry } from './logons';
import { type Timestamp } from './timestamps';

export class SessionFinder {
  private readonly byHost = new Map<string, LogSession[]>();
  private readonly byLogon = new Map<string, LogSession>();

  /** The sessions known now; create a new finder when more has been learned. */
  constructor(
    private readonly registry: LogonRegistry,
    timeOf: (host: string, timestamp: Timestamp) => number,
  ) {
    for (const [host, known] of registry.hosts) {
      const sessions = buildSessions(host, known, (timestamp) => timeOf(host, timestamp));
      this.byHost.set(host, sessions);
      for (const session of sessions) {
        for (const logon of session.logons) this.byLogon.set(`${host} ${logon.id}`, session);
      }
    }
  }

  get sessions(): LogSession[] {
    return [...this.byHost.values()].flat();
  }

  /**
   * The session of an event: by logon, by the process's logon, by Terminal Services session, by user; what no interactive
   * user caused goes to the machine's only session. Undefined when the machine had none then, or more than one candidate.
   */
  find(host: string, actor: Actor, time: number): LogSession | undefined {
    const sessions = this.byHost.get(host) ?? [];
    return (
      this.ofLogon(host, actor.logonId) ??
      this.ofLogon(host, actor.processGuid && this.registry.logonOfProcess(actor.processGuid)) ??
      only(
        sessions.filter((session) => isOfTerminal(session, actor)),
        time,
      ) ??
      only(
        sessions.filter((session) => isOfAccount(session, actor.account)),
        time,
      ) ??
      only(sessions, time)
    );
  }

  private ofLogon(host: string, logonId: string | undefined): LogSession | undefined {
    return logonId === undefined ? undefined : this.byLogon.get(`${host} ${logonId}`);
  }
}

/**
 * The only one that was open at the time; of a single one, what came before it counts too (a connection precedes its
 * logon).
 */
function only(sessions: readonly LogSession[], time: number): LogSession | undefined {
  const [first] = sessions;
  if (sessions.length <= 1) return first && !isOver(first, time) ? first : undefined;
  const open = sessions.filter((session) => isOpenAt(session, time));
  return open.length === 1 ? open[0] : undefined;
}

function isOfTerminal(session: LogSession, actor: Actor): boolean {
  return actor.terminalSessionId !== undefined && session.terminalSessionId === actor.terminalSessionId;
}

function isOfAccount(session: LogSession, { name, sid }: Account): boolean {
  if (isSystemAccount(name, sid)) return false;
  return session.logons.some(
    (logon) =>
      (sid !== undefined && logon.sid === sid) ||
      (name !== undefined && logon.user.toLowerCase() === name.toLowerCase()),
  );
}
