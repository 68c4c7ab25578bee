/** Cursors of page links: signed against forgery, and bound to their customer, list and filter. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { randomBytes } from 'node:crypto';
import { sha256Hex } from '../ids';
import { Problem } from '../problem';
import type { SecretStore } from '../secrets/secret-store';

const KEY_SECRET = 'page-link-key';
const MAC_BYTES = 16;

export class Cursors {
  private key: Promise<Buffer> | undefined;

  constructor(private readonly secrets: Pick<SecretStore, 'getOrCreate'>) {}

  /** An opaque text with the key of the last row, valid only for this filter. */
  async sign(last: unknown, filter: unknown): Promise<string> {
    const payload = Buffer.from(JSON.stringify({ last, filter: filterHash(filter) }));
    return Buffer.concat([mac(await this.load(), payload), payload]).toString('base64url');
  }

  /** The key of the last row. @throws Problem `invalid-cursor` */
  async verify(cursor: string, filter: unknown): Promise<unknown> {
    const bytes = Buffer.from(cursor, 'base64url');
    // Decoding ignores what is no base64url: every cursor has one spelling.
    const isCanonical = bytes.toString('base64url') === cursor;
    const payload = bytes.subarray(MAC_BYTES);
    const genuine =
      isCanonical &&
      bytes.length > MAC_BYTES &&
      timingSafeEqual(bytes.subarray(0, MAC_BYTES), mac(await this.load(), payload));
    if (!genuine) throw invalid('The page link is not one of this service: start from the first page.');
    const { last, filter: hash } = JSON.parse(payload.toString()) as { last: unknown; filter: string };
    if (hash !== filterHash(filter))
      throw invalid('The page link belongs to another list or filter: keep the filter while paging.');
    return last;
  }

  private load(): Promise<Buffer> {
    this.key ??= this.secrets
      .getOrCreate(KEY_SECRET, () => randomBytes(32).toString('base64'))
      .then((text) => Buffer.from(text, 'base64'))
      .catch((error: unknown) => {
        this.key = undefined;
        throw error;
      });
    return this.key;
  }
}

function invalid(detail: string): Problem {
  return new Problem('invalid-cursor', detail, { errors: [{ parameter: 'cursor', detail }] });
}

function mac(key: Buffer, payload: Buffer): Buffer {
  return createHmac('sha256', key).update(payload).digest().subarray(0, MAC_BYTES);
}

function filterHash(filter: unknown): string {
  return sha256Hex(JSON.stringify(filter)).slice(0, 16);
}
