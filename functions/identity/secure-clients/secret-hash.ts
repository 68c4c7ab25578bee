/** Secrets of secure clients: randomly generated, stored as scrypt hashes (RFC 7914). */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { ConcurrencyLimit } from '../../../shared/concurrency-limit';

/** 32 MiB, 80 ms: OWASP's recommendation of N = 2^15, r = 8, p = 3 gives the same strength as 2^17, p = 1. */
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 };
const KEY_BYTES = 32;

/**
 * One at a time, and half of the time: a hash takes a thread of libuv's pool of four, which unpacks the bodies of events
 * too, and a processor, of which an instance may have one alone. Those that wait are hashed within a few seconds.
 */
const hashing = new ConcurrencyLimit({ concurrent: 1, waiting: 16, retryAfterSeconds: 2, rest: 1 });

/** 256 random bits as 43 characters of `[A-Za-z0-9_-]`, which every command line passes unchanged. */
export function newSecretText(): string {
  return randomBytes(32).toString('base64url');
}

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64url. @throws Problem `too-many-requests` while too many are hashed */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(secret, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Whether the secret is the one that was hashed. @throws Problem `too-many-requests` while too many are hashed */
export async function matchesHash(secret: string, hash: string): Promise<boolean> {
  const [, N, r, p, salt = '', key = ''] = hash.split('$');
  const expected = Buffer.from(key, 'base64url');
  const cost = { ...COST, N: Number(N), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derive(secret, Buffer.from(salt, 'base64url'), cost), expected);
}

function derive(secret: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  return hashing.run(
    () =>
      new Promise((resolve, reject) => {
        scrypt(secret.normalize('NFC'), salt, KEY_BYTES, cost, (error, key) => {
          if (error) reject(error);
          else resolve(key);
        });
      }),
  );
}
