/** The secrets of one vault, their versions and the soft-deleted ones; every change is saved before it is answered. */
import { randomBytes } from 'node:crypto';
import { HttpError } from '../../stand-in-support/errors';
import { type EncryptedFile } from './encrypted-file';

export interface SecretVersion {
  version: string;
  value: string;
  contentType?: string;
  tags?: Record<string, string>;
  enabled: boolean;
  /** Times are seconds since 1970. */
  notBefore?: number;
  expires?: number;
  created: number;
  updated: number;
}

export interface Secret {
  name: string;
  /** Oldest first; the last one is the current version. */
  versions: SecretVersion[];
  deleted?: { at: number; purgeAt: number };
}

export type SecretChange = Partial<
  Pick<SecretVersion, 'contentType' | 'tags' | 'enabled' | 'notBefore' | 'expires'>
>;

/** How long a deleted secret can be recovered; Azure's default. */
export const recoverableDays = 90;

export class Vault {
  /** Keys are lower-case names: Azure's do not distinguish case. */
  private readonly secrets: Map<string, Secret>;

  constructor(private readonly file: EncryptedFile) {
    const saved = JSON.parse(file.read() ?? '[]') as Secret[];
    const kept = saved.filter(
      (secret) => secret.deleted === undefined || secret.deleted.purgeAt > nowSeconds(),
    );
    this.secrets = new Map(kept.map((secret) => [secret.name.toLowerCase(), secret]));
  }

  /** Adds a version. */
  set(name: string, value: string, change: SecretChange): Secret {
    const secret = this.secrets.get(name.toLowerCase()) ?? { name, versions: [] };
    if (secret.deleted !== undefined) {
      throw new HttpError(
        409,
        'Conflict',
        `Secret ${name} is deleted but recoverable: recover or purge it first.`,
        {
          innerCode: 'ObjectIsDeletedButRecoverable',
        },
      );
    }
    const now = nowSeconds();
    const version = randomBytes(16).toString('hex');
    secret.versions.push({ version, value, enabled: true, created: now, updated: now, ...change });
    this.secrets.set(name.toLowerCase(), secret);
    this.save();
    return secret;
  }

  /** The secret with the version asked for, or its latest; 404 when missing or deleted. */
  get(name: string, version?: string): { secret: Secret; version: SecretVersion } {
    const secret = this.secrets.get(name.toLowerCase());
    const found =
      version === undefined
        ? secret?.versions.at(-1)
        : secret?.versions.find((one) => one.version === version);
    if (secret === undefined || secret.deleted !== undefined || found === undefined) {
      const id = version === undefined ? name : `${name}/${version}`;
      throw new HttpError(
        404,
        'SecretNotFound',
        `A secret with (name/id) ${id} was not found in this key vault.`,
      );
    }
    return { secret, version: found };
  }

  /** Changes the properties of a version, but not its value. */
  update(name: string, version: string, change: SecretChange): { secret: Secret; version: SecretVersion } {
    const found = this.get(name, version);
    Object.assign(found.version, change, { updated: nowSeconds() });
    this.save();
    return found;
  }

  delete(name: string): Secret {
    const { secret } = this.get(name);
    const at = nowSeconds();
    secret.deleted = { at, purgeAt: at + recoverableDays * 86_400 };
    this.save();
    return secret;
  }

  getDeleted(name: string): Secret {
    const secret = this.secrets.get(name.toLowerCase());
    if (secret?.deleted === undefined) {
      throw new HttpError(404, 'SecretNotFound', `Deleted secret not found: ${name}`);
    }
    return secret;
  }

  recover(name: string): Secret {
    const secret = this.getDeleted(name);
    delete secret.deleted;
    this.save();
    return secret;
  }

  purge(name: string): void {
    this.secrets.delete(this.getDeleted(name).name.toLowerCase());
    this.save();
  }

  /** By name; either the live or the deleted ones. */
  list(which: 'live' | 'deleted'): Secret[] {
    return [...this.secrets.values()]
      .filter((secret) => (secret.deleted !== undefined) === (which === 'deleted'))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  private save(): void {
    this.file.write(JSON.stringify([...this.secrets.values()]));
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
