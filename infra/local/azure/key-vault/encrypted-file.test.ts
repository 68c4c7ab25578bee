import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { encryptedFile } from './encrypted-file';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'encrypted-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => encryptedFile(path.join(folder, 'file'), path.join(folder, 'key'));

it('gives back what was written, also to a later process', () => {
  expect(open().read()).toBeUndefined();
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (content) => {
      open().write(content);
      expect(open().read()).toBe(content);
    }),
    { numRuns: 20 },
  );
});

it('refuses a file that was changed, and one of another key', () => {
  open().write('content');
  const file = path.join(folder, 'file');
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.from([...bytes.subarray(0, -1), (bytes.at(-1) ?? 0) ^ 1]));
  expect(() => open().read()).toThrow(/cannot be decrypted/);
  writeFileSync(file, bytes);
  writeFileSync(path.join(folder, 'key'), Buffer.alloc(32));
  expect(() => open().read()).toThrow(/cannot be decrypted/);
});
