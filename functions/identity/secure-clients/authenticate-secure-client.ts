/** Verifies a secure client's id and secret; wrong ones are counted, logged and slowed down. */
import { auditEntryType } from '../../../shared/audit/audit-entry';
import { appendToLog } from '../../../shared/log/append';
import type { ClientCaller } from '../../../shared/identity/caller';
import { isUuid, newId } from '../../../shared/ids';
import { Problem } from '../../../shared/problem';
import { AttemptLimiter } from '../../../shared/identity/attempt-limiter';
import type { Services } from '../../../shared/services';
import { hashSecret, matchesHash } from './secret-hash';
import { type ClientSecret, directoryEntryType, isUsable, secureClientType } from './secure-client';

/** Per client id and per address, on each instance. */
const failures = new AttemptLimiter({ attempts: 10, windowSeconds: 60 });

interface Attempt {
  clientId: string;
  clientSecret: string;
  address: string;
  traceId: string;
}

/**
 * The secure client that the secret proves.
 * @throws Problem `unauthenticated`, or `too-many-requests` after repeated failures
 */
export async function authenticateSecureClient(
  services: Pick<Services, 'database' | 'clock'>,
  attempt: Attempt,
): Promise<Omit<ClientCaller, 'type'>> {
  const { database, clock } = services;
  const clientId = attempt.clientId.toLowerCase();
  const named = isUuid(clientId);
  const keys = [...(named ? [`client ${clientId}`] : []), `address ${attempt.address}`];
  const waitSeconds = Math.max(...keys.map((key) => failures.waitSeconds(key, clock.now())));
  if (waitSeconds > 0) {
    throw new Problem(
      'too-many-requests',
      'Too many attempts with a wrong secret: wait before the next one.',
      {
        retryAfterSeconds: waitSeconds,
      },
    );
  }

  const entry = named ? await database.directory(clientId).read(directoryEntryType, clientId) : undefined;
  const client = entry && (await database.control(entry.customerId).read(secureClientType, clientId));
  const proven = await hasSecret(client?.secrets ?? [], attempt.clientSecret, clock.now());
  if (entry && client && proven) {
    return { id: client.id, customerId: entry.customerId, name: client.name };
  }

  for (const key of keys) failures.recordFailure(key, clock.now());
  if (entry) await recordRefusal(services, entry.customerId, clientId, attempt);
  throw new Problem(
    'unauthenticated',
    'The client id or the client secret is wrong, or the secret has expired.',
  );
}

async function hasSecret(secrets: ClientSecret[], secret: string, now: Date): Promise<boolean> {
  const usable = secrets.filter((candidate) => isUsable(candidate, now));
  // An unknown client, and one whose secrets have expired, take as long as a wrong secret.
  if (usable.length === 0) await hashSecret(secret);
  for (const candidate of usable) {
    if (await matchesHash(secret, candidate.hash)) return true;
  }
  return false;
}

async function recordRefusal(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  clientId: string,
  { address, traceId }: Attempt,
): Promise<void> {
  await appendToLog(services, customerId, auditEntryType, {
    id: newId(),
    at: services.clock.now().toISOString(),
    category: 'configuration',
    action: 'secureClient.signIn',
    by: { id: clientId, name: '', kind: 'secureClient' },
    address,
    authorised: false,
    outcome: 'failed',
    reason: 'wrong-secret',
    traceId,
    target: { type: 'secureClient', id: clientId },
  });
}
