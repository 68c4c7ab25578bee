/** Secrets by id. Everything else refers to them by that id and never holds their value. */
import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import type { Config } from '../config';

export class SecretStore {
  constructor(private readonly client: SecretClient) {}

  /** The value of a secret, or undefined when there is none. */
  async get(id: string): Promise<string | undefined> {
    try {
      return (await this.client.getSecret(id)).value;
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** Stores a value under an id (letters, digits and dashes, at most 127). */
  async set(id: string, value: string): Promise<void> {
    try {
      await this.client.setSecret(id, value);
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
      // The name of a deleted secret is taken until it is recovered.
      await (await this.client.beginRecoverDeletedSecret(id)).pollUntilDone();
      await this.client.setSecret(id, value);
    }
  }

  /** The value under the id; made and stored by the first who asks. Two who ask at once get one value. */
  async getOrCreate(id: string, make: () => Promise<string> | string): Promise<string> {
    const found = await this.get(id);
    if (found !== undefined) return found;
    await this.set(id, await make());
    // Key Vault has no create-if-absent: whoever wrote first stands, and later writers put it on top again.
    const first = await this.oldestValue(id);
    if (first === undefined) return this.getOrCreate(id, make);
    if ((await this.get(id)) !== first) await this.set(id, first);
    return first;
  }

  /** Removes a secret; one that is gone is no error. */
  async remove(id: string): Promise<void> {
    try {
      await this.client.beginDeleteSecret(id);
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }

  private async oldestValue(id: string): Promise<string | undefined> {
    let oldest: { version: string | undefined; createdOn: number } | undefined;
    for await (const properties of this.client.listPropertiesOfSecretVersions(id)) {
      const createdOn = properties.createdOn?.getTime() ?? 0;
      const version = properties.version;
      const tie = oldest?.createdOn === createdOn && (version ?? '') < (oldest.version ?? '');
      if (!oldest || createdOn < oldest.createdOn || tie) oldest = { version, createdOn };
    }
    if (!oldest?.version) return undefined;
    return (await this.client.getSecret(id, { version: oldest.version })).value;
  }
}

/** The secret store of the configured vault. */
export function openSecretStore(config: Config, credential: TokenCredential): SecretStore {
  return new SecretStore(
    new SecretClient(config.keyVault.url, credential, {
      disableChallengeResourceVerification: config.keyVault.disableChallengeVerification,
    }),
  );
}

function isStatus(error: unknown, status: number): boolean {
  return typeof error === 'object' && error !== null && 'statusCode' in error && error.statusCode === status;
}
