/** The items still to be delivered, on disk and in order: nothing is lost while the service cannot be reached. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { EventEmitter, once } from 'node:events';

/** An ordered queue of JSON values, one file each; survives a crash of its process. */
export class Spool<T> {
  private readonly changed = new EventEmitter();
  private next: number;

  constructor(private readonly folder: string) {
    mkdirSync(path.join(folder, 'refused'), { recursive: true });
    this.next = Number(this.names().at(-1)?.slice(0, 12) ?? 0) + 1;
  }

  /** Number of items waiting. */
  get size(): number {
    return this.names().length;
  }

  /** Adds an entry behind all others; it is on disk when this returns. */
  append(entry: T): void {
    const name = `${String(this.next++).padStart(12, '0')}.json`;
    const temporary = path.join(this.folder, `${name}.new`);
    const file = openSync(temporary, 'w', 0o600);
    writeSync(file, JSON.stringify(entry));
    fsyncSync(file);
    closeSync(file);
    renameSync(temporary, path.join(this.folder, name));
    this.changed.emit('changed');
  }

  /** Delivers entries in order until the signal; an entry is removed when `deliver` has finished with it. */
  async drain(deliver: (entry: T) => Promise<'delivered' | 'refused'>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const name = this.names()[0];
      if (!name) {
        await once(this.changed, 'changed', { signal }).catch(() => undefined);
        continue;
      }
      const file = path.join(this.folder, name);
      const outcome = await deliver(JSON.parse(readFileSync(file, 'utf8')) as T);
      // What the service rejects permanently must not block the rest; it is kept for diagnosis.
      if (outcome === 'refused') renameSync(file, path.join(this.folder, 'refused', name));
      else rmSync(file);
      this.changed.emit('changed');
    }
  }

  /** Resolves when nothing is waiting any more. */
  async empty(signal: AbortSignal): Promise<void> {
    while (this.size > 0) await once(this.changed, 'changed', { signal });
  }

  private names(): string[] {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  }
}
