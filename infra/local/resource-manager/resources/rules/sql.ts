/**
 * SQL servers and databases.
 * https://learn.microsoft.com/rest/api/sql/servers/create-or-update and
 * https://learn.microsoft.com/sql/relational-databases/security/password-policy
 */
import { randomUUID } from 'node:crypto';
import { type Draft, textAt } from '../draft';
import { badRequest, conflict, isTakenElsewhere, kindsOfCharacters, type Rules } from './rule';

const forbiddenLogins =
  'admin administrator sa root dbmanager loginmanager guest public dbo sys information_schema db_owner ' +
  'db_accessadmin db_securityadmin db_ddladmin db_backupoperator db_datareader db_datawriter db_denydatareader ' +
  'db_denydatawriter';

export const sqlRules: Rules = {
  'microsoft.sql/servers': {
    check: (draft, context) => {
      if (isTakenElsewhere(draft, context)) {
        throw conflict(
          'NameAlreadyExists',
          `The name '${draft.id.name}' already exists. Choose a different name.`,
        );
      }
      checkLogin(draft);
    },
    complete: ({ id }) => ({
      fullyQualifiedDomainName: `${id.name.toLowerCase()}.database.windows.net`,
      version: '12.0',
      state: 'Ready',
    }),
  },
  'microsoft.sql/servers/databases': {
    complete: ({ existing }) => ({
      databaseId: textAt(existing?.body, 'properties', 'databaseId') ?? randomUUID(),
      creationDate: textAt(existing?.body, 'properties', 'creationDate') ?? new Date().toISOString(),
      status: 'Online',
    }),
  },
};

function checkLogin({ properties, existing }: Draft): void {
  const login = textAt(properties, 'administratorLogin');
  const password = textAt(properties, 'administratorLoginPassword');
  if (
    login !== undefined &&
    (forbiddenLogins.split(' ').includes(login.toLowerCase()) || /^\W|\s/.test(login))
  ) {
    throw badRequest('InvalidLoginName', 'The provided login name is invalid.');
  }
  const before = textAt(existing?.body, 'properties', 'administratorLogin');
  if (before !== undefined && login !== undefined && before !== login) {
    throw badRequest(
      'InvalidParameterValue',
      "Invalid value given for parameter administratorLogin. Specify a valid parameter value: it can't be changed.",
    );
  }
  if (password === undefined) {
    if (existing !== undefined || login === undefined) return;
    throw badRequest(
      'InvalidParameterValue',
      'Invalid value given for parameter Password. Specify a valid parameter value.',
    );
  }
  if (password.length < 8) throw refusedPassword('PasswordTooShort', 'it is too short');
  if (password.length > 128) throw refusedPassword('PasswordTooLong', 'it is too long');
  const holdsLogin = login !== undefined && password.toLowerCase().includes(login.toLowerCase());
  if (holdsLogin || kindsOfCharacters(password) < 3) {
    throw refusedPassword('PasswordNotComplex', 'it is not complex enough');
  }
}

function refusedPassword(code: string, reason: string): Error {
  return badRequest(
    code,
    `Password validation failed. The password does not meet policy requirements because ${reason}.`,
  );
}
