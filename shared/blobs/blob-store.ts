/** Blobs: small ones are read and written here, large ones directly by the caller with a short-lived SAS. */
import { Readable } from 'node:stream';
import type { TokenCredential } from '@azure/identity';
import {
  BlobSASPermissions,
  BlobServiceClient,
  SASProtocol,
  type UserDelegationKey,
  generateBlobSASQueryParameters,
} from '@azure/storage-blob';
import type { Clock } from '../clock';
import type { Config } from '../config';
import { TIME_LIMITS, withinTimeLimit, withoutLongSilence } from '../time-limits';

/** Dead-letter container of Event Grid. */
export const DEAD_LETTERS = 'dead-letters';
/** The blob containers of the service. `tasks`: items and results of tasks, to be deleted by a lifecycle rule after a year. */
export const BLOB_CONTAINERS = ['recordings', 'policies', 'tasks', DEAD_LETTERS] as const;
export type BlobContainer = (typeof BLOB_CONTAINERS)[number];

/** The newest version for which both Azurite and Azure accept a user delegation SAS. */
const SAS_VERSION = '2025-11-05';
/** A delegation key is valid for at most 7 days; it is renewed daily. */
const DELEGATION_KEY_SECONDS = 86_400;

const STORAGE = 'Blob storage';

/** A block that was uploaded but is not part of the blob yet. */
export interface StagedBlock {
  blockId: string;
  sizeBytes: number;
}

export class BlobStore {
  private delegation: { key: UserDelegationKey; expiresAt: number } | undefined;

  constructor(
    private readonly service: BlobServiceClient,
    private readonly clock: Clock,
  ) {}

  /**
   * Writes an immutable blob and returns whether it did: an existing blob is kept, which is not an
   * error. Callers whose blob names do not determine the content must check the result.
   */
  async putOnce(
    container: BlobContainer,
    name: string,
    content: Uint8Array,
    contentType: string,
  ): Promise<boolean> {
    try {
      await timed((abortSignal) =>
        this.block(container, name).uploadData(content, {
          blobHTTPHeaders: { blobContentType: contentType },
          conditions: { ifNoneMatch: '*' },
          abortSignal,
        }),
      );
      return true;
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      return false;
    }
  }

  /** The content of a blob, or undefined when there is none. */
  async get(container: BlobContainer, name: string): Promise<Buffer | undefined> {
    try {
      return await timed((abortSignal) =>
        this.block(container, name).downloadToBuffer(undefined, undefined, { abortSignal }),
      );
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  /** A URL that permits only these operations on only this blob until it expires. */
  async signedUrl(
    container: BlobContainer,
    name: string,
    permissions: 'read' | 'write',
    lifetimeSeconds: number,
  ): Promise<{ url: string; expiresAt: Date }> {
    const startsOn = new Date(this.clock.now().getTime() - 300_000);
    const expiresOn = new Date(this.clock.now().getTime() + lifetimeSeconds * 1000);
    const sas = generateBlobSASQueryParameters(
      {
        containerName: container,
        blobName: name,
        permissions: BlobSASPermissions.parse(permissions === 'read' ? 'r' : 'cw'),
        startsOn,
        expiresOn,
        version: SAS_VERSION,
        ...(this.service.url.startsWith('https:') ? { protocol: SASProtocol.Https } : {}),
      },
      await this.delegationKey(),
      this.service.accountName,
    );
    return { url: `${this.block(container, name).url}?${sas.toString()}`, expiresAt: expiresOn };
  }

  /** Blocks that were staged but not committed; empty when the blob was never written. */
  async stagedBlocks(container: BlobContainer, name: string): Promise<StagedBlock[]> {
    try {
      const list = await timed((abortSignal) =>
        this.block(container, name).getBlockList('uncommitted', { abortSignal }),
      );
      return (list.uncommittedBlocks ?? []).map((item) => ({ blockId: item.name, sizeBytes: item.size }));
    } catch (error) {
      if (statusOf(error) === 404) return [];
      throw error;
    }
  }

  /** Blocks that can be made the blob's content: the staged ones, and those that are its content already. */
  async presentBlocks(container: BlobContainer, name: string): Promise<StagedBlock[]> {
    try {
      const list = await timed((abortSignal) =>
        this.block(container, name).getBlockList('all', { abortSignal }),
      );
      const sizes = new Map<string, number>();
      for (const { name: blockId, size } of [
        ...(list.committedBlocks ?? []),
        ...(list.uncommittedBlocks ?? []),
      ])
        sizes.set(blockId, size);
      return [...sizes].map(([blockId, sizeBytes]) => ({ blockId, sizeBytes }));
    } catch (error) {
      if (statusOf(error) === 404) return [];
      throw error;
    }
  }

  /**
   * Commits these blocks, in this order, as the content of the blob: for each the last staged one, else the one that is
   * already part of the content. Idempotent.
   */
  async commitBlocks(
    container: BlobContainer,
    name: string,
    blockIds: string[],
    contentType: string,
  ): Promise<void> {
    await timed((abortSignal) =>
      this.block(container, name).commitBlockList(blockIds, {
        blobHTTPHeaders: { blobContentType: contentType },
        abortSignal,
      }),
    );
  }

  /** Size of a committed blob in bytes, or undefined when there is none. */
  async sizeBytes(container: BlobContainer, name: string): Promise<number | undefined> {
    try {
      const properties = await timed((abortSignal) =>
        this.block(container, name).getProperties({ abortSignal }),
      );
      return properties.contentLength;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  /** The content as a stream, for blobs that do not fit in memory. */
  async read(container: BlobContainer, name: string): Promise<AsyncIterable<Buffer>> {
    const { readableStreamBody } = await timed((abortSignal) =>
      this.block(container, name).download(undefined, undefined, { abortSignal }),
    );
    if (!(readableStreamBody instanceof Readable)) throw new Error(`Blob ${container}/${name} has no body`);
    return withoutLongSilence(STORAGE, readableStreamBody);
  }

  async remove(container: BlobContainer, name: string): Promise<void> {
    await timed((abortSignal) => this.block(container, name).deleteIfExists({ abortSignal }));
  }

  /** Resolves when storage answers and a container is there. Service properties need a role that the app does not have. */
  async ping(): Promise<void> {
    const [container] = BLOB_CONTAINERS;
    await timed((abortSignal) => this.service.getContainerClient(container).getProperties({ abortSignal }));
  }

  private block(container: BlobContainer, name: string) {
    return this.service.getContainerClient(container).getBlockBlobClient(name);
  }

  private async delegationKey(): Promise<UserDelegationKey> {
    const now = this.clock.now().getTime();
    if (!this.delegation || this.delegation.expiresAt - now < 3_600_000) {
      const expiresAt = now + 2 * DELEGATION_KEY_SECONDS * 1000;
      const key = await timed((abortSignal) =>
        this.service.getUserDelegationKey(new Date(now - 300_000), new Date(expiresAt), { abortSignal }),
      );
      this.delegation = { key, expiresAt: now + DELEGATION_KEY_SECONDS * 1000 };
    }
    return this.delegation.key;
  }
}

/** The blob store of the configured storage account. */
export function openBlobStore(config: Config, credential: TokenCredential, clock: Clock): BlobStore {
  const retryOptions = { maxTries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 1_000 };
  const service = new BlobServiceClient(config.storage.blobEndpoint, credential, { retryOptions });
  return new BlobStore(service, clock);
}

/** `tryTimeoutInMs` of the SDK is only sent to the server: it does not abort an unanswered request. */
function timed<T>(call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  return withinTimeLimit(STORAGE, TIME_LIMITS.storage, call);
}

function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' &&
    error !== null &&
    'statusCode' in error &&
    typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}
