/**
 * SQL servers and databases.
 * https://learn.microsoft.com/rest/api/sql/servers/create-or-update and
 * https://learn.microsoft.com/sql/relational-databases/security/password-policy
 */
import { randomUUID } from 'node:crypto';
import { type Draft, objectAt, textAt } from '../draft';
import {
  badRequest,
  conflict,
  isTakenElsewhere,
  kindsOfCharacters,
  type RuleContext,
  type Rules,
} from './rule';

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
  'microsoft.sql/servers/auditingsettings': { check: checkAuditing },
  'microsoft.sql/servers/databases': {
    complete: ({ existing }) => ({
      databaseId: textAt(existing?.body, 'properties', 'databaseId') ?? randomUUID(),
      creationDate: textAt(existing?.body, 'properties', 'creationDate') ?? new Date().toISOString(),
      status: 'Online',
    }),
  },
};

/** Storage Blob Data Contributor, with which a server writes its audit log. */
const auditRole = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe';

/**
 * A server that uses its identity must be able to write to the storage account, by a role that has taken effect.
 * https://learn.microsoft.com/azure/azure-sql/database/audit-write-storage-account-behind-vnet-firewall
 */
function checkAuditing({ id, properties }: Draft, { store, roleDelayMilliseconds }: RuleContext): void {
  const endpoint = textAt(properties, 'storageEndpoint');
  if (properties.isManagedIdentityInUse !== true || endpoint === undefined) return;
  const principalId = textAt(store.resources.get(id.parentId ?? '')?.body, 'identity', 'principalId');
  if (principalId === undefined) {
    throw badRequest(
      'BlobAuditingNoServerIdentity',
      `The server identity is not correctly configured on server '${id.fullName.split('/')[0]}'. Please re-configure ` +
        'Identity on the server.',
    );
  }
  const account = store.resources
    .all()
    .find(({ body }) => textAt(body, 'properties', 'primaryEndpoints', 'blob') === endpoint);
  const hasRole = store.resources.all().some(({ type, body }) => {
    const assignment = objectAt(body, 'properties');
    return (
      type.toLowerCase() === 'microsoft.authorization/roleassignments' &&
      textAt(assignment, 'scope')?.toLowerCase() === account?.id.toLowerCase() &&
      textAt(assignment, 'principalId') === principalId &&
      textAt(assignment, 'roleDefinitionId')?.endsWith(auditRole) === true &&
      Date.now() - Date.parse(textAt(assignment, 'createdOn') ?? '') >= roleDelayMilliseconds
    );
  });
  if (account !== undefined && hasRole) return;
  throw badRequest(
    'BlobAuditingInsufficientStorageAccountPermissions',
    `Insufficient read or write permissions on storage account '${new URL(endpoint).hostname.split('.')[0]}'. Add ` +
      'permissions to the server Identity to the storage account.',
  );
}

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
