/** MP4 (ISO/IEC 14496-12): boxes that fill the file and each other exactly, among them those that a player needs. */
import { type Content, type ElementHeader, ElementStream, type OpenElement } from './element-stream';
import { StructureError } from './structure-error';

/** Boxes that consist of boxes. */
const CONTAINERS: ReadonlySet<string> = new Set([
  'moov',
  'trak',
  'mdia',
  'minf',
  'stbl',
  'dinf',
  'edts',
  'mvex',
  'moof',
  'traf',
  'mfra',
]);

/** What every recording has, with the box that it lies in. */
const REQUIRED = [
  'ftyp',
  'moov',
  'moov/mvhd',
  'moov/trak',
  'trak/tkhd',
  'trak/mdia',
  'mdia/mdhd',
  'mdia/hdlr',
  'mdia/minf',
  'minf/stbl',
  'stbl/stsd',
  'mdat',
];

const HEADER_BYTES = 8;
const LONG_HEADER_BYTES = 16;
/** Header, brand, version, and at least one compatible brand. */
const SMALLEST_FTYP_BYTES = 20;

export class Mp4Boxes extends ElementStream {
  private readonly seen = new Set<string>();

  protected readHeader(bytes: Buffer, inside: OpenElement): ElementHeader | undefined {
    if (bytes.length < HEADER_BYTES) return undefined;
    const name = bytes.toString('latin1', 4, 8);
    if (!/^[\x20-\x7e\xa9][\x20-\x7e]{3}$/.test(name))
      throw new StructureError('what follows a box is not one');
    const stated = bytes.readUInt32BE(0);
    if (stated === 0 && inside.name !== '') throw new StructureError(`its box ${name} has no size`);
    // To the end of the file: nothing can follow it.
    if (stated === 0) return { name, headerBytes: HEADER_BYTES, sizeBytes: undefined };
    if (stated === 1 && bytes.length < LONG_HEADER_BYTES) return undefined;
    const headerBytes = stated === 1 ? LONG_HEADER_BYTES : HEADER_BYTES;
    const sizeBytes = stated === 1 ? Number(bytes.readBigUInt64BE(8)) : stated;
    if (sizeBytes < headerBytes) throw new StructureError(`its box ${name} is smaller than a box can be`);
    return { name, headerBytes, sizeBytes };
  }

  protected enter({ name, sizeBytes }: ElementHeader, inside: OpenElement): Content {
    if (this.seen.size === 0 && name !== 'ftyp')
      throw new StructureError('it does not begin with a box ftyp');
    if (name === 'ftyp' && (sizeBytes ?? 0) < SMALLEST_FTYP_BYTES)
      throw new StructureError('its box ftyp names no brand');
    const path = inside.name === '' ? name : `${inside.name}/${name}`;
    if ((path === 'moov' || path === 'ftyp') && this.seen.has(path))
      throw new StructureError(`it has two boxes ${name}`);
    this.seen.add(path);
    if (!CONTAINERS.has(name)) return 'skip';
    if (sizeBytes === undefined) throw new StructureError(`its box ${name} has no size`);
    return 'children';
  }

  protected endsBefore(): boolean {
    return false;
  }

  protected look(): void {
    // No box is read.
  }

  protected complete(): void {
    const missing = REQUIRED.find((path) => !this.seen.has(path));
    if (missing !== undefined) throw new StructureError(`it has no box ${missing}`);
  }
}
