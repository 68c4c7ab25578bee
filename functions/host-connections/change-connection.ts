/** Creates and deletes host connections, and changes their client secrets, which are in the secret store alone. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import type { Stored } from '../../shared/cosmos/document-type';
import { DocumentGone, DocumentStale } from '../../shared/cosmos/errors';
import { type Change, change } from '../../shared/cosmos/partition';
import {
  keepTemporarySecret,
  removeTemporarySecret,
  temporarySecretType,
} from '../../shared/secrets/temporary-secret';
import type { Services } from '../../shared/services';
import {
  type HostConnection,
  hostConnectionType,
  type NewHostConnection,
  type NewSecret,
  viewOfHostConnection,
} from './host-connection';
import { subscriptionWith } from './open-subscription';
import { findHostConnection } from './store';
import { requireSuccess, testConnection } from './test-connection';

/** A secret that no connection refers to is removed after that time. */
const UNUSED_SECONDS = 3_600;
/** What has read the connection before its secret changed may still ask for the former one. */
const FORMER_SECRET_SECONDS = 600;

interface Context {
  services: Services;
  customerId: string;
  audit: AuditTrail;
}

const secondsFrom = ({ clock }: Services, seconds: number) =>
  new Date(clock.now().getTime() + seconds * 1_000);

/** Tests the connection, then stores it. @throws Problem `connection-test-failed` */
export async function createConnection(
  context: Context,
  input: NewHostConnection,
  { id, createdBy }: { id: string; createdBy: string },
): Promise<void> {
  const { services, customerId } = context;
  // A repeated request whose first attempt was carried out: its secret is in use.
  if (await findHostConnection(services, customerId, id)) return context.audit.commit([], {});
  const { clientSecret, ...rest } = input;
  requireSuccess(await testConnection(subscriptionWith(services, input), input.servicePrincipalObjectId));
  const secretId = `host-connection-${customerId}-${id}`;
  const connection: HostConnection = {
    ...rest,
    ...{ id, secretId, createdBy, createdAt: services.clock.now().toISOString() },
  };
  await commitWithSecret(
    context,
    { secretId, clientSecret },
    [change.create(hostConnectionType, connection)],
    {
      target: { type: 'hostConnection', id, name: connection.name },
      new: viewOfHostConnection(connection, services.clock.now()),
    },
  );
}

/** Tests the connection with the new secret, then takes it in place of the former one. @throws Problem `connection-test-failed` */
export async function changeSecret(
  context: Context,
  { etag, ...connection }: Stored<HostConnection>,
  { clientSecret, secretExpiresAt }: NewSecret,
  newId: string,
): Promise<void> {
  const { services, customerId } = context;
  const subscription = subscriptionWith(services, { ...connection, clientSecret });
  requireSuccess(await testConnection(subscription, connection.servicePrincipalObjectId));
  const secretId = `host-connection-${customerId}-${newId}`;
  const dueAt = secondsFrom(services, FORMER_SECRET_SECONDS).toISOString();
  const changes = [
    change.replace(hostConnectionType, { ...connection, secretId, secretExpiresAt }, etag),
    change.upsert(temporarySecretType, { id: connection.secretId, dueAt }),
  ];
  await commitWithSecret(context, { secretId, clientSecret }, changes, {
    target: { type: 'hostConnection', id: connection.id, name: connection.name },
    old: { secretExpiresAt: connection.secretExpiresAt },
    new: { secretExpiresAt },
  });
}

/** Removes the connection and its secret. */
export async function deleteConnection(
  { services, customerId, audit }: Context,
  { etag, id, name, secretId }: Stored<HostConnection>,
): Promise<void> {
  const dueAt = services.clock.now().toISOString();
  const changes = [
    change.remove(hostConnectionType, id, etag),
    change.upsert(temporarySecretType, { id: secretId, dueAt }),
  ];
  await audit.commit(changes, { target: { type: 'hostConnection', id, name } });
  await removeTemporarySecret(services, customerId, secretId);
}

/** The secret is stored first; whatever happens, it stays only when the changes are written. */
async function commitWithSecret(
  { services, customerId, audit }: Context,
  { secretId, clientSecret }: { secretId: string; clientSecret: string },
  changes: Change[],
  details: Parameters<AuditTrail['commit']>[1],
): Promise<void> {
  const until = secondsFrom(services, UNUSED_SECONDS);
  await keepTemporarySecret(services, { customerId, name: secretId, value: clientSecret, until });
  try {
    await audit.commit([...changes, change.remove(temporarySecretType, secretId)], details);
  } catch (error) {
    // Only where it is known that nothing was written.
    const isUnwritten = error instanceof DocumentStale || error instanceof DocumentGone;
    if (isUnwritten) await removeTemporarySecret(services, customerId, secretId);
    throw error;
  }
}
