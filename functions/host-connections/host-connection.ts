/** Host connections: the subscriptions of Azure in which sites are deployed, and the applications that may do so (HST-1). */
import { z } from 'zod';
import { documentType, type Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { exactLine, line, lines, MAX_DESCRIPTION_CHARACTERS } from '../../shared/pure/text-fields';

const MAX_NAME_CHARACTERS = 128;
/** Entra's own secrets have 40. */
const MAX_SECRET_CHARACTERS = 256;
const WARNING_DAYS = 30;
const DAY_MILLISECONDS = 86_400_000;

const name = line(MAX_NAME_CHARACTERS).describe('Any script; not empty; need not be unique');
const description = lines(MAX_DESCRIPTION_CHARACTERS);
const guid = z.guid().transform((text) => text.toLowerCase());
const SECRET_STATUSES = ['valid', 'expiringSoon', 'expired'] as const;

export const newSecret = z
  .strictObject({
    clientSecret: exactLine(MAX_SECRET_CHARACTERS).describe(
      'Client secret of the application: its value, not its id. Stored in the secret store and never returned',
    ),
    secretExpiresAt: z.iso
      .datetime({ offset: true })
      .transform((text) => new Date(text).toISOString())
      .describe('When the client secret expires, as Microsoft Entra ID shows it; with any offset'),
  })
  .meta({ id: 'HostConnectionSecret' });

export const newHostConnection = z
  .strictObject({
    name,
    description: description.default(''),
    subscriptionId: guid.describe('Id of the Azure subscription'),
    tenantId: guid.describe('Directory (tenant) id of the application'),
    applicationId: guid.describe('Application (client) id'),
    servicePrincipalObjectId: guid.describe(
      'Object id of the service principal of the application; not that of its registration',
    ),
    ...newSecret.shape,
  })
  .meta({ id: 'NewHostConnection' });

/** What a change may set. */
export const hostConnectionChange = z.strictObject({ name, description: description.default('') });

export const hostConnectionView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    subscriptionId: z.string(),
    tenantId: z.string(),
    applicationId: z.string(),
    servicePrincipalObjectId: z.string(),
    secretExpiresAt: z.iso.datetime(),
    secretStatus: z
      .enum(SECRET_STATUSES)
      .describe(`\`expiringSoon\` in the last ${WARNING_DAYS} days before the client secret expires`),
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
  })
  .meta({ id: 'HostConnection' });

export type NewHostConnection = z.output<typeof newHostConnection>;
export type NewSecret = z.output<typeof newSecret>;

/** GUIDs are in lower case, times are RFC 3339 UTC. */
export interface HostConnection {
  /** UUIDv7. */
  id: string;
  name: string;
  description: string;
  subscriptionId: string;
  tenantId: string;
  applicationId: string;
  servicePrincipalObjectId: string;
  /** Of the client secret in the secret store. */
  secretId: string;
  secretExpiresAt: string;
  createdAt: string;
  createdBy: string;
  /** When work through it last began: a deletion that looked for its users before that fails. */
  usedAt?: string | undefined;
}

export const hostConnectionType = documentType<HostConnection>('host-connection', { ttlSeconds: 'never' });

/**
 * The write that notes, in the batch of what begins to use a connection, that it is used; it fails when the connection
 * is gone.
 */
export function usesConnection(hostConnectionId: string, now: Date): Change {
  return change.patch(hostConnectionType, hostConnectionId, [
    { op: 'set', path: '/usedAt', value: now.toISOString() },
  ]);
}

/** Whether the client secret has expired, or will soon. */
export function secretStatus(
  { secretExpiresAt }: Pick<HostConnection, 'secretExpiresAt'>,
  now: Date,
): (typeof SECRET_STATUSES)[number] {
  const leftMilliseconds = Date.parse(secretExpiresAt) - now.getTime();
  if (leftMilliseconds <= 0) return 'expired';
  return leftMilliseconds <= WARNING_DAYS * DAY_MILLISECONDS ? 'expiringSoon' : 'valid';
}

/** A connection as the API returns it. */
export function viewOfHostConnection(
  connection: HostConnection | Stored<HostConnection>,
  now: Date,
): z.input<typeof hostConnectionView> {
  const { id, name: shownName, description: shownDescription, subscriptionId, tenantId } = connection;
  const { applicationId, servicePrincipalObjectId, secretExpiresAt, createdAt, createdBy } = connection;
  return {
    ...{ id, name: shownName, description: shownDescription, subscriptionId, tenantId, applicationId },
    ...{ servicePrincipalObjectId, secretExpiresAt, createdAt, createdBy },
    secretStatus: secretStatus(connection, now),
  };
}
