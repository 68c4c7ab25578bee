/** Secure clients, the identities of recording servers, as they are stored: authentication needs them (IAM-7). */
import { documentType } from '../cosmos/document-type';

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

/** From this version on the expiry of every secret is monitored; the body has not changed. */
export const WATCHED_SCHEMA_VERSION = 2;

export const secureClientType = documentType<SecureClient>('secure-client', {
  ttlSeconds: 'never',
  schemaVersion: WATCHED_SCHEMA_VERSION,
});

/** Whether a secret may still be used. */
export function isUsable(secret: ClientSecret, now: Date): boolean {
  return secret.expiresAt === undefined || Date.parse(secret.expiresAt) > now.getTime();
}
