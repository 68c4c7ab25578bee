/** Revokes secure clients: they get no new tokens, and those that they have are refused within 30 seconds. */
import type { AuditTrail } from '../../../shared/audit/audit-entry';
import type { Stored } from '../../../shared/cosmos/document-type';
import { change } from '../../../shared/cosmos/partition';
import { type SecureClient, secureClientType } from '../../../shared/identity/secure-client';
import type { Services } from '../../../shared/services';
import { directoryEntryType } from './secure-client';
import { revocationChange } from './sign-ins';

type Revoking = Pick<Services, 'database' | 'clock'>;

/** @throws DocumentStale or DocumentGone when the client has changed since it was read */
export async function revokeSecureClient(
  { database, clock }: Revoking,
  client: Stored<SecureClient>,
  audit: AuditTrail,
): Promise<void> {
  const { id, name, etag } = client;
  const changes = [change.remove(secureClientType, id, etag), revocationChange(id, clock.now())];
  await audit.commit(changes, { target: { type: 'secureClient', id, name } });
  await database.directory(id).remove(directoryEntryType, id);
}
