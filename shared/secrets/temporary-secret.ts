/** Secrets that are needed for a while only: each is recorded before it exists, and removed in time whatever crashes. */
import { documentType } from '../cosmos/document-type';
import type { Services } from '../services';
import type { Log } from '../telemetry/telemetry';

/** Says when a secret has to be removed; never what it is. */
interface TemporarySecret {
  /** Its name in the secret store. */
  id: string;
  /** RFC 3339 UTC. */
  dueAt: string;
}

export const temporarySecretType = documentType<TemporarySecret>('temporary-secret', { ttlSeconds: 'never' });

type Keeping = Pick<Services, 'database' | 'secrets'>;

/** Stores a secret under a name of letters, digits and dashes, until `removeTemporarySecret`, at the latest until then. */
export async function keepTemporarySecret(
  { database, secrets }: Keeping,
  { customerId, name, value, until }: { customerId: string; name: string; value: string; until: Date },
): Promise<void> {
  await database.control(customerId).upsert(temporarySecretType, { id: name, dueAt: until.toISOString() });
  await secrets.set(name, value);
}

/** Removes a secret that is not needed any more; a missing one is no error. */
export async function removeTemporarySecret(
  { database, secrets }: Keeping,
  customerId: string,
  name: string,
): Promise<void> {
  await secrets.remove(name);
  await database.control(customerId).remove(temporarySecretType, name);
}

/** Removes what is still there when its time is over. */
export async function removeOverdueSecrets(
  services: Keeping & Pick<Services, 'clock'>,
  log: Log,
): Promise<void> {
  const due = services.database.sweep<{ customerId: string; id: string }>(
    'control',
    `SELECT c.customerId, c.id FROM c WHERE c.type = 'temporary-secret' AND c.dueAt <= @now`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  for await (const { customerId, id } of due) {
    try {
      await removeTemporarySecret(services, customerId, id.slice(`${temporarySecretType.name}:`.length));
    } catch (error) {
      log.error('secret.not-removed', error, { customerId });
    }
  }
}
