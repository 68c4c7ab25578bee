/** Finds the session that an event belongs to. */
import { isAnonymous, isPerson, personalLogonId } from './accounts';
import { type Actor } from './actor';
import { buildSessions, isOpenAt, type LogSession } from './build-sessions';
import { type Account, normaliseId } from './log-record';
import { type LogonFacts } from './logon-facts';
import { type Epoch, epochAt, epochsOf, isOfLogon, type Logon } from './logons';
import { type MachineNames } from './machine-names';
import { type SessionIdentity } from './session-event-input';
import { type Timestamp } from './timestamps';

type TimeOfHost = (host: string, timestamp: Timestamp) => number;

interface Machine {
  readonly epochs: readonly Epoch[];
  readonly sessions: readonly LogSession[];
}

export class SessionFinder {
  private readonly machines = new Map<string, Machine>();
  private readonly byLogon = new Map<Logon, LogSession>();

  /** The sessions known now; create a new finder when more has been learned. */
  constructor(
    private readonly facts: LogonFacts,
    private readonly names: MachineNames,
    private readonly timeOf: TimeOfHost,
  ) {
    for (const host of new Set([...facts.machines.keys()].map((name) => names.canonical(name)))) {
      const spellings = [host, ...names.aliasesOf(host)];
      const some = spellings.flatMap((name) => facts.machines.get(name) ?? []);
      const epochs = epochsOf(some, (timestamp) => timeOf(host, timestamp));
      const sessions = epochs.flatMap((epoch) => buildSessions(host, epoch));
      this.machines.set(host, { epochs, sessions });
      for (const session of sessions) for (const logon of session.logons) this.byLogon.set(logon, session);
    }
  }

  get sessions(): LogSession[] {
    return [...this.machines.values()].flatMap(({ sessions }) => sessions);
  }

  /**
   * The session of an event: by logon, by the process's logon, by Terminal Services session, by user; what no person
   * caused goes to the machine's only session at that time. Undefined when there was none, or more than one candidate.
   */
  find(host: string, actor: Actor, time: number): LogSession | undefined {
    const machine = this.machines.get(this.names.canonical(host));
    if (!machine) return undefined;
    const logon = this.logonOf(machine, actor, time);
    const own = logon && this.byLogon.get(logon);
    if (own) return own;
    const { account, terminalSessionId } = actor;
    const open = machine.sessions.filter((session) => isOpenAt(session, time));
    const possible = isPerson(account) ? open.filter((session) => isOfAccount(session, account)) : open;
    if (terminalSessionId !== undefined && terminalSessionId !== 0) {
      const ofNumber = possible.filter((session) => session.terminalSessionId === terminalSessionId);
      if (ofNumber.length > 0) return only(ofNumber);
    }
    const mayBeAnyones = isPerson(account) || (!logon && namesNobody(actor, open));
    return mayBeAnyones ? only(possible) : undefined;
  }

  /** The session of the logon that a session event names, if it is its user's. */
  ofIdentity({ host, user, logonId }: SessionIdentity, time: number): LogSession | undefined {
    const machine = this.machines.get(this.names.canonical(host.toLowerCase()));
    const id = normaliseId(logonId);
    if (!machine || id === undefined) return undefined;
    const logon = this.logonOf(machine, { logonId: id, account: { name: user } }, time);
    return logon && this.byLogon.get(logon);
  }

  private logonOf({ epochs }: Machine, actor: Actor, time: number): Logon | undefined {
    const { logonId, account, processGuid } = actor;
    const named = logonId === undefined ? undefined : epochAt(epochs, time)?.logons.get(logonId);
    if (named && (!isPerson(account) || isOfLogon(named, account))) return named;
    const owner = processGuid === undefined ? undefined : this.facts.ownerOf(processGuid);
    if (!owner) return undefined;
    return epochAt(epochs, this.timeOf(owner.host, owner.timestamp))?.logons.get(owner.logonId);
  }
}

/** Whether a record without an account names nobody in another way: a logon, or the number of another session. */
function namesNobody({ account, logonId, terminalSessionId }: Actor, open: readonly LogSession[]): boolean {
  if (isAnonymous(account, logonId)) return false;
  const isOfSystem = account.name !== undefined || account.sid !== undefined;
  if (!isOfSystem && personalLogonId(logonId) !== undefined) return false;
  if (terminalSessionId === undefined || terminalSessionId === 0) return true;
  return open.every((session) => session.terminalSessionId === undefined);
}

function only(sessions: readonly LogSession[]): LogSession | undefined {
  return sessions.length === 1 ? sessions[0] : undefined;
}

function isOfAccount(session: LogSession, account: Account): boolean {
  return session.logons.some((logon) => isOfLogon(logon, account));
}
