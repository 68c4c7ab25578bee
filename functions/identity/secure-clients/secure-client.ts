/** Secure clients: the identities of recording servers, with secrets that are stored only as slow hashes. */
import { z } from 'zod';
import { documentType, type Stored } from '../../../shared/cosmos/document-type';
import { isUsable, type SecureClient } from '../../../shared/identity/secure-client';
import { instant } from '../../../shared/http/fields';
import { line } from '../../../shared/pure/text-fields';

/** Old and new secrets may overlap, but not accumulate. */
export const MAX_SECRETS = 5;

const futureInstant = instant.describe('Must be in the future');

export const newSecureClient = z
  .strictObject({
    name: line(128),
    secretExpiresAt: futureInstant
      .optional()
      .describe('Expiry of the first secret; it does not expire when absent'),
  })
  .meta({ id: 'NewSecureClient' });

export const newSecret = z
  .strictObject({
    expiresAt: futureInstant.optional(),
    othersExpireAt: futureInstant
      .optional()
      .describe('When all other secrets expire: the overlap of a rotation'),
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

/** Responses that contain a secret, which is shown only once. */
export const issuedSecret = z
  .object({
    clientId: z.uuid(),
    secretId: z.uuid(),
    secret: z.string().describe('Shown only once: store it safely'),
    expiresAt: z.string().optional(),
  })
  .meta({ id: 'IssuedSecret' });

/** Maps a secure client to its customer before its secret is verified. */
export interface DirectoryEntry {
  id: string;
  customerId: string;
}

export const directoryEntryType = documentType<DirectoryEntry>('client', { ttlSeconds: 'never' });

/** A secure client without secret hashes. */
export function viewOfSecureClient(
  client: Stored<SecureClient>,
  now: Date,
): z.input<typeof secureClientView> {
  const { etag: _etag, secrets, ...rest } = client;
  return { ...rest, secrets: secrets.map((secret) => ({ ...secret, expired: !isUsable(secret, now) })) };
}
