/** Block blobs of a storage account in memory: every call on one blob costs the same, however many there are. */
import { createHash, randomUUID } from 'node:crypto';
import { StorageError } from './storage-error';

export interface Block {
  id: string;
  content: Buffer;
}

export interface Blob {
  content: Buffer;
  contentType: string;
  tier: string;
  etag: string;
  createdAt: Date;
  modifiedAt: Date;
  /** Of blobs that were made from blocks; a blob of one Put Blob has none. */
  blocks: Block[];
}

export interface Conditions {
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
}

interface NewBlob {
  contentType: string;
  tier: string;
}

type Listed = 'Committed' | 'Uncommitted' | 'Latest';

class Container {
  readonly blobs = new Map<string, Blob>();
  readonly staged = new Map<string, Map<string, Buffer>>();
  private names: string[] | undefined;

  /** Names in order; sorted again after a blob has come or gone. */
  sortedNames(): readonly string[] {
    return (this.names ??= [...this.blobs.keys()].sort());
  }

  put(name: string, blob: Blob): void {
    if (!this.blobs.has(name)) this.names = undefined;
    this.blobs.set(name, blob);
    this.staged.delete(name);
  }

  remove(name: string): void {
    this.blobs.delete(name);
    this.names = undefined;
  }
}

/** @throws StorageError from every method, as storage refuses */
export class BlobAccount {
  private readonly containers = new Map<string, Container>();

  createContainer(name: string): void {
    if (this.containers.has(name)) throw new StorageError(409, 'ContainerAlreadyExists');
    this.containers.set(name, new Container());
  }

  /** Throws when there is no such container. */
  checkContainer(name: string): void {
    this.container(name);
  }

  putBlob(
    container: string,
    name: string,
    content: Buffer,
    { conditions, ...blob }: NewBlob & { conditions: Conditions },
  ): Blob {
    const place = this.container(container);
    checkWrite(place.blobs.get(name), conditions);
    return this.store(place, name, { ...blob, content, blocks: [] });
  }

  /** The blob. A condition of `GET` that does not hold gives 304 or 412. */
  read(container: string, name: string, { ifMatch, ifNoneMatch }: Conditions): Blob {
    const blob = this.container(container).blobs.get(name);
    if (!blob) throw new StorageError(404, 'BlobNotFound');
    if (ifMatch !== undefined && !matches(blob, ifMatch)) throw new StorageError(412, 'ConditionNotMet');
    if (ifNoneMatch !== undefined && matches(blob, ifNoneMatch))
      throw new StorageError(304, 'ConditionNotMet');
    return blob;
  }

  deleteBlob(container: string, name: string, { ifMatch, ifNoneMatch }: Conditions): void {
    const place = this.container(container);
    const blob = place.blobs.get(name);
    if (!blob) throw new StorageError(404, 'BlobNotFound');
    if ((ifMatch !== undefined && !matches(blob, ifMatch)) || (ifNoneMatch && matches(blob, ifNoneMatch)))
      throw new StorageError(412, 'ConditionNotMet');
    place.remove(name);
  }

  /** @param id base64 of at most 64 bytes; all ids of a blob have the same length */
  stageBlock(container: string, name: string, id: string, content: Buffer): void {
    const place = this.container(container);
    const bytes = Buffer.from(id, 'base64');
    if (id === '' || bytes.toString('base64') !== id || bytes.length > 64)
      throw new StorageError(400, 'InvalidQueryParameterValue');
    const staged = place.staged.get(name) ?? new Map<string, Buffer>();
    const [known = place.blobs.get(name)?.blocks[0]?.id] = staged.keys();
    if (known !== undefined && known.length !== id.length) throw new StorageError(400, 'InvalidBlobOrBlock');
    staged.set(id, content);
    place.staged.set(name, staged);
  }

  commitBlocks(
    container: string,
    name: string,
    list: readonly { kind: Listed; id: string }[],
    { conditions, ...blob }: NewBlob & { conditions: Conditions },
  ): Blob {
    const place = this.container(container);
    const existing = place.blobs.get(name);
    checkWrite(existing, conditions);
    const staged = place.staged.get(name);
    const committed = new Map(existing?.blocks.map(({ id, content }) => [id, content]));
    const blocks = list.map(({ kind, id }) => {
      const content =
        (kind === 'Committed' ? undefined : staged?.get(id)) ??
        (kind === 'Uncommitted' ? undefined : committed.get(id));
      if (!content) throw new StorageError(400, 'InvalidBlockList');
      return { id, content };
    });
    const content = Buffer.concat(blocks.map((block) => block.content));
    return this.store(place, name, { ...blob, content, blocks });
  }

  blocks(container: string, name: string): { committed: readonly Block[]; staged: readonly Block[] } {
    const place = this.container(container);
    const blob = place.blobs.get(name);
    const staged = place.staged.get(name);
    if (!blob && !staged) throw new StorageError(404, 'BlobNotFound');
    return {
      committed: blob?.blocks ?? [],
      staged: [...(staged ?? [])].map(([id, content]) => ({ id, content })),
    };
  }

  /** Blobs whose names begin with the prefix, from the one with the name `from` on. `next`: where the following page begins. */
  list(
    container: string,
    { prefix, from, limit }: { prefix: string; from: string; limit: number },
  ): { found: [name: string, blob: Blob][]; next: string | undefined } {
    const place = this.container(container);
    const names = place.sortedNames();
    const start = firstNotBelow(names, from > prefix ? from : prefix);
    const found: [string, Blob][] = [];
    for (let index = start; names[index]?.startsWith(prefix); index++) {
      const name = names[index] ?? '';
      if (found.length === limit) return { found, next: name };
      const blob = place.blobs.get(name);
      if (blob) found.push([name, blob]);
    }
    return { found, next: undefined };
  }

  private store(place: Container, name: string, blob: NewBlob & Pick<Blob, 'content' | 'blocks'>): Blob {
    const now = new Date();
    const createdAt = place.blobs.get(name)?.createdAt ?? now;
    const stored = { ...blob, createdAt, modifiedAt: now, etag: newEtag() };
    place.put(name, stored);
    return stored;
  }

  private container(name: string): Container {
    const found = this.containers.get(name);
    if (!found) throw new StorageError(404, 'ContainerNotFound');
    return found;
  }
}

/** Conditions of a write: "must not exist" is a conflict, everything else a failed condition. */
function checkWrite(existing: Blob | undefined, { ifMatch, ifNoneMatch }: Conditions): void {
  if (ifNoneMatch === '*' && existing) throw new StorageError(409, 'BlobAlreadyExists');
  if (ifMatch !== undefined && !(existing && matches(existing, ifMatch)))
    throw new StorageError(412, 'ConditionNotMet');
  if (ifNoneMatch !== undefined && existing && matches(existing, ifNoneMatch))
    throw new StorageError(412, 'ConditionNotMet');
}

/** Source: https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata. */
export function checkContainerName(name: string): void {
  if (name.length < 3 || name.length > 63) throw new StorageError(400, 'OutOfRangeInput');
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new StorageError(400, 'InvalidResourceName');
}

function matches({ etag }: Blob, condition: string): boolean {
  return condition === '*' || condition === etag;
}

function newEtag(): string {
  return `"0x${createHash('sha256').update(randomUUID()).digest('hex').slice(0, 15).toUpperCase()}"`;
}

/** Index of the first name that is not below the text. */
function firstNotBelow(names: readonly string[], text: string): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((names[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
