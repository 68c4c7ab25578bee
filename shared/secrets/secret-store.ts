/** Secrets by id. Everything else refers to them by that id and never holds their value. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import type { Config } from '../config';
import { TIME_LIMITS, withinTimeLimit } from '../time-limits';

/** Key Vault tells the age of versions in whole seconds; after this pause a later version has a later second. */
const SETTLE_MILLISECONDS = 1_500;
/** Versions that are older than the newest one by more come from before: a deletion that was recovered. */
const RACE_MILLISECONDS = 60_000;

export class SecretStore {
  constructor(
    private readonly client: Pick<
      SecretClient,
      | 'getSecret'
      | 'setSecret'
      | 'beginRecoverDeletedSecret'
      | 'beginDeleteSecret'
      | 'listPropertiesOfSecretVersions'
    >,
    private readonly settleMilliseconds = SETTLE_MILLISECONDS,
  ) {}

  /** The value of a secret, or undefined when there is none. */
  async get(id: string): Promise<string | undefined> {
    try {
      return (await timed((abortSignal) => this.client.getSecret(id, { abortSignal }))).value;
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** Stores a value under an id (letters, digits and dashes, at most 127). */
  async set(id: string, value: string): Promise<void> {
    try {
      await this.write(id, value);
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
      await this.recover(id);
      await this.write(id, value);
    }
  }

  /** The value under the id; made and stored by the first who asks. Two who ask at once get one value. */
  async getOrCreate(id: string, make: () => Promise<string> | string): Promise<string> {
    const found = await this.get(id);
    if (found !== undefined) return found;
    await this.set(id, await make());
    // Key Vault has no create-if-absent: whoever wrote first stands, and later writers put it on top again.
    await sleep(this.settleMilliseconds);
    const first = await this.oldestValue(id);
    if (first === undefined) return this.getOrCreate(id, make);
    if ((await this.get(id)) !== first) await this.set(id, first);
    return first;
  }

  /** Removes a secret; one that is gone is no error. */
  async remove(id: string): Promise<void> {
    try {
      await timed((abortSignal) => this.client.beginDeleteSecret(id, { abortSignal }));
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }

  private async write(id: string, value: string): Promise<void> {
    await timed((abortSignal) => this.client.setSecret(id, value, { abortSignal }));
  }

  /** The name of a deleted secret is taken until it is recovered. */
  private async recover(id: string): Promise<void> {
    try {
      await timed(async (abortSignal) => {
        const poller = await this.client.beginRecoverDeletedSecret(id, { abortSignal });
        await poller.pollUntilDone({ abortSignal });
      });
    } catch (error) {
      if (!isStatus(error, 404)) throw error; // Another instance recovered it.
    }
  }

  /** The value of the oldest version of those that were made in one race; at the same second, of the smallest. */
  private async oldestValue(id: string): Promise<string | undefined> {
    const versions = await timed((abortSignal) => this.versions(id, abortSignal));
    const newestAt = Math.max(...versions.map(({ createdAt }) => createdAt));
    const [oldest] = versions
      .filter(({ createdAt }) => newestAt - createdAt <= RACE_MILLISECONDS)
      .sort((a, b) => a.createdAt - b.createdAt || (a.version < b.version ? -1 : 1));
    const version = oldest?.version;
    return (
      version && (await timed((abortSignal) => this.client.getSecret(id, { version, abortSignal }))).value
    );
  }

  private async versions(
    id: string,
    abortSignal: AbortSignal,
  ): Promise<{ version: string; createdAt: number }[]> {
    const versions = [];
    for await (const { version, createdOn } of this.client.listPropertiesOfSecretVersions(id, {
      abortSignal,
    })) {
      if (version) versions.push({ version, createdAt: createdOn?.getTime() ?? 0 });
    }
    return versions;
  }
}

/** The secret store of the configured vault. */
export function openSecretStore(config: Config, credential: TokenCredential): SecretStore {
  return new SecretStore(
    new SecretClient(config.keyVault.url, credential, {
      disableChallengeResourceVerification: config.keyVault.disableChallengeVerification,
      retryOptions: { maxRetries: 2, maxRetryDelayInMs: 1_000 },
    }),
  );
}

function timed<T>(call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  return withinTimeLimit('Key Vault', TIME_LIMITS.keyVault, call);
}

function isStatus(error: unknown, status: number): boolean {
  return typeof error === 'object' && error !== null && 'statusCode' in error && error.statusCode === status;
}
