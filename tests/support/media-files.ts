/** For tests: small files that are what a container must be, built from their parts. */

/** An MP4 box with this content. */
export function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const header = Buffer.alloc(8, type, 'latin1');
  header.writeUInt32BE(8 + body.length);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, body]);
}

const zeros = (count: number) => Buffer.alloc(count);

/** The brands of an MP4 file. */
export const FTYP = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2mp41', 'latin1'));

/** The description of one track. */
export const MOOV = box(
  'moov',
  box('mvhd', zeros(100)),
  box(
    'trak',
    box('tkhd', zeros(84)),
    box(
      'mdia',
      box('mdhd', zeros(24)),
      box('hdlr', zeros(25)),
      box(
        'minf',
        box('vmhd', zeros(12)),
        box('dinf', box('dref', zeros(8))),
        box('stbl', box('stsd', zeros(8))),
      ),
    ),
  ),
);

/** An MP4 file with these bytes as its media. */
export function mp4(media: Buffer = Buffer.from('media')): Buffer {
  return Buffer.concat([FTYP, MOOV, box('mdat', media)]);
}

/** An EBML element: id in hexadecimal, with its size, or with none for a live one. */
export function element(id: string, content: Buffer, isSized = true): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(isSized ? (1n << 56n) | BigInt(content.length) : (1n << 57n) - 1n);
  return Buffer.concat([Buffer.from(id, 'hex'), size, content]);
}

/** The header of an EBML file. */
export function ebmlHeader(docType: string): Buffer {
  return element('1a45dfa3', element('4282', Buffer.from(docType)));
}

/** A cluster with one block. */
export function cluster(media: Buffer, isSized = true): Buffer {
  return element('1f43b675', Buffer.concat([element('e7', Buffer.from([0])), element('a3', media)]), isSized);
}

/** Info and one track. */
export const TRACKS = Buffer.concat([
  element('1549a966', element('2ad7b1', Buffer.from([1]))),
  element('1654ae6b', element('ae', element('d7', Buffer.from([1])))),
]);

/** A WebM file with these bytes as its media, as a muxer writes it that knows the sizes, or as a live one does. */
export function webm(media: Buffer = Buffer.from('media'), isSized = true): Buffer {
  const content = [TRACKS, cluster(media, isSized), cluster(media, isSized), element('ec', zeros(3))];
  return Buffer.concat([ebmlHeader('webm'), element('18538067', Buffer.concat(content), isSized)]);
}

/** Events as NDJSON. */
export const EVENTS = Buffer.from('{"type":"appStart"}\n{"type":"appEnd"}\n');
