/** Walks nested elements with a header that states their size, as MP4 and WebM have them, without keeping their content. */
import { StructureError } from './structure-error';

/** An element whose children are being read, or the file itself. */
export interface OpenElement {
  name: string;
  /** Position behind its last byte; undefined: it ends where an element follows that cannot be its child. */
  end: number | undefined;
}

/** The header of an element, as its format has it. */
export interface ElementHeader {
  name: string;
  headerBytes: number;
  /** Of header and content; undefined where the header does not state it. */
  sizeBytes: number | undefined;
}

/** What the content of an element is to the walk: its children, bytes to look at, or nothing of interest. */
export type Content = 'children' | 'bytes' | 'skip';

/** Longer than any header. */
const MAX_HEADER_BYTES = 16;

export abstract class ElementStream {
  private position = 0;
  private skippedUntil = 0;
  private pending: Buffer = Buffer.alloc(0);
  private readonly open: OpenElement[];
  private captured: { name: string; pieces: Buffer[] } | undefined;

  constructor(private readonly fileBytes: number) {
    this.open = [{ name: '', end: fileBytes }];
  }

  /** Reads a header from the first bytes of an element; undefined when more of them are needed. */
  protected abstract readHeader(bytes: Buffer, inside: OpenElement): ElementHeader | undefined;
  /** Checks whether the element may be here, and says what to do with its content. */
  protected abstract enter(header: ElementHeader, inside: OpenElement): Content;
  /** Whether an element of unknown size ends before one of this name. */
  protected abstract endsBefore(name: string, inside: OpenElement): boolean;
  /** The content of an element that was to be looked at. */
  protected abstract look(name: string, bytes: Buffer): void;
  /** Checks what must be there, when the file is over. */
  protected abstract complete(): void;

  push(piece: Buffer): void {
    let rest = piece;
    while (rest.length > 0) {
      rest = this.position < this.skippedUntil ? this.skip(rest) : this.collectHeader(rest);
    }
  }

  end(): void {
    this.close();
    const isCutOff = this.pending.length > 0 || this.position < this.skippedUntil;
    if (
      isCutOff ||
      this.open.some(({ name, end }) => name !== '' && end !== undefined) ||
      this.position !== this.fileBytes
    )
      throw new StructureError('it is cut off');
    this.complete();
  }

  private skip(rest: Buffer): Buffer {
    const content = rest.subarray(0, this.skippedUntil - this.position);
    this.captured?.pieces.push(content);
    this.position += content.length;
    if (this.position === this.skippedUntil) this.close();
    return rest.subarray(content.length);
  }

  /** Takes bytes until the header is complete; returns those that follow it. */
  private collectHeader(rest: Buffer): Buffer {
    const before = this.pending.length;
    const bytes = Buffer.concat([this.pending, rest.subarray(0, MAX_HEADER_BYTES - before)]);
    const header = this.readHeader(bytes, this.inside());
    if (!header) {
      this.pending = bytes;
      return rest.subarray(bytes.length - before);
    }
    this.pending = Buffer.alloc(0);
    this.begin(header);
    return rest.subarray(header.headerBytes - before);
  }

  private begin(header: ElementHeader): void {
    while (this.inside().end === undefined && this.endsBefore(header.name, this.inside())) this.open.pop();
    const inside = this.inside();
    const content = this.enter(header, inside);
    const end = header.sizeBytes === undefined ? undefined : this.position + header.sizeBytes;
    const limit = this.open.findLast((element) => element.end !== undefined)?.end ?? this.fileBytes;
    if (end !== undefined && end > limit)
      throw new StructureError(`its element ${header.name} reaches beyond ${inside.name || 'the file'}`);
    this.position += header.headerBytes;
    if (content === 'children') this.open.push({ name: header.name, end });
    else this.skippedUntil = end ?? this.fileBytes;
    if (content === 'bytes') this.captured = { name: header.name, pieces: [] };
    if (this.position >= this.skippedUntil) this.close();
  }

  /** Ends what is over at this position. */
  private close(): void {
    if (this.captured && this.position >= this.skippedUntil) {
      this.look(this.captured.name, Buffer.concat(this.captured.pieces));
      this.captured = undefined;
    }
    while (this.open.length > 1 && this.endsHere(this.inside())) this.open.pop();
  }

  private endsHere({ end }: OpenElement): boolean {
    if (end !== undefined) return this.position >= end;
    // Of unknown size: it ends with what contains it.
    const limit = this.open.findLast((element) => element.end !== undefined)?.end ?? this.fileBytes;
    return this.position >= limit;
  }

  private inside(): OpenElement {
    const innermost = this.open.at(-1);
    if (!innermost) throw new Error('the file itself is always open');
    return innermost;
  }
}
