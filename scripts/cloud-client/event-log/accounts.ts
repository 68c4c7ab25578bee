/** Whom an account names: a person or the system, and whether two spellings are the same account. */
import { type Account, normaliseId } from './log-record';

/** Nobody, anonymous, local and network service, local system, virtual accounts, window manager, font driver. */
const SYSTEM_SID = /^S-1-(0-0$|5-(7|18|19|20|80|82|83|90|96)(-|$))/i;
const SYSTEM_NAME = /\\(DWM|UMFD)-\d+$|\$$|^(SYSTEM|LOCAL SERVICE|NETWORK SERVICE|ANONYMOUS LOGON)$/i;
/** The domains of accounts that Windows has itself, in the languages that translate them. */
const SYSTEM_DOMAINS = [
  'nt authority',
  'nt-autorität',
  'autorite nt',
  'autorité nt',
  'autoridade nt',
  'autorità nt',
  'nt-myndighet',
  'nt-myndighed',
  'nt instans',
  'nt-hallinta',
  'zarządzanie nt',
  'nt service',
  'nt-dienst',
  'iis apppool',
  'window manager',
  'font driver host',
  'nt virtual machine',
];
/** Anonymous, local and network service, local system. */
const SYSTEM_LOGON_IDS = ['0x0', '0x3e4', '0x3e5', '0x3e6', '0x3e7'];

/** Whether this is a system account: its logons yield no session. */
export function isSystemAccount({ name, sid }: Account): boolean {
  if (sid !== undefined && SYSTEM_SID.test(sid)) return true;
  if (name === undefined) return false;
  const domain = name.slice(0, Math.max(name.indexOf('\\'), 0)).toLowerCase();
  return SYSTEM_NAME.test(name) || SYSTEM_DOMAINS.includes(domain);
}

/** Whether somebody did it over the network who did not say who they are: no service of the machine, and no person known. */
export function isAnonymous({ name, sid }: Account, logonId: string | undefined): boolean {
  const isNamedSo =
    sid === undefined ? /(^|\\)ANONYMOUS LOGON$/i.test(name ?? '') : sid.toUpperCase() === 'S-1-5-7';
  return isNamedSo || normaliseId(logonId) === '0x3e6';
}

/** Whether an account is given, and not the system's. */
export function isPerson(account: Account): boolean {
  return (account.name ?? account.sid) !== undefined && !isSystemAccount(account);
}

/** A logon id that is given to one logon at a time; undefined for those of the system. */
export function personalLogonId(text: string | undefined): string | undefined {
  const id = normaliseId(text);
  return id === undefined || SYSTEM_LOGON_IDS.includes(id) ? undefined : id;
}

/** Whether two spellings can be one account: by SID where both have one, else by name, with the domain where both have one. */
export function isSameAccount(left: Account, right: Account): boolean {
  if (left.sid !== undefined && right.sid !== undefined)
    return left.sid.toLowerCase() === right.sid.toLowerCase();
  if (left.name === undefined || right.name === undefined) return false;
  const [one, other] = [partsOf(left.name), partsOf(right.name)];
  if (one.user !== other.user) return false;
  if (one.domain === undefined || other.domain === undefined || one.domain === other.domain) return true;
  // One log has the short name of a domain, another its DNS name.
  return (
    one.domain.split('.')[0] === other.domain.split('.')[0] &&
    one.domain.includes('.') !== other.domain.includes('.')
  );
}

/** Whether two spellings are two accounts for certain: accounts at Microsoft have an address beside their name. */
export function isOtherAccount(left: Account, right: Account): boolean {
  if (isSameAccount(left, right)) return false;
  if (left.sid !== undefined && right.sid !== undefined) return true;
  const [one, other] = [left.name ?? '@', right.name ?? '@'];
  return !one.includes('@') && !other.includes('@') && partsOf(one).user !== partsOf(other).user;
}

/** `DOMAIN\name`, `name@domain.example` or the bare name, in lower case. */
function partsOf(name: string): { user: string; domain?: string } {
  const text = name.toLowerCase();
  const backslash = text.indexOf('\\');
  if (backslash >= 0) return { user: text.slice(backslash + 1), domain: text.slice(0, backslash) };
  const at = text.indexOf('@');
  return at > 0 ? { user: text.slice(0, at), domain: text.slice(at + 1) } : { user: text };
}
