/** NDJSON of events: every line is one JSON object in UTF-8. */
import { isUtf8 } from 'node:buffer';
import { StructureError } from './structure-error';

/** More than any event has: whole batches of events are no larger. */
const MAX_LINE_BYTES = 1_048_576;
const NEWLINE = 0x0a;

export class EventLines {
  private pieces: Buffer[] = [];
  private pendingBytes = 0;
  private lines = 0;

  push(piece: Buffer): void {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      this.keep(piece.subarray(start, end));
      this.endLine();
      start = end + 1;
    }
    this.keep(piece.subarray(start));
  }

  end(): void {
    if (this.pendingBytes > 0) this.endLine();
    if (this.lines === 0) throw new StructureError('it has no line');
  }

  private keep(part: Buffer): void {
    this.pendingBytes += part.length;
    if (this.pendingBytes > MAX_LINE_BYTES)
      throw new StructureError(`its line ${this.lines + 1} is longer than ${MAX_LINE_BYTES} bytes`);
    if (part.length > 0) this.pieces.push(part);
  }

  private endLine(): void {
    const [first] = this.pieces;
    const line = this.pieces.length === 1 && first ? first : Buffer.concat(this.pieces);
    this.pieces = [];
    this.pendingBytes = 0;
    this.lines += 1;
    if (!isObject(line)) throw new StructureError(`its line ${this.lines} is not a JSON object`);
  }
}

function isObject(line: Buffer): boolean {
  // Decoding alone would replace what is not UTF-8.
  if (!isUtf8(line)) return false;
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
