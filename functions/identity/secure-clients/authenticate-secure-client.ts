/** Verifies a secure client's id and secret; attempts with unknown secrets are counted, logged and rate limited. */
import { auditEntryType } from '../../../shared/audit/audit-entry';
import { appendToLog } from '../../../shared/log/append';
import type { ClientCaller } from '../../../shared/identity/caller';
import { isUuid, newId } from '../../../shared/ids';
import { Problem } from '../../../shared/problem';
import { AttemptLimiter } from '../../../shared/identity/attempt-limiter';
import { subscriberNetwork } from '../../../shared/pure/addresses';
import type { Services } from '../../../shared/services';
import { KnownSecrets } from './known-secrets';
import { hashSecret, matchesHash } from './secret-hash';
import { directoryEntryType } from './secure-client';
import { recordSignIn } from './sign-ins';
import {
  type ClientSecret,
  isUsable,
  type SecureClient,
  secureClientType,
} from '../../../shared/identity/secure-client';

/**
 * Per network, on each instance. Not per client: whoever knows an id, which is no secret, could lock its client out.
 * What an instance knows already is not counted, so that others in the same network do not lock it out either.
 */
const attempts = new AttemptLimiter(
  { attempts: 10, windowSeconds: 60 },
  'Too many attempts with a wrong secret: wait before the next one.',
);
const known = new KnownSecrets();
/** Attempts that are being verified: servers that restart together present the same secret, which is hashed once. */
const verifying = new Map<string, Promise<Identified>>();

type Identifying = Pick<Services, 'database' | 'clock'>;
type Identified = Omit<ClientCaller, 'type'>;
type FoundClient = SecureClient & { customerId: string };
/** A client, and the one of its secrets that was presented. */
type Proven = { client: FoundClient; secret: ClientSecret };

interface Attempt {
  clientId: string;
  clientSecret: string;
  address: string;
  traceId: string;
}

/**
 * The secure client with this id and secret.
 * @throws Problem `unauthenticated`, or `too-many-requests` after repeated failures and while too many are verified
 */
export async function authenticateSecureClient(services: Identifying, attempt: Attempt): Promise<Identified> {
  const clientId = attempt.clientId.toLowerCase();
  const digest = known.digest(clientId, attempt.clientSecret);
  const proven = await findKnown(services, clientId, digest);
  if (proven) return recordedIdentity(services, proven, attempt);

  const network = subscriberNetwork(attempt.address);
  const key = `${network} ${digest}`;
  const running = verifying.get(key);
  if (running) return running;
  const verification = attempts
    .run(network, services.clock, () => verify(services, { ...attempt, clientId }, digest))
    .finally(() => verifying.delete(key));
  verifying.set(key, verification);
  return verification;
}

/** The client, if this instance has seen it prove this secret and the secret may still be used. */
async function findKnown(
  services: Identifying,
  clientId: string,
  digest: string,
): Promise<Proven | undefined> {
  const hash = known.hashOf(digest);
  if (hash === undefined) return undefined;
  const client = await findClient(services, clientId);
  const usable = client && usableSecrets(client, services.clock.now());
  const secret = usable?.find((candidate) => candidate.hash === hash);
  if (client && secret) return { client, secret };
  known.forget(digest);
  return undefined;
}

async function verify(services: Identifying, attempt: Attempt, digest: string): Promise<Identified> {
  const { clientId, clientSecret } = attempt;
  const client = isUuid(clientId) ? await findClient(services, clientId) : undefined;
  const matching = await matchingSecret(client, clientSecret, services.clock.now());
  if (client && matching) {
    known.remember(digest, matching.hash);
    return recordedIdentity(services, { client, secret: matching }, attempt);
  }
  if (client) await recordRefusal(services, client, attempt);
  throw new Problem(
    'unauthenticated',
    'The client id or the client secret is wrong, or the secret has expired.',
  );
}

async function findClient({ database }: Identifying, clientId: string): Promise<FoundClient | undefined> {
  const entry = await database.directory(clientId).read(directoryEntryType, clientId);
  const client = entry && (await database.control(entry.customerId).read(secureClientType, clientId));
  return client && { ...client, customerId: entry.customerId };
}

async function recordedIdentity(
  services: Identifying,
  { client: { id, customerId, name }, secret }: Proven,
  { address }: Attempt,
): Promise<Identified> {
  await recordSignIn(services, { customerId, clientId: id, address });
  return { id, customerId, name, secretId: secret.id };
}

async function matchingSecret(
  client: SecureClient | undefined,
  text: string,
  now: Date,
): Promise<ClientSecret | undefined> {
  const usable = client ? usableSecrets(client, now) : [];
  // Against timing attacks: unknown clients and expired secrets take as long as a wrong secret.
  if (usable.length === 0) await hashSecret(text);
  for (const secret of usable) {
    if (await matchesHash(text, secret.hash)) return secret;
  }
  return undefined;
}

function usableSecrets({ secrets }: SecureClient, now: Date): ClientSecret[] {
  return secrets.filter((secret) => isUsable(secret, now));
}

async function recordRefusal(
  services: Identifying,
  client: FoundClient,
  { address, traceId }: Attempt,
): Promise<void> {
  const { customerId, id: clientId } = client;
  const isExpired = usableSecrets(client, services.clock.now()).length === 0;
  const reason = isExpired ? 'secretExpired' : 'wrongSecret';
  await recordSignIn(services, { customerId, clientId, address, reason });
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
