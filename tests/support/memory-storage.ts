/** For tests: blobs, queues and the Event Grid topic in memory, behind the parts that the app uses. */
import { createHash } from 'node:crypto';
import { ArchiveLocations } from '../../shared/blobs/archive-locations';
import type { BlobProperties, BlobStore, CopySource, StagedBlock } from '../../shared/blobs/blob-store';
import type { BlockChecksums } from '../../shared/blobs/checksums';
import type { EventPublisher, OutgoingEvent } from '../../shared/events/event-publisher';
import type { QueueDefinition, Queues } from '../../shared/queues/queue';

/** A blob store that commits blocks as Azure does: of each the one staged last, else the committed one. */
export class MemoryBlobs {
  readonly blobs = new Map<string, Buffer>();
  private readonly staged = new Map<string, Map<string, Buffer>>();
  private readonly committed = new Map<string, Map<string, Buffer>>();
  private readonly etags = new Map<string, string>();
  private readonly leased = new Set<string>();
  private writes = 0;

  /** As the app sees it. */
  asStore(): BlobStore {
    // The class has private members, which no other class can have.
    return this as unknown as BlobStore;
  }

  /** Two archive locations in this store. */
  asArchives(): ArchiveLocations {
    const store = this.asStore();
    return new ArchiveLocations([
      { name: 'archive', tier: 'Cool', store },
      { name: 'cold', tier: 'Cold', store },
    ]);
  }

  /** What a client does with its signed URL: Put Block. */
  stageBlock(name: string, blockId: string, content: Buffer): void {
    const blocks = this.staged.get(name) ?? new Map<string, Buffer>();
    this.staged.set(name, blocks.set(blockId, content));
  }

  /** What a client can do with its signed URL as well: Put Blob. */
  overwrite(name: string, content: Buffer): void {
    this.write(name, content, new Map());
  }

  /** What a client can do with its signed URL as well: Lease Blob. */
  lease(name: string): void {
    this.leased.add(name);
  }

  async putOnce(container: string, name: string, content: Uint8Array): Promise<boolean> {
    const key = `${container}/${name}`;
    if (this.blobs.has(key)) return false;
    this.blobs.set(key, Buffer.from(content));
    return true;
  }

  async get(container: string, name: string): Promise<Buffer | undefined> {
    return this.blobs.get(`${container}/${name}`);
  }

  async getVersion(container: string, name: string, knownEtag?: string) {
    const content = this.blobs.get(`${container}/${name}`);
    const etag = this.etags.get(name) ?? 'first';
    if (content === undefined) return undefined;
    return etag === knownEtag ? ('unchanged' as const) : { content, etag };
  }

  async replaceVersion(
    container: string,
    name: string,
    content: Uint8Array,
    { etag }: { etag: string | undefined },
  ): Promise<boolean> {
    const present = await this.getVersion(container, name);
    if ((present === undefined ? undefined : present === 'unchanged' ? '' : present.etag) !== etag)
      return false;
    this.blobs.set(`${container}/${name}`, Buffer.from(content));
    this.etags.set(name, `write ${++this.writes}`);
    return true;
  }

  async readUrl(container: string, name: string, { lifetimeSeconds }: { lifetimeSeconds: number }) {
    const url = `https://blob.test/${container}/${name}?sp=r&se=${lifetimeSeconds}`;
    return { url, expiresAt: new Date('2030-01-15T13:00:00.000Z') };
  }

  async uploadUrl(container: string, name: string, lifetimeSeconds: number) {
    const url = `https://blob.test/${container}/${name}?sp=w&se=${lifetimeSeconds}`;
    return { url, expiresAt: new Date('2030-01-15T13:00:00.000Z') };
  }

  async creationUrl(container: string, name: string, lifetimeSeconds: number) {
    const url = `https://blob.test/${container}/${name}?sp=c&se=${lifetimeSeconds}`;
    return { url, expiresAt: new Date('2030-01-15T13:00:00.000Z') };
  }

  async appendUrl(container: string, name: string, lifetimeSeconds: number) {
    const url = `https://blob.test/${container}/${name}?sp=a&se=${lifetimeSeconds}`;
    return { url, expiresAt: new Date('2030-01-15T13:00:00.000Z') };
  }

  async createAppendBlob(container: string, name: string): Promise<void> {
    if (!this.blobs.has(`${container}/${name}`)) this.write(name, Buffer.alloc(0), new Map());
  }

  /** What a client does with its signed URL: Append Block at this position. Returns false for 412. */
  append(name: string, position: number, content: Buffer): boolean {
    const before = this.blobs.get(`recordings/${name}`);
    if (before?.length !== position) return false;
    this.write(name, Buffer.concat([before, content]), new Map());
    return true;
  }

  async stagedBlocks(_container: string, name: string): Promise<StagedBlock[]> {
    return list(this.staged.get(name));
  }

  async committedBlocks(_container: string, name: string): Promise<StagedBlock[]> {
    return list(this.committed.get(name));
  }

  async presentBlocks(_container: string, name: string): Promise<StagedBlock[]> {
    return list(new Map([...(this.committed.get(name) ?? []), ...(this.staged.get(name) ?? [])]));
  }

  async commitBlocks(_container: string, name: string, blockIds: string[]): Promise<boolean> {
    const present = new Map([...(this.committed.get(name) ?? []), ...(this.staged.get(name) ?? [])]);
    const blocks = blockIds.map((id): [string, Buffer | undefined] => [id, present.get(id)]);
    const found = blocks.flatMap(([id, block]): [string, Buffer][] => (block ? [[id, block]] : []));
    if (found.length < blocks.length) return false;
    this.write(name, Buffer.concat(found.map(([, block]) => block)), new Map(found));
    return true;
  }

  async properties(container: string, name: string): Promise<BlobProperties | undefined> {
    const content = this.blobs.get(`${container}/${name}`);
    return (
      content && {
        sizeBytes: content.length,
        etag: this.etags.get(name) ?? 'first',
        isLeased: this.leased.has(name),
      }
    );
  }

  async copyOnce(container: string, source: CopySource, name: string): Promise<boolean> {
    if ((await this.properties(container, source.name))?.etag !== source.etag) return false;
    const content = this.blobs.get(`${container}/${source.name}`)?.subarray(0, source.sizeBytes);
    if (content && !this.blobs.has(`${container}/${name}`)) this.blobs.set(`${container}/${name}`, content);
    return true;
  }

  async copyChecked(
    source: CopySource & { container: string },
    target: { container: string; name: string },
    { md5, sizeBytes }: BlockChecksums,
  ) {
    const content = this.blobs.get(`${source.container}/${source.name}`);
    const found = await this.properties(source.container, source.name);
    if (!content || found?.etag !== source.etag) return 'sourceChanged';
    const isSame = createHash('md5').update(content).digest('base64') === (md5[0] ?? '');
    if (content.length !== sizeBytes || (content.length > 0 && !isSame)) return 'corrupt';
    return (await this.putOnce(target.container, target.name, content)) ? 'copied' : 'present';
  }

  async deleteVersion(container: string, name: string, etag: string) {
    const found = await this.properties(container, name);
    if (!found) return 'gone';
    if (found.etag !== etag) return 'changed';
    this.blobs.delete(`${container}/${name}`);
    return 'deleted';
  }

  async namesOf(container: string, prefix: string): Promise<string[]> {
    const from = `${container}/${prefix}`;
    return [...this.blobs.keys()]
      .filter((key) => key.startsWith(from))
      .map((key) => key.slice(container.length + 1));
  }

  async read(container: string, name: string): Promise<AsyncIterable<Buffer>> {
    const content = this.blobs.get(`${container}/${name}`) ?? Buffer.alloc(0);
    async function* chunks() {
      for (let at = 0; at < content.length; at += 7) yield content.subarray(at, at + 7);
    }
    return chunks();
  }

  async discard(container: string, name: string): Promise<void> {
    this.blobs.delete(`${container}/${name}`);
    for (const known of [this.staged, this.committed, this.etags]) known.delete(name);
    this.leased.delete(name);
  }

  /** Uploads go to one container. */
  private write(name: string, content: Buffer, blocks: Map<string, Buffer>): void {
    this.committed.set(name, blocks);
    this.staged.delete(name);
    this.blobs.set(`recordings/${name}`, content);
    this.etags.set(name, `write ${++this.writes}`);
  }
}

function list(blocks: Map<string, Buffer> = new Map()): StagedBlock[] {
  return [...blocks].map(([blockId, { length }]) => ({ blockId, sizeBytes: length }));
}

/** Queues that remember what was sent. */
export class MemoryQueues {
  readonly sent: { queue: string; message: unknown }[] = [];
  /** Called before every message is accepted; what it throws, the sender gets. */
  beforeSend: () => void = () => undefined;

  asQueues(): Queues {
    // The class has private members, which no other class can have.
    return this as unknown as Queues;
  }

  async send<T>(queue: QueueDefinition<T>, message: T): Promise<void> {
    this.beforeSend();
    this.sent.push({ queue: queue.name, message: queue.message.parse(message) });
  }
}

/** A topic that remembers what was published. */
export class MemoryTopic {
  readonly published: OutgoingEvent[] = [];
  /** Called before events are accepted; what it throws, the publisher gets. */
  beforePublish: () => void = () => undefined;

  asPublisher(): EventPublisher {
    // The class has private members, which no other class can have.
    return this as unknown as EventPublisher;
  }

  async publish(events: OutgoingEvent[]): Promise<void> {
    this.beforePublish();
    this.published.push(...events);
  }
}
