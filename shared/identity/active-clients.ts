/** Cuts off secure clients that were revoked, long before their last token expires. */
import type { Clock } from '../clock';
import type { Database } from '../cosmos/database';
import { FreshCache } from '../pure/fresh-cache';
import type { ClientCaller } from './caller';
import { isUsable, type SecureClient, secureClientType } from './secure-client';
import { unauthenticated } from './token-verifier';

/** With the staleness of a read, a revocation takes effect on every instance within 30 seconds. */
const MAX_AGE_MILLISECONDS = 15_000;
const CACHED_CLIENTS = 10_000;

export class ActiveClients {
  private readonly clients = new FreshCache<SecureClient | undefined>({
    maxAgeMilliseconds: MAX_AGE_MILLISECONDS,
    maxEntries: CACHED_CLIENTS,
  });

  constructor(
    private readonly database: Pick<Database, 'control'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns while the client exists and the secret that its token was issued for may be used.
   * @throws Problem `unauthenticated` otherwise
   */
  async require(caller: ClientCaller): Promise<void> {
    if (isActive(await this.read(caller), caller, this.clock.now())) return;
    // A secret may have been added since: only what was just read is a reason to refuse.
    this.clients.forget(keyOf(caller));
    const client = await this.read(caller);
    if (isActive(client, caller, this.clock.now())) return;
    this.clients.forget(keyOf(caller));
    throw unauthenticated(
      client
        ? 'The secret was removed or has expired: ask for a token with another one.'
        : 'The secure client was revoked.',
    );
  }

  private read(caller: ClientCaller): Promise<SecureClient | undefined> {
    return this.clients.get(keyOf(caller), this.clock.now().getTime(), () =>
      this.database.control(caller.customerId).read(secureClientType, caller.id),
    );
  }
}

function keyOf({ customerId, id }: ClientCaller): string {
  return `${customerId} ${id}`;
}

function isActive(client: SecureClient | undefined, { secretId }: ClientCaller, now: Date): boolean {
  if (!client) return false;
  // Tokens of earlier versions do not say for which secret they were issued; they expire within 15 minutes.
  if (secretId === undefined) return true;
  return client.secrets.some((secret) => secret.id === secretId && isUsable(secret, now));
}
