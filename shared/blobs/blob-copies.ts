/** Copies a blob within the storage, of any size, and only while the source is unchanged. */
import type { TokenCredential } from '@azure/identity';
import {
  BaseRequestPolicy,
  BlockBlobClient,
  newPipeline,
  type RequestPolicy,
  type RequestPolicyOptions,
  type StoragePipelineOptions,
  type WebResource,
} from '@azure/storage-blob';
import { mapConcurrently } from '../pure/map-concurrently';
import type { ArchiveTier } from './archive-locations';
import type { StagedBlock } from './blob-store';
import { codeOf, statusOf, timed } from './calls';
import { type BlockChecksums, COPY_BLOCK_BYTES } from './checksums';

const STORAGE_SCOPE = 'https://storage.azure.com/.default';
const CONCURRENT_BLOCKS = 4;

interface Source {
  /** Readable by the storage. */
  url: string;
  etag: string;
  sizeBytes: number;
}

/**
 * `present`: the target exists, or a concurrent copy has used the blocks; `sourceChanged`: it has another ETag or is gone;
 * `corrupt`: a block does not have its checksum.
 */
export type CopyOutcome = 'copied' | 'present' | 'sourceChanged' | 'corrupt';

interface Target {
  url: string;
  contentType: string;
  tier: ArchiveTier;
  /** Blocks that an earlier attempt has copied. */
  staged: readonly StagedBlock[];
}

interface Block {
  id: string;
  offset: number;
  sizeBytes: number;
}

export class BlobCopies {
  constructor(
    private readonly credential: TokenCredential,
    private readonly options: StoragePipelineOptions,
  ) {}

  /**
   * Copies the source to a name that has no blob yet, all of it or nothing.
   * @returns `sourceChanged` when the source has another ETag; `late` when the target exists, or a concurrent copy has
   *   used the blocks
   */
  async copy(
    source: Source,
    targetUrl: string,
    contentType: string,
  ): Promise<'copied' | 'sourceChanged' | 'late'> {
    const target = this.clientFor(targetUrl, source.etag);
    const blocks = blocksOf(source.sizeBytes);
    try {
      await mapConcurrently(blocks, CONCURRENT_BLOCKS, ({ id, offset, sizeBytes }) =>
        timed((abortSignal) => target.stageBlockFromURL(id, source.url, offset, sizeBytes, { abortSignal })),
      );
    } catch (error) {
      if (statusOf(error) === 412) return 'sourceChanged';
      throw error;
    }
    try {
      const ids = blocks.map(({ id }) => id);
      const options = {
        blobHTTPHeaders: { blobContentType: contentType },
        conditions: { ifNoneMatch: '*' },
      };
      await timed((abortSignal) => target.commitBlockList(ids, { ...options, abortSignal }));
      return 'copied';
    } catch (error) {
      if ([400, 409, 412].includes(statusOf(error) ?? 0)) return 'late';
      throw error;
    }
  }

  /**
   * Copies the source to a name that has no blob yet, all of it or nothing, each block with its checksum. The storage of
   * the target reads the source with a token of this app's identity.
   */
  async copyChecked(source: Source, target: Target, checksums: BlockChecksums): Promise<CopyOutcome> {
    if (checksums.sizeBytes !== source.sizeBytes) return 'corrupt';
    const client = this.clientFor(target.url, source.etag);
    const blocks = blocksOf(source.sizeBytes, checksums.blockBytes);
    const staged = new Map(target.staged.map(({ blockId, sizeBytes }) => [blockId, sizeBytes]));
    const missing = blocks.filter(({ id, sizeBytes }) => staged.get(id) !== sizeBytes);
    try {
      await mapConcurrently(missing, CONCURRENT_BLOCKS, (block) =>
        this.stageChecked(client, source, block, checksums.md5[blocks.indexOf(block)] ?? ''),
      );
    } catch (error) {
      if (statusOf(error) === 412 || statusOf(error) === 404) return 'sourceChanged';
      if (statusOf(error) === 400 && codeOf(error) === 'Md5Mismatch') return 'corrupt';
      throw error;
    }
    return this.commitChecked(client, blocks, target);
  }

  private async stageChecked(client: BlockBlobClient, source: Source, block: Block, md5: string) {
    const token = await this.credential.getToken(STORAGE_SCOPE);
    if (!token) throw new Error('the identity of the app has no token for storage');
    const options = {
      sourceContentMD5: Buffer.from(md5, 'base64'),
      sourceAuthorization: { scheme: 'Bearer', value: token.token },
    };
    await timed((abortSignal) =>
      client.stageBlockFromURL(block.id, source.url, block.offset, block.sizeBytes, {
        ...options,
        abortSignal,
      }),
    );
  }

  private async commitChecked(
    client: BlockBlobClient,
    blocks: readonly Block[],
    { contentType, tier }: Target,
  ): Promise<CopyOutcome> {
    try {
      const options = {
        blobHTTPHeaders: { blobContentType: contentType },
        conditions: { ifNoneMatch: '*' },
        tier,
      };
      const ids = blocks.map(({ id }) => id);
      await timed((abortSignal) => client.commitBlockList(ids, { ...options, abortSignal }));
      return 'copied';
    } catch (error) {
      if ([400, 409, 412].includes(statusOf(error) ?? 0)) return 'present';
      throw error;
    }
  }

  private clientFor(url: string, sourceEtag: string): BlockBlobClient {
    const pipeline = newPipeline(this.credential, this.options);
    pipeline.factories.unshift({
      create: (next, options) => new SourceUnchanged(next, options, sourceEtag),
    });
    return new BlockBlobClient(url, pipeline);
  }
}

/** The SDK's `stageBlockFromURL` takes no conditions for the source, the REST operation does. */
class SourceUnchanged extends BaseRequestPolicy {
  constructor(
    next: RequestPolicy,
    options: RequestPolicyOptions,
    private readonly etag: string,
  ) {
    super(next, options);
  }

  sendRequest(request: WebResource) {
    if (request.headers.contains('x-ms-copy-source')) request.headers.set('x-ms-source-if-match', this.etag);
    return this._nextPolicy.sendRequest(request);
  }
}

function blocksOf(sizeBytes: number, blockBytes = COPY_BLOCK_BYTES): Block[] {
  return Array.from({ length: Math.ceil(sizeBytes / blockBytes) }, (_, index) => ({
    id: Buffer.from(String(index).padStart(6, '0')).toString('base64'),
    offset: index * blockBytes,
    sizeBytes: Math.min(blockBytes, sizeBytes - index * blockBytes),
  }));
}
