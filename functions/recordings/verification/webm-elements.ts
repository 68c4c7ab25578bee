/** WebM: EBML elements (RFC 8794, RFC 9559) that fill the file and each other exactly, in the places where they belong. */
import { type Content, type ElementHeader, ElementStream, type OpenElement } from './element-stream';
import { StructureError } from './structure-error';

const VOID_AND_CHECKSUM = ['ec', 'bf'];

/** The elements that are walked, and what may lie in them: ids in hexadecimal. */
const CHILDREN: Readonly<Record<string, ReadonlySet<string>>> = {
  // The file: header, segment.
  '': new Set(['1a45dfa3', '18538067', ...VOID_AND_CHECKSUM]),
  // EBML header.
  '1a45dfa3': new Set(['4286', '42f7', '42f2', '42f3', '4282', '4287', '4285', '4281', ...VOID_AND_CHECKSUM]),
  // Segment: seek head, info, tracks, cluster, cues, chapters, tags, attachments.
  '18538067': new Set([
    '114d9b74',
    '1549a966',
    '1654ae6b',
    '1f43b675',
    '1c53bb6b',
    '1043a770',
    '1254c367',
    '1941a469',
    ...VOID_AND_CHECKSUM,
  ]),
  // Tracks: track entries.
  '1654ae6b': new Set(['ae', ...VOID_AND_CHECKSUM]),
  // Cluster: timestamp, silent tracks, position, previous size, simple block, block group, encrypted block.
  '1f43b675': new Set(['e7', '5854', 'a7', 'ab', 'a3', 'a0', 'af', ...VOID_AND_CHECKSUM]),
};

const HEADER = '1a45dfa3';
const DOC_TYPE = '4282';
const SEGMENT = '18538067';
const CLUSTER = '1f43b675';
/** A live muxer does not know how long these become. */
const MAY_BE_UNSIZED = [SEGMENT, CLUSTER];
const MAX_DOC_TYPE_BYTES = 32;

const REQUIRED = { [SEGMENT]: 'segment', '1549a966': 'segment info', ae: 'track', [CLUSTER]: 'cluster' };

export class WebmElements extends ElementStream {
  private readonly seen = new Set<string>();
  private docType: string | undefined;

  protected readHeader(bytes: Buffer): ElementHeader | undefined {
    const first = bytes[0] ?? 0;
    const idBytes = Math.clz32(first) - 23;
    if (idBytes > 4) throw new StructureError('what follows an element is not one');
    const sizeFirst = bytes[idBytes];
    if (sizeFirst === undefined) return undefined;
    const lengthBytes = Math.clz32(sizeFirst) - 23;
    if (lengthBytes > 8) throw new StructureError('an element of it has no size');
    const headerBytes = idBytes + lengthBytes;
    if (bytes.length < headerBytes) return undefined;
    const name = bytes.toString('hex', 0, idBytes);
    const valueBits = 7n * BigInt(lengthBytes);
    const value = BigInt(`0x${bytes.toString('hex', idBytes, headerBytes)}`) & ((1n << valueBits) - 1n);
    // All bits set: the size is unknown.
    const isUnknown = value === (1n << valueBits) - 1n;
    return { name, headerBytes, sizeBytes: isUnknown ? undefined : headerBytes + Number(value) };
  }

  protected enter({ name, headerBytes, sizeBytes }: ElementHeader, inside: OpenElement): Content {
    if (this.seen.size === 0 && name !== HEADER)
      throw new StructureError('it does not begin with an EBML header');
    if (!CHILDREN[inside.name]?.has(name))
      throw new StructureError(`its element ${name} does not belong where it is`);
    if ((name === HEADER || name === SEGMENT) && this.seen.has(name))
      throw new StructureError('it consists of several files');
    if (name === SEGMENT && this.docType !== 'webm')
      throw new StructureError('its type of document is not webm');
    if (sizeBytes === undefined && !MAY_BE_UNSIZED.includes(name))
      throw new StructureError(`its element ${name} has no size`);
    if (name === DOC_TYPE && (sizeBytes ?? 0) - headerBytes > MAX_DOC_TYPE_BYTES)
      throw new StructureError('its type of document is not webm');
    this.seen.add(name);
    if (name in CHILDREN) return 'children';
    return name === DOC_TYPE ? 'bytes' : 'skip';
  }

  protected endsBefore(name: string, inside: OpenElement): boolean {
    return !CHILDREN[inside.name]?.has(name);
  }

  protected look(_name: string, bytes: Buffer): void {
    // EBML strings may be padded with zeros.
    this.docType = bytes.toString('latin1').replace(/\0+$/, '');
  }

  protected complete(): void {
    const missing = Object.entries(REQUIRED).find(([id]) => !this.seen.has(id));
    if (missing) throw new StructureError(`it has no ${missing[1]}`);
    if (!this.seen.has('a3') && !this.seen.has('a0')) throw new StructureError('it has no block');
  }
}
