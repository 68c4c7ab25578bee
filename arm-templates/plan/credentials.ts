/** Azure's rules for user names and passwords of machines, databases and domains. */
import { text } from './fields';

/**
 * User names that Azure refuses for the administrator of a machine (`osProfile.adminUsername`):
 * https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update#osprofile
 */
const REFUSED_MACHINE_USER_NAMES = new Set(
  (
    'administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup console ' +
    'david guest john owner root server sql support support_388945a0 sys test2 test3 user4 user5'
  ).split(' '),
);

/** `osProfile.adminPassword`, same source. */
const REFUSED_MACHINE_PASSWORDS = new Set(
  'abc@123 P@$$w0rd P@ssw0rd P@ssword123 Pa$$word pass@word1 Password! Password1 Password22 iloveyou!'.split(
    ' ',
  ),
);

/** Logins that Azure SQL refuses: https://learn.microsoft.com/azure/azure-sql/database/logins-create-manage */
const REFUSED_SQL_USER_NAMES = new Set(
  (
    'admin administrator sa root dbmanager loginmanager dbo guest public sys information_schema ' +
    'db_owner db_securityadmin db_accessadmin db_backupoperator db_ddladmin db_datawriter db_datareader ' +
    'db_denydatawriter db_denydatareader'
  ).split(' '),
);

const isNotIn = (names: ReadonlySet<string>) => (name: string) => !names.has(name.toLowerCase());

/** The administrator of the machines. */
export const machineUserName = text('a user name', 20, 1)
  .regex(/^[A-Za-z0-9_.-]*[A-Za-z0-9_-]$/, 'Use letters, digits, _ . and -, with no dot at the end.')
  .refine(
    isNotIn(REFUSED_MACHINE_USER_NAMES),
    'Azure does not allow this name: choose one that is less common.',
  );

/** The administrator of the database server. */
export const sqlUserName = text('a user name', 128, 1)
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'Begin with a letter; then use letters, digits and _.')
  .refine(isNotIn(REFUSED_SQL_USER_NAMES), 'Azure SQL reserves this name: choose another.');

/** The user who joins machines to the domain: `name`, `DOMAIN\name` or `name@domain`. */
export const domainUserName = text('a user name', 256, 1).regex(
  /^(?:[A-Za-z0-9.-]+\\)?[^"/\\[\]:;|=,+*?<>@\p{Cc}]+$|^[^"/\\[\]:;|=,+*?<>@\s\p{Cc}]+@[A-Za-z0-9.-]+$/u,
  'Give name, DOMAIN\\name or name@domain.',
);

function characterKinds(password: string): number {
  return [/[a-z]/, /[A-Z]/, /\d/, /[\W_]/].filter((kind) => kind.test(password)).length;
}

const MIXED = 'Use at least three of: lower-case letters, upper-case letters, digits, other characters.';
const printable = (what: string, maxLength: number, minLength: number) =>
  text(what, maxLength, minLength).regex(/^\P{Cc}*$/u, 'Control characters cannot be used in a password.');

/** The password of the machines' administrator. A secret: used once, never stored. */
export const machinePassword = printable('a password', 123, 8)
  .refine((password) => characterKinds(password) >= 3, MIXED)
  .refine(
    (password) => !REFUSED_MACHINE_PASSWORDS.has(password),
    'Azure refuses this password, since it is well known.',
  );

/** The password of the databases' administrator. A secret: https://learn.microsoft.com/sql/relational-databases/security/password-policy */
export const sqlPassword = printable('a password', 128, 8).refine(
  (password) => characterKinds(password) >= 3,
  MIXED,
);

/** A secret of another system, whose rules are not known here. */
export const externalSecret = printable('a secret', 256, 1);
