/** A small map that survives a crash: one JSON file, replaced atomically at each change. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** What a file of some megabytes holds; the oldest entries give way to newer ones. */
const MAX_ENTRIES = 10_000;

export class PersistentMap<V> {
  private readonly values: Map<string, V>;

  constructor(
    private readonly file: string,
    private readonly maxEntries = MAX_ENTRIES,
  ) {
    const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as [string, V][]) : [];
    this.values = new Map(known);
  }

  get(key: string): V | undefined {
    return this.values.get(key);
  }

  /** Sets it; it is on disk when this returns. */
  set(key: string, value: V): void {
    this.values.set(key, value);
    const [oldest] = this.values.keys();
    if (oldest !== undefined && this.values.size > this.maxEntries) this.values.delete(oldest);
    const temporary = `${this.file}.new`;
    const descriptor = openSync(temporary, 'w', 0o600);
    try {
      writeFileSync(descriptor, JSON.stringify([...this.values]));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, this.file);
  }

  entries(): [string, V][] {
    return [...this.values];
  }
}
