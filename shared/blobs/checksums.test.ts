import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { ChecksumMeter } from './checksums';

const md5 = (content: Uint8Array) => createHash('md5').update(content).digest('base64');

it('are those of the blocks, however the content is cut', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 50 }), async (cut, blockBytes) => {
      const content = Buffer.concat(cut);
      const meter = new ChecksumMeter(blockBytes);
      async function* stream() {
        for (const piece of cut) yield Buffer.from(piece);
      }
      const passed: Buffer[] = [];
      for await (const piece of meter.measure(stream())) passed.push(piece);
      expect(Buffer.concat(passed).equals(content)).toBe(true);
      const blocks = Array.from({ length: Math.ceil(content.length / blockBytes) }, (_, index) =>
        md5(content.subarray(index * blockBytes, (index + 1) * blockBytes)),
      );
      expect(meter.result()).toEqual({ blockBytes, sizeBytes: content.length, md5: blocks });
    }),
  );
});
