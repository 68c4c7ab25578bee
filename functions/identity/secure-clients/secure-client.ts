/** Secure clients: the identities of recording servers, with secrets that are kept only as slow hashes. */
import { z } from 'zod';
import { documentType, type Stored } from '../../../shared/cosmos/document-type';

/** Old and new secrets may overlap, but not pile up. */
export const MAX_SECRETS = 5;

const futureInstant = z.iso.datetime().describe('RFC 3339, UTC; must lie ahead');

export const newSecureClient = z
  .strictObject({
    name: z.string().trim().min(1).max(128),
    secretExpiresAt: futureInstant
      .optional()
      .describe('The first secret works until then; for good when absent'),
  })
  .meta({ id: 'NewSecureClient' });

export const newSecret = z
  .strictObject({
    expiresAt: futureInstant.optional(),
    othersExpireAt: futureInstant
      .optional()
      .describe('All other secrets stop working then: the overlap of a rotation'),
  })
  .meta({ id: 'NewSecureClientSecret' });

const secretView = z
  .object({
    id: z.uuid(),
    hint: z.string().describe('The last four characters'),
    createdAt: z.string(),
    expiresAt: z.string().optional(),
    expired: z.boolean(),
  })
  .meta({ id: 'SecureClientSecret' });

export const secureClientView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    createdAt: z.string(),
    createdBy: z.string(),
    secrets: z.array(secretView),
  })
  .meta({ id: 'SecureClient' });

/** Answers that carry a secret, for the only time. */
export const issuedSecret = z
  .object({
    clientId: z.uuid(),
    secretId: z.uuid(),
    secret: z.string().describe('Shown once: keep it safe'),
    expiresAt: z.string().optional(),
  })
  .meta({ id: 'IssuedSecret' });

export interface ClientSecret {
  id: string;
  /** `scrypt$N$r$p$salt$hash`. */
  hash: string;
  hint: string;
  createdAt: string;
  expiresAt?: string | undefined;
}

export interface SecureClient {
  id: string;
  name: string;
  createdAt: string;
  createdBy: string;
  secrets: ClientSecret[];
}

/** From this version on the expiry of every secret is watched; the body has not changed. */
export const WATCHED_SCHEMA_VERSION = 2;

export const secureClientType = documentType<SecureClient>('secure-client', {
  ttlSeconds: 'never',
  schemaVersion: WATCHED_SCHEMA_VERSION,
});

/** Tells which customer a secure client belongs to, before its secret is known to be right. */
export interface DirectoryEntry {
  id: string;
  customerId: string;
}

export const directoryEntryType = documentType<DirectoryEntry>('client', { ttlSeconds: 'never' });

/** Whether a secret may still be used. */
export function isUsable(secret: ClientSecret, now: Date): boolean {
  return secret.expiresAt === undefined || Date.parse(secret.expiresAt) > now.getTime();
}

/** A secure client without anything that helps to guess a secret. */
export function viewOfSecureClient(
  client: Stored<SecureClient>,
  now: Date,
): z.input<typeof secureClientView> {
  const { etag: _etag, secrets, ...rest } = client;
  return { ...rest, secrets: secrets.map((secret) => ({ ...secret, expired: !isUsable(secret, now) })) };
}
