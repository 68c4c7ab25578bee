/** Who caused an event: what a record contains that identifies a session. */
import { isPerson, personalLogonId } from './accounts';
import {
  type Account,
  accountName,
  type Fields,
  type LogSource,
  normaliseGuid,
  normaliseId,
} from './log-record';

export interface Actor {
  readonly logonId?: string;
  readonly processGuid?: string;
  /** The Terminal Services session; 0 is that of the services. */
  readonly terminalSessionId?: number;
  readonly account: Account;
}

const NO_LOGON = '0x0';

/**
 * The account that caused the event, as far as the record names it. The header's account counts in the Application
 * log alone: elsewhere it is the logging service's.
 */
export function actorOf(source: LogSource, eventId: number, fields: Fields, header: Account): Actor {
  switch (source) {
    case 'sysmon':
      return {
        logonId: normaliseId(fields.LogonId),
        processGuid: normaliseGuid(fields.ProcessGuid),
        terminalSessionId: terminalSession(fields.TerminalSessionId ?? fields.Session),
        account: { name: userOfClipboard(fields.ClientInfo) ?? fields.User },
      };
    case 'security':
      return securityActor(eventId, fields);
    case 'application':
      return { account: header };
    case 'system':
      return { account: {} };
  }
}

/** `Target…` is who logged on (4624) or for whom a process was started (4688), `Subject…` who did anything else. */
function securityActor(eventId: number, fields: Fields): Actor {
  const target = normaliseId(fields.TargetLogonId);
  const isTarget = eventId === 4624 || (eventId === 4688 && target !== undefined && target !== NO_LOGON);
  return isTarget
    ? {
        logonId: target,
        account: {
          name: accountName(fields.TargetDomainName, fields.TargetUserName),
          sid: fields.TargetUserSid,
        },
      }
    : {
        logonId: normaliseId(fields.SubjectLogonId),
        account: {
          name: accountName(fields.SubjectDomainName, fields.SubjectUserName),
          sid: fields.SubjectUserSid,
        },
      };
}

/** Who did it, as far as the record names a person: an account, or the logon of one. */
export function personOf({ account, logonId }: Actor): string | undefined {
  if (isPerson(account)) return (account.sid ?? account.name)?.toLowerCase();
  const hasAccount = (account.name ?? account.sid) !== undefined;
  return hasAccount ? undefined : personalLogonId(logonId);
}

/** What two records of one occurrence say together; the first prevails, unless only the second names a person. */
export function mergeActors(first: Actor, second: Actor): Actor {
  const isNamedBySecond = personOf(first) === undefined && personOf(second) !== undefined;
  const [main, other] = isNamedBySecond ? [second, first] : [first, second];
  return {
    logonId: personalLogonId(main.logonId) ?? personalLogonId(other.logonId) ?? main.logonId,
    processGuid: main.processGuid ?? other.processGuid,
    terminalSessionId: main.terminalSessionId ?? other.terminalSessionId,
    account: main.account,
  };
}

/** Sysmon 24: `user: DOMAIN\name hostname: CLIENT`. */
function userOfClipboard(clientInfo: string | undefined): string | undefined {
  return clientInfo === undefined ? undefined : /user:\s*(.+?)(?:\s+hostname:|\s*$)/.exec(clientInfo)?.[1];
}

export function terminalSession(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
