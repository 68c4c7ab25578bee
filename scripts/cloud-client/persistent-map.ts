/** A small map that survives a crash: one JSON file, replaced atomically at each change. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export class PersistentMap<V> {
  private readonly values: Map<string, V>;

  constructor(private readonly file: string) {
    const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as [string, V][]) : [];
    this.values = new Map(known);
  }

  get(key: string): V | undefined {
    return this.values.get(key);
  }

  set(key: string, value: V): void {
    this.values.set(key, value);
    writeFileSync(`${this.file}.new`, JSON.stringify([...this.values]), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }

  entries(): [string, V][] {
    return [...this.values];
  }
}
