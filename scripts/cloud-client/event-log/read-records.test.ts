import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type EventLogSource, readRecords } from './read-records';
import { MALFORMED } from './split-json';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'event-log-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(source: EventLogSource): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const some of readRecords(source)) values.push(...some);
  return values;
}

async function readFile(name: string, content: string | Buffer): Promise<unknown[]> {
  await writeFile(path.join(folder, name), content);
  return read({ kind: 'file', path: path.join(folder, name) });
}

const TEXT = '{"a":1}\n{"b":"ü"}\n';

test.each([
  ['text', Buffer.from(TEXT)],
  ['gzip', gzipSync(TEXT)],
  ['several gzip files one after the other', Buffer.concat([gzipSync('{"a":1}\n'), gzipSync('{"b":"ü"}')])],
  ['UTF-16, as PowerShell 5 redirects it', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${TEXT}`)],
])('CCL-9: a file of %s is read, whatever its name', async (_, content) => {
  expect(await readFile('log', content)).toEqual([{ a: 1 }, { b: 'ü' }]);
});

test('a truncated gzip file is counted once, and what is there is read', async () => {
  const lines = Array.from({ length: 5_000 }, (_, index) =>
    JSON.stringify({ index, noise: Math.sin(index) }),
  );
  const packed = gzipSync(lines.join('\n'));
  const values = await readFile('log.gz', packed.subarray(0, packed.length / 2));
  expect(values.slice(0, 2)).toEqual(lines.slice(0, 2).map((line) => JSON.parse(line) as unknown));
  expect(values.filter((value) => value === MALFORMED).length).toBeGreaterThanOrEqual(1);
});

test('a line that looks like JSON but is not is malformed', async () => {
  expect(await readFile('log', '{"a":1}\n{a:1}\n')).toEqual([{ a: 1 }, MALFORMED]);
});

test('an empty file has no records', async () => {
  expect(await readFile('log', '')).toEqual([]);
});

test('the files of a folder are read by name, and only log files', async () => {
  await writeFile(path.join(folder, 'b.ndjson'), '{"file":"b"}');
  await writeFile(path.join(folder, 'a.json.gz'), gzipSync('[{"file":"a"}]'));
  await writeFile(path.join(folder, 'notes.txt'), 'not a log');
  expect(await read({ kind: 'folder', path: folder })).toEqual([{ file: 'a' }, { file: 'b' }]);
});

test('a stream that arrives byte by byte is read, gzip as well', async () => {
  const bytes = (content: Buffer): AsyncIterable<Buffer> =>
    (async function* () {
      for (const byte of content) yield Buffer.from([byte]);
    })();
  expect(await read({ kind: 'stream', stream: bytes(Buffer.from(TEXT)) })).toEqual([{ a: 1 }, { b: 'ü' }]);
  expect(await read({ kind: 'stream', stream: bytes(gzipSync(TEXT)) })).toEqual([{ a: 1 }, { b: 'ü' }]);
});

test('a file that is not there is an error', async () => {
  await expect(read({ kind: 'file', path: path.join(folder, 'none') })).rejects.toThrow('ENOENT');
});
