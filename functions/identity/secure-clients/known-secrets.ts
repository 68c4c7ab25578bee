/** The secrets that this instance has verified: who presents one again needs no slow hash. In memory, as keyed digests. */
import { createHmac, randomBytes } from 'node:crypto';

const MAX_KNOWN = 10_000;

export class KnownSecrets {
  /** Of this process: its digests mean nothing to anybody else. */
  private readonly key = randomBytes(32);
  /** The stored hash that the secret matched, by digest; the longest unused first. */
  private readonly hashes = new Map<string, string>();

  constructor(private readonly maxKnown = MAX_KNOWN) {}

  /** Stands for a client's id and secret. */
  digest(clientId: string, secret: string): string {
    return createHmac('sha256', this.key)
      .update(JSON.stringify([clientId, secret]))
      .digest('base64');
  }

  /** The hash that this secret matched; the client may have lost it since. */
  hashOf(digest: string): string | undefined {
    const hash = this.hashes.get(digest);
    if (hash !== undefined) this.remember(digest, hash);
    return hash;
  }

  remember(digest: string, hash: string): void {
    this.hashes.delete(digest);
    this.hashes.set(digest, hash);
    if (this.hashes.size <= this.maxKnown) return;
    const oldest = this.hashes.keys().next();
    if (!oldest.done) this.hashes.delete(oldest.value);
  }

  forget(digest: string): void {
    this.hashes.delete(digest);
  }
}
