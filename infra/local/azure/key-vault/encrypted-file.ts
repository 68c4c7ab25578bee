/** A file that is encrypted at rest: AES-256-GCM under a key file beside it, both readable by their owner only. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writePrivateFile } from '../../stand-in-support/private-file';

const nonceBytes = 12;
const tagBytes = 16;

export interface EncryptedFile {
  /** The content last written; undefined when there is none. Throws when key and file do not belong together. */
  read(): string | undefined;
  write(content: string): void;
}

/** `file` holds nonce, authentication tag and cipher text; `keyFile` 32 random bytes, made when missing. */
export function encryptedFile(file: string, keyFile: string): EncryptedFile {
  if (!existsSync(keyFile)) {
    writePrivateFile(keyFile, randomBytes(32));
  }
  const key = readFileSync(keyFile);
  return {
    read: () => (existsSync(file) ? decrypt(readFileSync(file), key, file) : undefined),
    write: (content) => writePrivateFile(file, encrypt(content, key)),
  };
}

function encrypt(content: string, key: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const text = Buffer.concat([cipher.update(content, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function decrypt(bytes: Buffer, key: Buffer, file: string): string {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes));
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const text = bytes.subarray(nonceBytes + tagBytes);
    return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
  } catch (error) {
    throw new Error(`${file} cannot be decrypted with its key.`, { cause: error });
  }
}
