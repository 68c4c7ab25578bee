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
import { statusOf, timed } from './calls';

/** Small enough for the storage to copy one within the time limit of a call; 50,000 of them are 3 TiB. */
const BLOCK_BYTES = 64 * 1_048_576;
const CONCURRENT_BLOCKS = 4;

interface Source {
  /** Readable by the storage. */
  url: string;
  etag: string;
  sizeBytes: number;
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

function blocksOf(sizeBytes: number): Block[] {
  return Array.from({ length: Math.ceil(sizeBytes / BLOCK_BYTES) }, (_, index) => ({
    id: Buffer.from(String(index).padStart(6, '0')).toString('base64'),
    offset: index * BLOCK_BYTES,
    sizeBytes: Math.min(BLOCK_BYTES, sizeBytes - index * BLOCK_BYTES),
  }));
}
