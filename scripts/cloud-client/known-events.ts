/** The ids of events that were spooled already: a source that is read again from its start is not delivered again. */
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';

const ID_BYTES = 16;
/** 32 MB of memory and disk at most; half of them are kept when it is reached. */
const MAX_IDS = 1_000_000;

/** A set of UUIDs in a file to which they are appended. What a kill has torn off at its end is cut off. */
export class KnownEvents {
  private readonly ids = new Set<string>();

  constructor(
    private readonly file: string,
    private readonly maxIds = MAX_IDS,
  ) {
    if (!existsSync(file)) return;
    const content = readFileSync(file);
    const whole = content.length - (content.length % ID_BYTES);
    if (whole !== content.length) truncateSync(file, whole);
    for (let at = 0; at < whole; at += ID_BYTES) this.ids.add(content.toString('hex', at, at + ID_BYTES));
  }

  has(id: string): boolean {
    return this.ids.has(keyOf(id));
  }

  /** Adds ids of one batch, by one write. */
  add(ids: readonly string[]): void {
    const added = ids.map(keyOf).filter((key) => !this.ids.has(key));
    for (const key of added) this.ids.add(key);
    const content = Buffer.from(added.join(''), 'hex');
    const file = openSync(this.file, 'a', 0o600);
    try {
      writeSync(file, content);
    } finally {
      closeSync(file);
    }
    if (this.ids.size > this.maxIds) this.forgetOlderHalf();
  }

  private forgetOlderHalf(): void {
    const surplus = [...this.ids].slice(0, Math.ceil(this.maxIds / 2));
    for (const key of surplus) this.ids.delete(key);
    writeFileSync(`${this.file}.new`, Buffer.from([...this.ids].join(''), 'hex'), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
}

function keyOf(id: string): string {
  return id.replaceAll('-', '').toLowerCase();
}
