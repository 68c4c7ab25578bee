/**
 * The items still to be delivered, on disk and in order: nothing is lost while the service cannot be reached, when this
 * process is killed, or when the machine loses power.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { EventEmitter, once } from 'node:events';

const ENTRY = /^\d{12}\.json$/;

export interface SpoolOptions {
  /** From this size on the spool is full: see `whenRoom`. */
  maxBytes?: number;
  /** Instead of getting full, it drops the oldest entries, for what may be lost. */
  dropOldest?: boolean;
  /** Called for an entry that cannot be read: a disk that lost it. It is set aside, and the others go on. */
  onDamaged?: (file: string) => void;
}

/**
 * An ordered queue of JSON values, one file each. An entry is written beside its place, flushed, and renamed: after a
 * kill it is there whole or not at all. File and folder are flushed to the disk for each entry, which is what an append
 * promises; an entry is a batch of up to 1,000 events, so that this is one flush for many events.
 */
export class Spool<T> {
  private readonly changed = new EventEmitter().setMaxListeners(0);
  /** Names and sizes of the waiting entries, the oldest first. */
  private readonly waiting = new Map<string, number>();
  private next = 1;
  private bytes = 0;
  private beingDelivered: string | undefined;

  constructor(
    private readonly folder: string,
    private readonly options: SpoolOptions = {},
  ) {
    mkdirSync(path.join(folder, 'refused'), { recursive: true });
    for (const name of readdirSync(folder).sort()) {
      const file = path.join(folder, name);
      // A write that a kill has interrupted: its append never returned.
      if (name.endsWith('.new')) rmSync(file);
      if (ENTRY.test(name)) this.count(name, statSync(file).size);
    }
    // Refused entries keep their names: numbers are not used again.
    const numbers = [...this.waiting.keys(), ...readdirSync(path.join(folder, 'refused'))].map((name) =>
      Number.parseInt(name, 10),
    );
    this.next = Math.max(0, ...numbers.filter((number) => number > 0)) + 1;
  }

  /** Number of items waiting. */
  get size(): number {
    return this.waiting.size;
  }

  /** Size of the items waiting. */
  get sizeBytes(): number {
    return this.bytes;
  }

  get isFull(): boolean {
    return this.bytes >= (this.options.maxBytes ?? Infinity);
  }

  /** The items that wait, in order; those that cannot be read are left out. */
  *entries(): Generator<T> {
    for (const name of this.waiting.keys()) {
      const entry = this.read(name);
      if (entry) yield entry.value;
    }
  }

  /** Adds an entry behind all others; it is on disk when this returns. @throws errors of the file system: it is not added */
  append(entry: T): void {
    const name = `${String(this.next++).padStart(12, '0')}.json`;
    const content = Buffer.from(JSON.stringify(entry));
    const temporary = path.join(this.folder, `${name}.new`);
    const file = openSync(temporary, 'w', 0o600);
    try {
      for (let at = 0; at < content.length;) at += writeSync(file, content, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path.join(this.folder, name));
    flushFolder(this.folder);
    this.count(name, content.length);
    if (this.options.dropOldest) this.dropOldest(name);
    this.changed.emit('changed');
  }

  /** Makes room for what was added last; what is being delivered stays. */
  private dropOldest(added: string): void {
    for (const name of [...this.waiting.keys()]) {
      if (!this.isFull) return;
      if (name === added || name === this.beingDelivered) continue;
      rmSync(path.join(this.folder, name), { force: true });
      this.forget(name);
    }
  }

  /**
   * Resolves when the spool is below its limit. What can wait at its source asks this before it is read, so that a full
   * spool stops the reading and loses nothing; what cannot wait is appended all the same.
   */
  async whenRoom(signal: AbortSignal): Promise<void> {
    while (this.isFull) await once(this.changed, 'changed', { signal });
  }

  /** Delivers entries in order until the signal; an entry is removed when `deliver` has finished with it. */
  async drain(deliver: (entry: T) => Promise<'delivered' | 'refused'>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const [name] = this.waiting.keys();
      if (name === undefined) {
        await once(this.changed, 'changed', { signal }).catch(() => undefined);
        continue;
      }
      this.beingDelivered = name;
      const entry = this.read(name);
      if (!entry) this.options.onDamaged?.(path.join(this.folder, 'refused', name));
      // What the service rejects permanently must not block the rest; it is kept for diagnosis, as a damaged one is.
      if (entry && (await deliver(entry.value)) === 'delivered') rmSync(path.join(this.folder, name));
      else renameSync(path.join(this.folder, name), path.join(this.folder, 'refused', name));
      this.forget(name);
      this.changed.emit('changed');
    }
  }

  /** Resolves when nothing is waiting any more. */
  async empty(signal: AbortSignal): Promise<void> {
    while (this.size > 0) await once(this.changed, 'changed', { signal });
  }

  private count(name: string, bytes: number): void {
    this.waiting.set(name, bytes);
    this.bytes += bytes;
  }

  private forget(name: string): void {
    this.bytes -= this.waiting.get(name) ?? 0;
    this.waiting.delete(name);
  }

  private read(name: string): { value: T } | undefined {
    try {
      return { value: JSON.parse(readFileSync(path.join(this.folder, name), 'utf8')) as T };
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }
}

/** Makes a rename durable. Windows cannot open folders, and needs no flush for it. */
function flushFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
