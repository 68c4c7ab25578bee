/** For tests: a Key Vault in memory with versions and soft delete, behind the part of `SecretClient` that is used. */
import type { SecretClient } from '@azure/keyvault-secrets';
import { SecretStore } from '../../shared/secrets/secret-store';

interface Version {
  version: string;
  value: string;
  createdOn: Date;
}

export class MemoryVault {
  readonly secrets = new Map<string, Version[]>();
  readonly deleted = new Map<string, Version[]>();
  /** Called before every request; what it throws, the request throws. */
  beforeRequest: (operation: string, name: string) => void | Promise<void> = () => undefined;
  /** Key Vault returns whole seconds. */
  now = (): Date => new Date(Math.floor(Date.now() / 1000) * 1000);
  private made = 0;

  /** The store of the app over this vault; it does not wait for seconds to pass. */
  store(settleMilliseconds = 0): SecretStore {
    // The SDK's types require much (pollers, pages) that the store does not use.
    return new SecretStore(this as unknown as SecretClient, settleMilliseconds);
  }

  /** Every value of every version that is not deleted. */
  values(): string[] {
    return [...this.secrets.values()].flat().map(({ value }) => value);
  }

  async getSecret(name: string, { version }: { version?: string } = {}) {
    await this.beforeRequest('get', name);
    const versions = this.secrets.get(name) ?? [];
    const found = version ? versions.find((item) => item.version === version) : versions.at(-1);
    if (!found) throw failure(404);
    return { name, value: found.value, properties: found };
  }

  async setSecret(name: string, value: string) {
    await this.beforeRequest('set', name);
    if (this.deleted.has(name)) throw failure(409);
    const version = String(this.made++).padStart(32, '0');
    this.secrets.set(name, [...(this.secrets.get(name) ?? []), { version, value, createdOn: this.now() }]);
    return { name, value };
  }

  async beginDeleteSecret(name: string) {
    await this.beforeRequest('delete', name);
    const versions = this.secrets.get(name);
    if (!versions) throw failure(404);
    this.secrets.delete(name);
    this.deleted.set(name, versions);
    return {};
  }

  async beginRecoverDeletedSecret(name: string) {
    await this.beforeRequest('recover', name);
    const versions = this.deleted.get(name);
    if (!versions) throw failure(404);
    this.deleted.delete(name);
    this.secrets.set(name, versions);
    return { pollUntilDone: () => Promise.resolve({}) };
  }

  async *listPropertiesOfSecretVersions(name: string) {
    await this.beforeRequest('list', name);
    yield* [...(this.secrets.get(name) ?? [])];
  }
}

function failure(statusCode: number): Error {
  return Object.assign(new Error(`The vault answered ${statusCode}`), { statusCode });
}
