/** Creates secure clients and their secrets; a secret is only returned, never stored in clear text. */
import type { AuditTrail } from '../../../shared/audit/audit-entry';
import { change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { notFound, Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { watchSecretExpiry } from './secret-expiry';
import { hashSecret, newSecretText } from './secret-hash';
import { directoryEntryType, MAX_SECRETS } from './secure-client';
import {
  type ClientSecret,
  isUsable,
  type SecureClient,
  secureClientType,
} from '../../../shared/identity/secure-client';

interface NewClient {
  id: string;
  secretId: string;
  customerId: string;
  name: string;
  createdBy: string;
  secretExpiresAt?: string | undefined;
}

/** Creates a client with its first secret, and returns that secret. */
export async function createSecureClient(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  input: NewClient,
  audit: AuditTrail,
): Promise<string> {
  const now = clock.now();
  checkAhead('/secretExpiresAt', input.secretExpiresAt, now);
  const { secret, text } = await newClientSecret(input.secretId, now, input.secretExpiresAt);
  const client: SecureClient = {
    id: input.id,
    name: input.name,
    createdAt: now.toISOString(),
    createdBy: input.createdBy,
    secrets: [secret],
  };
  if (input.secretExpiresAt !== undefined) await watchSecretExpiry({ database, clock }, input.customerId);
  // The directory first: an entry without a client is harmless, a client without an entry could not sign in.
  await database
    .directory(input.id)
    .upsert(directoryEntryType, { id: input.id, customerId: input.customerId });
  await audit.commit([change.create(secureClientType, client)], {
    target: { type: 'secureClient', id: client.id, name: client.name },
  });
  return text;
}

interface NewSecret {
  secretId: string;
  expiresAt?: string | undefined;
  othersExpireAt?: string | undefined;
}

/** Adds a secret to a client, sets the expiry of the others if requested, and returns the new one. */
export async function addSecret(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  clientId: string,
  input: NewSecret,
  audit: AuditTrail,
): Promise<string> {
  const now = clock.now();
  checkAhead('/expiresAt', input.expiresAt, now);
  checkAhead('/othersExpireAt', input.othersExpireAt, now);
  const { secret, text } = await newClientSecret(input.secretId, now, input.expiresAt);
  if (input.expiresAt !== undefined || input.othersExpireAt !== undefined)
    await watchSecretExpiry({ database, clock }, customerId);
  await retryConflicts(async () => {
    const client = await database.control(customerId).read(secureClientType, clientId);
    if (!client) throw notFound('secure client');
    const secrets = [...othersOf(client, input.othersExpireAt, now), secret];
    await audit.commit([change.replace(secureClientType, { ...client, secrets }, client.etag)], {
      target: { type: 'secureClient', id: client.id, name: client.name },
      new: { secretId: secret.id, othersExpireAt: input.othersExpireAt },
    });
  });
  return text;
}

/** Replaces all secrets of a client by a new one without an expiry, and returns it. @throws Problem `not-found` */
export async function replaceSecrets(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  { customerId, clientId, secretId }: { customerId: string; clientId: string; secretId: string },
  audit: AuditTrail,
): Promise<string> {
  const { secret, text } = await newClientSecret(secretId, clock.now(), undefined);
  await retryConflicts(async () => {
    const client = await database.control(customerId).read(secureClientType, clientId);
    if (!client) throw notFound('secure client');
    await audit.commit([change.replace(secureClientType, { ...client, secrets: [secret] }, client.etag)], {
      target: { type: 'secureClient', id: client.id, name: client.name },
      new: { secretId },
    });
  });
  return text;
}

/** The existing secrets to keep beside a new one. @throws Problem `conflict` when there are too many */
function othersOf(client: SecureClient, expireAt: string | undefined, now: Date): ClientSecret[] {
  const usable = client.secrets.filter((secret) => isUsable(secret, now));
  if (usable.length >= MAX_SECRETS) {
    throw new Problem('conflict', `A secure client has at most ${MAX_SECRETS} secrets: remove one first.`);
  }
  return usable.map((other) => ({ ...other, expiresAt: earlier(other.expiresAt, expireAt) }));
}

async function newClientSecret(id: string, now: Date, expiresAt: string | undefined) {
  const text = newSecretText();
  const hash = await hashSecret(text);
  const secret: ClientSecret = { id, hash, hint: text.slice(-4), createdAt: now.toISOString(), expiresAt };
  return { secret, text };
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Date.parse(a) < Date.parse(b) ? a : b;
}

function checkAhead(pointer: string, instant: string | undefined, now: Date): void {
  if (instant === undefined || Date.parse(instant) > now.getTime()) return;
  throw new Problem('validation-failed', 'An expiry must be in the future.', {
    errors: [{ pointer, detail: `Must be later than now, which is ${now.toISOString()}.` }],
  });
}
