import fc from 'fast-check';
import { compareManifest, type Manifest, manifestHash, manifestSchema } from './manifest';

const block = fc.record({
  blockId: fc
    .uint8Array({ minLength: 8, maxLength: 8 })
    .map((bytes) => Buffer.from(bytes).toString('base64')),
  sizeBytes: fc.integer({ min: 1, max: 1_000 }),
  sha256: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
});
const manifests = fc.uniqueArray(block, {
  minLength: 1,
  maxLength: 30,
  selector: ({ blockId }) => blockId,
});
const presentOf = (manifest: Manifest) => manifest.map(({ blockId, sizeBytes }) => ({ blockId, sizeBytes }));

describe('a manifest', () => {
  it('agrees with what was staged, in any order and among other blocks', () => {
    fc.assert(
      fc.property(manifests, fc.gen(), (manifest, generate) => {
        const other = { blockId: 'b3RoZXI=', sizeBytes: 1 };
        const present = generate(() =>
          fc.shuffledSubarray([...presentOf(manifest), other], { minLength: manifest.length + 1 }),
        );
        expect(compareManifest(manifest, present)).toEqual([]);
      }),
    );
  });

  it('names exactly the block that is missing or has another size', () => {
    fc.assert(
      fc.property(manifests, fc.nat(), fc.boolean(), (manifest, position, isMissing) => {
        const index = position % manifest.length;
        const present = presentOf(manifest).flatMap((item, at) =>
          at !== index ? [item] : isMissing ? [] : [{ ...item, sizeBytes: item.sizeBytes + 1 }],
        );
        expect(compareManifest(manifest, present).map((difference) => difference.index)).toEqual([index]);
      }),
    );
  });

  it('has a hash that changes with order, sizes and hashes of its blocks, and with nothing else', () => {
    fc.assert(
      fc.property(manifests, (manifest) => {
        const again = manifestSchema.parse(JSON.parse(JSON.stringify(manifest)));
        expect(manifestHash(again)).toBe(manifestHash(manifest));
        const upperCase = manifest.map((item) => ({ ...item, sha256: item.sha256.toUpperCase() }));
        expect(manifestHash(manifestSchema.parse(upperCase))).toBe(manifestHash(manifest));
        const longer = manifest.map((item, at) =>
          at === 0 ? { ...item, sizeBytes: item.sizeBytes + 1 } : item,
        );
        expect(manifestHash(longer)).not.toBe(manifestHash(manifest));
        if (manifest.length > 1) expect(manifestHash(manifest.toReversed())).not.toBe(manifestHash(manifest));
      }),
    );
  });

  it.each([
    ['no block at all', []],
    ['a block twice', [block0(), block0()]],
    ['an id that is not base64', [{ ...block0(), blockId: 'not base64!' }]],
    ['a hash that is too short', [{ ...block0(), sha256: 'ab' }]],
    ['an empty block', [{ ...block0(), sizeBytes: 0 }]],
  ])('is refused with %s', (_what, manifest) => {
    expect(manifestSchema.safeParse(manifest).success).toBe(false);
  });
});

function block0() {
  return { blockId: 'MDAwMQ==', sizeBytes: 10, sha256: '0'.repeat(64) };
}
