/** For tests: blobs, queues and the Event Grid topic in memory, behind the parts that the app uses. */
import type { BlobStore, StagedBlock } from '../../shared/blobs/blob-store';
import type { EventPublisher, OutgoingEvent } from '../../shared/events/event-publisher';
import type { QueueDefinition, Queues } from '../../shared/queues/queue';

/** A blob store that commits blocks as Azure does: of each the one staged last, else the committed one. */
export class MemoryBlobs {
  readonly blobs = new Map<string, Buffer>();
  private readonly staged = new Map<string, Map<string, Buffer>>();
  private readonly committed = new Map<string, Map<string, Buffer>>();

  /** As the app sees it. */
  asStore(): BlobStore {
    // The class has private members, which no other class can have.
    return this as unknown as BlobStore;
  }

  /** What a client does with its signed URL. */
  stageBlock(name: string, blockId: string, content: Buffer): void {
    const blocks = this.staged.get(name) ?? new Map<string, Buffer>();
    this.staged.set(name, blocks.set(blockId, content));
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

  async signedUrl(container: string, name: string, permissions: string, lifetimeSeconds: number) {
    const url = `https://blob.test/${container}/${name}?sp=${permissions}&se=${lifetimeSeconds}`;
    return { url, expiresAt: new Date('2030-01-15T13:00:00.000Z') };
  }

  async stagedBlocks(_container: string, name: string): Promise<StagedBlock[]> {
    return list(this.staged.get(name));
  }

  async presentBlocks(_container: string, name: string): Promise<StagedBlock[]> {
    return list(new Map([...(this.committed.get(name) ?? []), ...(this.staged.get(name) ?? [])]));
  }

  async commitBlocks(container: string, name: string, blockIds: string[]): Promise<void> {
    const present = new Map([...(this.committed.get(name) ?? []), ...(this.staged.get(name) ?? [])]);
    const blocks = blockIds.map((id): [string, Buffer] => {
      const block = present.get(id);
      if (!block) throw Object.assign(new Error('InvalidBlockList'), { statusCode: 400 });
      return [id, block];
    });
    this.committed.set(name, new Map(blocks));
    this.staged.delete(name);
    this.blobs.set(`${container}/${name}`, Buffer.concat(blocks.map(([, block]) => block)));
  }

  async read(container: string, name: string): Promise<AsyncIterable<Buffer>> {
    const content = this.blobs.get(`${container}/${name}`) ?? Buffer.alloc(0);
    async function* chunks() {
      for (let at = 0; at < content.length; at += 7) yield content.subarray(at, at + 7);
    }
    return chunks();
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
