/** The RSA key that signs every local token, kept in the data folder so that tokens outlive a restart. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';
import { writePrivateFile } from '../../stand-in-support/private-file';

export interface SigningKey {
  privateKey: KeyObject;
  /** The public key as in the key set; `kid` is its RFC 7638 thumbprint. */
  publicJwk: JWK & { kid: string };
}

/** Reads the key from `file` (PKCS #8 PEM), creating it when missing. */
export async function loadSigningKey(file: string): Promise<SigningKey> {
  if (!existsSync(file)) {
    const made = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writePrivateFile(file, made.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
  const privateKey = createPrivateKey(readFileSync(file));
  const jwk = await exportJWK(createPublicKey(privateKey));
  const kid = await calculateJwkThumbprint(jwk);
  return { privateKey, publicJwk: { ...jwk, kid, use: 'sig', alg: 'RS256' } };
}
