import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {
  box,
  cluster,
  ebmlHeader,
  element,
  EVENTS,
  FTYP,
  MOOV,
  mp4,
  TRACKS,
  webm,
} from '../../../tests/support/media-files';
import { REAL_MP4, REAL_WEBM } from '../../../tests/support/real-media';
import { sha256Hex } from '../../../shared/ids';
import type { RecordingContainer } from '../recording';
import type { Manifest } from '../upload/manifest';
import { verifyContent } from './verify-content';

const FILES = { mp4: mp4(), webm: webm(), events: EVENTS } as const;
const CONTAINERS = ['mp4', 'webm', 'events'] as const;

const manifestOf = (blocks: Buffer[]): Manifest =>
  blocks.map((block, index) => ({
    blockId: Buffer.from(String(index).padStart(4, '0')).toString('base64'),
    sizeBytes: block.length,
    sha256: sha256Hex(block),
  }));

async function* inPieces(content: Buffer, pieceBytes: number) {
  for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
}

/** The verdict on a file of one block, read in pieces. */
const check = (container: RecordingContainer, content: Buffer, pieceBytes = 7) =>
  verifyContent(inPieces(content, pieceBytes), manifestOf([content]), container);
const damageOf = async (container: RecordingContainer, content: Buffer) => {
  const verdict = await check(container, content);
  return 'damage' in verdict ? verdict.damage : undefined;
};

const blocks = fc
  .tuple(fc.constantFrom(...CONTAINERS), fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }))
  .map(([container, sizes]) => {
    const file = FILES[container];
    const parts: Buffer[] = [];
    let rest = file;
    for (const size of sizes) {
      if (size >= rest.length) break;
      parts.push(rest.subarray(0, size));
      rest = rest.subarray(size);
    }
    return { container, parts: [...parts, rest] };
  });
const pieceBytes = fc.integer({ min: 1, max: 400 });

describe('the content of a recording', () => {
  it('RCD-1: is in order when every block has its hash, however the stream is cut, and has a hash as a whole', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, pieceBytes, async ({ container, parts }, size) => {
        const content = Buffer.concat(parts);
        const verdict = await verifyContent(inPieces(content, size), manifestOf(parts), container);
        expect(verdict).toEqual({ sha256: sha256Hex(content) });
      }),
    );
  });

  it('is damaged when one bit of it is another, and the block is named', async () => {
    await fc.assert(
      fc.asyncProperty(
        blocks,
        pieceBytes,
        fc.nat(),
        fc.nat(7),
        async ({ container, parts }, size, position, bit) => {
          const content = Buffer.concat(parts);
          const at = position % content.length;
          let end = 0;
          const index = parts.findIndex(({ length }) => (end += length) > at);
          const manifest = manifestOf(parts);
          content.writeUInt8(content.readUInt8(at) ^ (1 << bit), at);
          const verdict = await verifyContent(inPieces(content, size), manifest, container);
          expect(verdict).toEqual({
            damage: expect.stringContaining(manifest[index]?.blockId ?? '') as string,
          });
        },
      ),
    );
  });

  it('is damaged when it is longer or shorter than its blocks', async () => {
    const manifest = manifestOf([FILES.mp4]);
    const longer = Buffer.concat([FILES.mp4, Buffer.from('x')]);
    const shorter = FILES.mp4.subarray(0, -1);
    expect(await verifyContent(inPieces(longer, 10), manifest, 'mp4')).toMatchObject({
      damage: expect.stringMatching(/longer/) as string,
    });
    expect(await verifyContent(inPieces(shorter, 10), manifest, 'mp4')).toMatchObject({
      damage: expect.stringMatching(/shorter/) as string,
    });
  });
});

describe('RCD-1: a container', () => {
  it('is what an encoder writes while it records', async () => {
    expect(await damageOf('mp4', REAL_MP4)).toBeUndefined();
    expect(await damageOf('webm', REAL_WEBM)).toBeUndefined();
  });

  it.each(CONTAINERS)('%s is not any of the others', async (container) => {
    for (const declared of CONTAINERS) {
      const damage = await damageOf(declared, FILES[container]);
      if (declared === container) expect(damage).toBeUndefined();
      else expect(damage).toContain(`declared as ${declared}`);
    }
  });

  it('is checked to its end: no file that is cut off is one', async () => {
    for (const container of ['mp4', 'webm'] as const) {
      const file = FILES[container];
      for (let length = 1; length < file.length; length++)
        expect([container, length, await damageOf(container, file.subarray(0, length))]).toEqual([
          container,
          length,
          expect.any(String),
        ]);
    }
  });

  it('ends where its format ends: nothing follows', async () => {
    for (const container of CONTAINERS) {
      for (const appended of ['<script>alert(1)</script>', '<html>\n', '\0'])
        expect([
          container,
          appended,
          await damageOf(container, Buffer.concat([FILES[container], Buffer.from(appended)])),
        ]).toEqual([container, appended, expect.any(String)]);
    }
  });

  it('is never recognised in noise, nor fails on it', async () => {
    const noise = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    const headed = fc.tuple(fc.constantFrom(FTYP, MOOV, ebmlHeader('webm'), Buffer.alloc(0)), noise);
    await fc.assert(
      fc.asyncProperty(headed, fc.constantFrom('mp4', 'webm'), async ([head, bytes], container) => {
        expect(await damageOf(container, Buffer.concat([head, bytes]))).toEqual(expect.any(String));
      }),
    );
  });
});

describe('RCD-1: an MP4 file', () => {
  const withMoov = (moov: Buffer) => Buffer.concat([FTYP, moov, box('mdat', Buffer.from('x'))]);
  it.each([
    ['with its description behind the media', Buffer.concat([FTYP, box('free'), box('mdat'), MOOV])],
    [
      'in fragments',
      Buffer.concat([FTYP, MOOV, box('moof', box('mfhd', Buffer.alloc(8))), box('mdat'), box('mfra')]),
    ],
    [
      'whose media have a long size',
      Buffer.concat([
        FTYP,
        MOOV,
        Buffer.from('00000001', 'hex'),
        Buffer.from('mdat'),
        Buffer.from('0000000000000012', 'hex'),
        Buffer.from('xy'),
      ]),
    ],
    [
      'whose media go on to its end',
      Buffer.concat([FTYP, MOOV, Buffer.from('\0\0\0\0mdat media', 'latin1')]),
    ],
  ])('%s is one', async (_what, file) => {
    expect(await damageOf('mp4', file)).toBeUndefined();
  });

  it.each([
    ['of twelve bytes', Buffer.from('\0\0\0\x0cftypisom', 'latin1')],
    ['of its brands alone', FTYP],
    ['of brands and a script', Buffer.concat([FTYP, Buffer.from('<script>alert(1)</script>')])],
    ['without media', Buffer.concat([FTYP, MOOV])],
    ['without description', Buffer.concat([FTYP, box('mdat', Buffer.from('x'))])],
    ['with an empty description', withMoov(box('moov'))],
    ['without tracks', withMoov(box('moov', box('mvhd', Buffer.alloc(100))))],
    ['with two descriptions', Buffer.concat([FTYP, MOOV, MOOV, box('mdat')])],
    ['with media first', Buffer.concat([box('mdat'), FTYP, MOOV])],
    [
      'whose track reaches beyond its description',
      withMoov(box('moov', box('mvhd'), Buffer.from('\0\0\x01\0trak', 'latin1'))),
    ],
    ['with a box that is too small', Buffer.concat([FTYP, MOOV, Buffer.from('\0\0\0\x07mdat', 'latin1')])],
  ])('%s is damaged', async (_what, file) => {
    expect(await damageOf('mp4', file)).toMatch(/declared as mp4, but it/);
  });
});

describe('RCD-1: a WebM file', () => {
  const segment = (...content: Buffer[]) =>
    Buffer.concat([ebmlHeader('webm'), element('18538067', Buffer.concat(content))]);
  it('is one as a live muxer writes it, without sizes, and as a browser recorded it', async () => {
    expect(await damageOf('webm', webm(Buffer.from('live'), false))).toBeUndefined();
    const recorded = readFileSync(path.join(__dirname, '../../../scripts/cloud-client/samples/screen.webm'));
    expect(await check('webm', recorded, 65_536)).toEqual({ sha256: sha256Hex(recorded) });
  });

  it.each([
    [
      'that is any Matroska file',
      Buffer.concat([ebmlHeader('matroska'), webm().subarray(ebmlHeader('webm').length)]),
    ],
    ['of its header alone', ebmlHeader('webm')],
    ['of header and a script', Buffer.concat([ebmlHeader('webm'), Buffer.from('<script>alert(1)</script>')])],
    ['without a segment in front', webm().subarray(ebmlHeader('webm').length)],
    ['without tracks', segment(element('1549a966', Buffer.alloc(0)), cluster(Buffer.from('x')))],
    ['without media', segment(TRACKS)],
    ['without a block', segment(TRACKS, element('1f43b675', element('e7', Buffer.from([0]))))],
    [
      'with an element that does not belong there',
      segment(TRACKS, cluster(Buffer.from('x')), element('4282', Buffer.from('webm'))),
    ],
    ['with two segments', Buffer.concat([webm(), element('18538067', Buffer.alloc(0))])],
    [
      'whose cluster is longer than its segment',
      Buffer.concat([ebmlHeader('webm'), element('18538067', cluster(Buffer.alloc(50)).subarray(0, 40))]),
    ],
  ])('%s is damaged', async (_what, file) => {
    expect(await damageOf('webm', file)).toMatch(/declared as webm, but (it|an element)/);
  });
});

describe('RCD-1: events', () => {
  it.each([
    ['without a newline at the end', '{"a":1}\n{"a":2}'],
    ['with line ends of Windows', '{"a":1}\r\n{"a":2}\r\n'],
    ['with a long line', `{"a":"${'x'.repeat(100_000)}"}\n`],
    ['in any language', '{"a":"ünïcödé 日本語 🎥"}\n'],
  ])('%s are in order', async (_what, text) => {
    expect(await damageOf('events', Buffer.from(text))).toBeUndefined();
  });

  it.each([
    ['whose later line is HTML', '{"a":1}\n{"a":2}\n<script>alert(1)</script>\n', 3],
    ['with an empty line', '{"a":1}\n\n{"a":2}\n', 2],
    ['with a line that is no object', '{"a":1}\n[1]\n', 2],
    ['with a line that is null', 'null\n', 1],
    ['that end within an object', '{"a":1}\n{"a":', 2],
    ['with two objects in a line', '{"a":1}{"a":2}\n', 1],
    ['with a byte order mark', '\ufeff{"a":1}\n', 1],
  ])('%s are damaged, and the line is named', async (_what, text, line) => {
    expect(await damageOf('events', Buffer.from(text))).toContain(`its line ${line} is not a JSON object`);
  });

  it('are damaged when they are not UTF-8, and when a line is endless', async () => {
    const latin1 = Buffer.from('{"a":"\xe9"}\n', 'latin1');
    expect(await damageOf('events', latin1)).toContain('its line 1 is not');
    const endless = Buffer.from(`{"a":"${'x'.repeat(1_100_000)}"}\n`);
    const verdict = await check('events', endless, 65_536);
    expect(verdict).toEqual({ damage: expect.stringContaining('line 1 is longer') as string });
  });
});
