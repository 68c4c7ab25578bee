import fc from 'fast-check';
import { sha256Hex } from '../../shared/ids';
import { looksLike } from './container-sniffer';
import type { Manifest } from './manifest';
import { findDamage } from './verify-content';

const MP4 = Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp41', 'latin1');
const WEBM = Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x87, 0x42, 0x82, 0x84, 0x77, 0x65, 0x62, 0x6d]);
const MATROSKA = Buffer.concat([WEBM.subarray(0, 7), Buffer.from([0x88]), Buffer.from('matroska')]);
const EVENTS = Buffer.from('{"type":"appStart"}\n{"type":"appEnd"}\n');

const manifestOf = (blocks: Buffer[]): Manifest =>
  blocks.map((block, index) => ({
    blockId: Buffer.from(String(index).padStart(4, '0')).toString('base64'),
    sizeBytes: block.length,
    sha256: sha256Hex(block),
  }));

async function* inChunks(content: Buffer, chunkBytes: number) {
  for (let at = 0; at < content.length; at += chunkBytes) yield content.subarray(at, at + chunkBytes);
}

const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array));
const blocks = fc.array(bytes, { maxLength: 10 }).map((rest) => [MP4, ...rest]);
const chunkBytes = fc.integer({ min: 1, max: 400 });

describe('the content of a recording', () => {
  it('is in order when every block has its hash, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, chunkBytes, async (parts, size) => {
        const content = inChunks(Buffer.concat(parts), size);
        expect(await findDamage(content, manifestOf(parts), 'mp4')).toBeUndefined();
      }),
    );
  });

  it('is damaged when one bit of it is another, and the block is named', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, chunkBytes, fc.nat(), fc.nat(7), async (parts, size, position, bit) => {
        const content = Buffer.concat(parts);
        const at = position % content.length;
        content.writeUInt8(content.readUInt8(at) ^ (1 << bit), at);
        let end = 0;
        const index = parts.findIndex(({ length }) => (end += length) > at);
        const manifest = manifestOf(parts);
        const damage = await findDamage(inChunks(content, size), manifest, 'mp4');
        expect(damage).toContain(manifest[index]?.blockId);
      }),
    );
  });

  it('is damaged when it is longer or shorter than its blocks', async () => {
    const manifest = manifestOf([MP4, EVENTS]);
    const longer = Buffer.concat([MP4, EVENTS, Buffer.from('x')]);
    expect(await findDamage(inChunks(longer, 10), manifest, 'mp4')).toMatch(/longer/);
    expect(await findDamage(inChunks(MP4, 10), manifest, 'mp4')).toMatch(/shorter/);
  });

  it('RCD-1: is damaged when it is not of the declared container', async () => {
    const manifest = manifestOf([WEBM]);
    expect(await findDamage(inChunks(WEBM, 3), manifest, 'mp4')).toMatch(/declared as mp4/);
    expect(await findDamage(inChunks(WEBM, 3), manifest, 'webm')).toBeUndefined();
  });
});

describe('a container', () => {
  it.each([
    ['mp4', MP4],
    ['webm', WEBM],
    ['events', EVENTS],
  ] as const)('%s is known by its first bytes', (container, head) => {
    for (const other of ['mp4', 'webm', 'events'] as const)
      expect(looksLike(other, head)).toBe(other === container);
  });

  it('webm is not any Matroska file', () => {
    expect(looksLike('webm', MATROSKA)).toBe(false);
  });

  it('of events begins with a JSON object, which may be longer than what is looked at', () => {
    const long = Buffer.from(`{"data":"${'x'.repeat(5_000)}"}\n`).subarray(0, 4_096);
    expect(looksLike('events', long)).toBe(true);
    expect(looksLike('events', Buffer.from('[1]\n'))).toBe(false);
    expect(looksLike('events', Buffer.from('{"a":'))).toBe(false);
    expect(looksLike('events', Buffer.alloc(0))).toBe(false);
  });

  it('is never recognised in noise by throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        for (const container of ['mp4', 'webm', 'events'] as const)
          expect(typeof looksLike(container, Buffer.from(noise))).toBe('boolean');
      }),
    );
  });
});
