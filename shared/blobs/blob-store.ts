/** Blobs: small ones are read and written here, large ones directly by the caller with a short-lived SAS. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import type { Clock } from '../clock';
import type { Config } from '../config';
import type { BlockChecksums } from './checksums';
import { withoutLongSilence } from '../time-limits';
import type { ArchiveTier } from './archive-locations';
import { BLOB_CONTAINERS, type BlobContainer } from './blob-containers';
import { BlobCopies, type CopyOutcome } from './blob-copies';
import { despiteLease, statusOf, STORAGE, timed } from './calls';
import { type SignedUrl, SignedUrls } from './signed-urls';

/** The source of a copy is read by the storage itself, with a URL that is valid for this long. */
const COPY_SOURCE_SECONDS = 900;

/** A block that was uploaded but is not part of the blob yet. */
export interface StagedBlock {
  blockId: string;
  sizeBytes: number;
}

export interface BlobProperties {
  sizeBytes: number;
  etag: string;
  /** Somebody has a lease: nobody else can write it. */
  isLeased: boolean;
}

/** A blob that can change, as it is now. */
export interface BlobVersion {
  content: Buffer;
  etag: string;
}

/** A blob to be copied, as it is now. */
export interface CopySource {
  name: string;
  etag: string;
  sizeBytes: number;
}

export class BlobStore {
  private readonly urls: SignedUrls;

  constructor(
    private readonly service: BlobServiceClient,
    private readonly copies: BlobCopies,
    clock: Clock,
  ) {
    this.urls = new SignedUrls(service, clock);
  }

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

  /** Content and ETag of a blob that can change; `unchanged` when it still has the known ETag, undefined when there is none. */
  async getVersion(
    container: BlobContainer,
    name: string,
    knownEtag?: string,
  ): Promise<BlobVersion | 'unchanged' | undefined> {
    try {
      return await timed(async (abortSignal) => {
        const conditions = knownEtag === undefined ? {} : { ifNoneMatch: knownEtag };
        const { etag = '', readableStreamBody } = await this.block(container, name).download(0, undefined, {
          conditions,
          abortSignal,
        });
        if (!(readableStreamBody instanceof Readable))
          throw new Error(`Blob ${container}/${name} has no body`);
        return { content: await buffer(readableStreamBody), etag };
      });
    } catch (error) {
      if (statusOf(error) === 304) return 'unchanged';
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  /**
   * Writes a blob that can change, provided that nobody has written it since.
   * @param etag of the version that the new one is based on; undefined when there was none
   * @returns false when there is another version now: nothing was written
   */
  async replaceVersion(
    container: BlobContainer,
    name: string,
    content: Uint8Array,
    { contentType, etag }: { contentType: string; etag: string | undefined },
  ): Promise<boolean> {
    try {
      await timed((abortSignal) =>
        this.block(container, name).uploadData(content, {
          blobHTTPHeaders: { blobContentType: contentType },
          conditions: etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag },
          abortSignal,
        }),
      );
      return true;
    } catch (error) {
      if (statusOf(error) !== 409 && statusOf(error) !== 412) throw error;
      return false;
    }
  }

  /** A URL that permits writing this blob until it expires, in every way: nothing may rely on what lies there. */
  async uploadUrl(container: BlobContainer, name: string, lifetimeSeconds: number): Promise<SignedUrl> {
    return this.urls.forUpload(this.signed(container, name, lifetimeSeconds));
  }

  /** A URL that permits creating this blob until it expires, by one Put Blob; not reading or replacing it. */
  async creationUrl(container: BlobContainer, name: string, lifetimeSeconds: number): Promise<SignedUrl> {
    return this.urls.forCreation(this.signed(container, name, lifetimeSeconds));
  }

  /** Creates an empty append blob; one that exists is kept, which is not an error. */
  async createAppendBlob(container: BlobContainer, name: string, contentType: string): Promise<void> {
    const blob = this.service.getContainerClient(container).getAppendBlobClient(name);
    await timed((abortSignal) =>
      blob.createIfNotExists({ blobHTTPHeaders: { blobContentType: contentType }, abortSignal }),
    );
  }

  /** A URL that permits appending to this append blob until it expires, and nothing else. */
  async appendUrl(container: BlobContainer, name: string, lifetimeSeconds: number): Promise<SignedUrl> {
    return this.urls.forAppending(this.signed(container, name, lifetimeSeconds));
  }

  /**
   * A URL that permits reading this blob until it expires; the response states this content type.
   * @param fileName makes browsers save it instead of showing it
   */
  async readUrl(
    container: BlobContainer,
    name: string,
    { lifetimeSeconds, contentType, fileName }: ReadUrlOptions,
  ): Promise<SignedUrl> {
    return this.urls.forReading(this.signed(container, name, lifetimeSeconds), contentType, fileName);
  }

  /** Blocks that were staged but not committed; empty when the blob was never written, or is no block blob. */
  async stagedBlocks(container: BlobContainer, name: string): Promise<StagedBlock[]> {
    return (await this.blocks(container, name, 'uncommitted')).staged;
  }

  /** The blocks that are the content of the blob, in order. */
  async committedBlocks(container: BlobContainer, name: string): Promise<StagedBlock[]> {
    return (await this.blocks(container, name, 'committed')).committed;
  }

  /** Blocks that can be made the blob's content: the staged ones, and those that are its content already. */
  async presentBlocks(container: BlobContainer, name: string): Promise<StagedBlock[]> {
    const { committed, staged } = await this.blocks(container, name, 'all');
    const sizes = new Map([...committed, ...staged].map(({ blockId, sizeBytes }) => [blockId, sizeBytes]));
    return [...sizes].map(([blockId, sizeBytes]) => ({ blockId, sizeBytes }));
  }

  /**
   * Commits these blocks, in this order, as the content of the blob: for each the last staged one, else the one that is
   * already part of the content. Ends a lease of somebody else. Returns false when one of the blocks is not there.
   */
  async commitBlocks(
    container: BlobContainer,
    name: string,
    blockIds: string[],
    contentType: string,
  ): Promise<boolean> {
    const blob = this.block(container, name);
    try {
      await despiteLease(blob, (abortSignal) =>
        blob.commitBlockList(blockIds, { blobHTTPHeaders: { blobContentType: contentType }, abortSignal }),
      );
      return true;
    } catch (error) {
      // Unknown blocks, or a blob of another kind at its name.
      if (statusOf(error) === 400 || statusOf(error) === 409) return false;
      throw error;
    }
  }

  /** Size, ETag and lease of a committed blob, or undefined when there is none. */
  async properties(container: BlobContainer, name: string): Promise<BlobProperties | undefined> {
    try {
      const found = await timed((abortSignal) => this.block(container, name).getProperties({ abortSignal }));
      const { contentLength = 0, etag = '', leaseState } = found;
      return { sizeBytes: contentLength, etag, isLeased: leaseState === 'leased' };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  /**
   * Makes an immutable blob from another one of the container, within the storage. An existing blob is kept, which is
   * not an error; the name must determine the source. After a crash, calling it again starts over.
   * @returns false when the source has changed: nothing was written
   */
  async copyOnce(
    container: BlobContainer,
    source: CopySource,
    name: string,
    contentType: string,
  ): Promise<boolean> {
    const { url: sourceUrl } = await this.readUrl(container, source.name, {
      lifetimeSeconds: COPY_SOURCE_SECONDS,
      contentType,
    });
    const { url } = this.block(container, name);
    const outcome = await this.copies.copy({ ...source, url: sourceUrl }, url, contentType);
    if (outcome !== 'late') return outcome === 'copied';
    if (await this.properties(container, name)) return true;
    throw new Error(`${container}/${name} was neither copied here nor elsewhere`);
  }

  /**
   * Copies an immutable blob from this or another storage account into a tier, block by block; the storage compares each
   * block with its checksum. An existing blob is kept, so that the name must determine the source. After a crash, calling
   * it again goes on with the blocks that are missing.
   */
  async copyChecked(
    source: CopySource & { store: BlobStore; container: BlobContainer },
    target: { container: BlobContainer; name: string; contentType: string; tier: ArchiveTier },
    checksums: BlockChecksums,
  ): Promise<CopyOutcome> {
    const sourceUrl = source.store.block(source.container, source.name).url;
    const { url } = this.block(target.container, target.name);
    const staged = await this.stagedBlocks(target.container, target.name);
    return this.copies.copyChecked({ ...source, url: sourceUrl }, { ...target, url, staged }, checksums);
  }

  /** Deletes a blob while it has this ETag. */
  async deleteVersion(
    container: BlobContainer,
    name: string,
    etag: string,
  ): Promise<'deleted' | 'gone' | 'changed'> {
    try {
      await timed((abortSignal) =>
        this.block(container, name).delete({ conditions: { ifMatch: etag }, abortSignal }),
      );
      return 'deleted';
    } catch (error) {
      if (statusOf(error) === 404) return 'gone';
      if (statusOf(error) !== 412) throw error;
      // The condition fails, too, for a blob that is not there.
      return (await this.properties(container, name)) ? 'changed' : 'gone';
    }
  }

  /** The names of at most 5,000 blobs that begin with a prefix. */
  async namesOf(container: BlobContainer, prefix: string): Promise<string[]> {
    const pages = this.service.getContainerClient(container).listBlobsFlat({ prefix }).byPage();
    const page = await timed(() => pages.next());
    if (page.done) return [];
    return page.value.segment.blobItems.map(({ name }) => name);
  }

  /** The content as a stream, for blobs that do not fit in memory. */
  async read(container: BlobContainer, name: string): Promise<AsyncIterable<Buffer>> {
    const { readableStreamBody } = await timed((abortSignal) =>
      this.block(container, name).download(undefined, undefined, { abortSignal }),
    );
    if (!(readableStreamBody instanceof Readable)) throw new Error(`Blob ${container}/${name} has no body`);
    return withoutLongSilence(STORAGE, readableStreamBody);
  }

  /** Removes whatever lies at a name that others could write: staged blocks, snapshots, a leased blob. */
  async discard(container: BlobContainer, name: string): Promise<void> {
    const blob = this.block(container, name);
    await despiteLease(blob, (abortSignal) =>
      blob.deleteIfExists({ deleteSnapshots: 'include', abortSignal }),
    );
    // Staged blocks outlive a removal for a week. An empty blob takes their place.
    if ((await this.stagedBlocks(container, name)).length === 0) return;
    await timed((abortSignal) => blob.upload('', 0, { abortSignal }));
    await timed((abortSignal) => blob.deleteIfExists({ deleteSnapshots: 'include', abortSignal }));
  }

  /** Resolves when storage answers and a container is there. Service properties need a role that the app does not have. */
  async ping(): Promise<void> {
    const [container] = BLOB_CONTAINERS;
    await timed((abortSignal) => this.service.getContainerClient(container).getProperties({ abortSignal }));
  }

  private block(container: BlobContainer, name: string) {
    return this.service.getContainerClient(container).getBlockBlobClient(name);
  }

  private signed(containerName: BlobContainer, blobName: string, lifetimeSeconds: number) {
    return { url: this.block(containerName, blobName).url, containerName, blobName, lifetimeSeconds };
  }

  private async blocks(container: BlobContainer, name: string, which: 'committed' | 'uncommitted' | 'all') {
    try {
      const list = await timed((abortSignal) =>
        this.block(container, name).getBlockList(which, { abortSignal }),
      );
      return { committed: blocksOf(list.committedBlocks), staged: blocksOf(list.uncommittedBlocks) };
    } catch (error) {
      // 409: a blob of another kind, which has no blocks.
      if (statusOf(error) === 404 || statusOf(error) === 409) return { committed: [], staged: [] };
      throw error;
    }
  }
}

interface ReadUrlOptions {
  lifetimeSeconds: number;
  contentType: string;
  fileName?: string;
}

function blocksOf(blocks: { name: string; size: number }[] = []): StagedBlock[] {
  return blocks.map(({ name, size }) => ({ blockId: name, sizeBytes: size }));
}

/** The blob store of the configured storage account. */
export function openBlobStore(
  config: { storage: Pick<Config['storage'], 'blobEndpoint'> },
  credential: TokenCredential,
  clock: Clock,
): BlobStore {
  const retryOptions = { maxTries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 1_000 };
  const service = new BlobServiceClient(config.storage.blobEndpoint, credential, { retryOptions });
  return new BlobStore(service, new BlobCopies(credential, { retryOptions }), clock);
}
