import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { UnreadableInput } from './input-format';
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
  ['UTF-16 of the other byte order', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16()],
  ['UTF-16 without a byte order mark', Buffer.from(TEXT, 'utf16le')],
  ['UTF-16 of the other byte order without a mark', Buffer.from(TEXT, 'utf16le').swap16()],
  ['Windows-1252', Buffer.from(TEXT, 'latin1')],
])('CCL-9: a file of %s is read, whatever its name', async (_, content) => {
  expect(await readFile('log', content)).toEqual([{ a: 1 }, { b: 'ü' }]);
});

test('CCL-9: lines that are not UTF-8 are counted, and no other line is read differently', async () => {
  const mixed = Buffer.concat([
    Buffer.from('{"a":"ü"}\n'),
    Buffer.from('{"b":"\x80 50 für é"}\n', 'latin1'),
    Buffer.from('{"c":"日本"}\n'),
  ]);
  await writeFile(path.join(folder, 'log'), mixed);
  let count = 0;
  const values: unknown[] = [];
  for await (const some of readRecords({ kind: 'file', path: path.join(folder, 'log') }, () => (count += 1)))
    values.push(...some);
  expect(values).toEqual([{ a: 'ü' }, { b: '€ 50 für é' }, { c: '日本' }]);
  expect(count).toBe(1);
});

test('CCL-9: a character that two pieces of a long line share is read', async () => {
  const text = JSON.stringify([{ a: 'ü'.repeat(900_000) }, { b: '日'.repeat(900_000) }]);
  expect(JSON.stringify(await readFile('log', text)) === text).toBe(true);
});

const tar = (): Buffer => {
  const block = Buffer.alloc(1024);
  block.write('log.json', 0);
  block.write('ustar', 257);
  return block;
};

describe('CCL-9: a file that is no text is refused with what to do:', () => {
  test.each([
    [
      'an event log in its binary form',
      Buffer.from('ElfFile\0and more'),
      /log is a binary event log \(\.evtx\): convert it first, with evtx_dump/,
    ],
    ['a ZIP archive', Buffer.from('PK\x03\x04and more'), /log is a ZIP archive: unpack it \(unzip\)/],
    ['a tar archive', tar(), /log is a tar archive: unpack it/],
    ['a tar archive in gzip', gzipSync(tar()), /log is a tar archive: unpack it/],
    [
      'a video',
      Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0, 0, 0, 7]),
      /log is no text: give an event log as JSON/,
    ],
    ['XML', Buffer.from('\ufeff<?xml version="1.0"?><Events/>'), /log is XML: export the log as JSON/],
    ['XML in UTF-16', Buffer.from('\ufeff<Events>', 'utf16le'), /log is XML: export the log as JSON/],
  ])('%s', async (_, content, message) => {
    const reading = readFile('log', content);
    await expect(reading).rejects.toThrow(UnreadableInput);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.not.toThrow(/\n/);
  });

  test('in a folder it is one malformed record among those of the others', async () => {
    await writeFile(path.join(folder, 'a.json'), tar());
    await writeFile(path.join(folder, 'b.json'), '{"a":1}');
    expect(await read({ kind: 'folder', path: folder })).toEqual([MALFORMED, { a: 1 }]);
  });
});

test('CCL-9: a log with zeros where a writer lost its machine is read around them', async () => {
  const zeros = Buffer.alloc(4_096);
  const record = (value: number): Buffer => Buffer.from(`{"EventID":${value}}\n`);
  const newline = Buffer.from('\n');
  expect(await readFile('log', Buffer.concat([record(1), zeros, newline, record(2)]))).toEqual([
    { EventID: 1 },
    MALFORMED,
    { EventID: 2 },
  ]);
  expect(await readFile('log', Buffer.concat([zeros, newline, record(2)]))).toEqual([
    MALFORMED,
    { EventID: 2 },
  ]);
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
