/** Reads JSON values from a file, a folder or a stream, as they come; gzip included, whatever the encoding of the text. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { decodeText } from './decode-text';
import { assertReadable, UnreadableInput } from './input-format';
import { isObject } from './json-values';
import { JsonSplitter, MALFORMED } from './split-json';
import { isRecord, unwrap } from './unwrap';

export type EventLogSource =
  | { readonly kind: 'file'; readonly path: string }
  /** Every file of the folder, by name: `*.json`, `*.ndjson`, `*.jsonl`, each also with `.gz`. */
  | { readonly kind: 'folder'; readonly path: string }
  /** Standard input, or any other stream of bytes. */
  | { readonly kind: 'stream'; readonly stream: AsyncIterable<Uint8Array | string> };

/** Called for each line that was taken for Windows-1252. */
type OnOtherEncoding = () => void;

const LOG_FILE = /\.(json|ndjson|jsonl)(\.gz)?$/i;

/** The log files of a folder, by name. */
export async function logFilesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => LOG_FILE.test(name))
    .sort()
    .map((name) => path.join(folder, name));
}

/**
 * The JSON objects of a source, in pieces as they are read; `MALFORMED` for each stretch that is not one.
 * Errors of the file system pass through; a truncated gzip file loses what is missing, counted once.
 * @throws UnreadableInput when a file or stream is no text; of a folder such a file is one `MALFORMED`
 */
export async function* readRecords(
  source: EventLogSource,
  onOtherEncoding: OnOtherEncoding = () => undefined,
): AsyncGenerator<unknown[]> {
  switch (source.kind) {
    case 'file':
      yield* readStream(createReadStream(source.path), path.basename(source.path), onOtherEncoding);
      return;
    case 'folder':
      for (const file of await logFilesOf(source.path)) yield* readFileOfFolder(file, onOtherEncoding);
      return;
    case 'stream':
      yield* readStream(source.stream, 'The input', onOtherEncoding);
  }
}

/** One file that is no text must not end the reading of the others. */
export async function* readFileOfFolder(
  file: string,
  onOtherEncoding: OnOtherEncoding,
): AsyncGenerator<unknown[]> {
  try {
    yield* readStream(createReadStream(file), path.basename(file), onOtherEncoding);
  } catch (error) {
    if (!(error instanceof UnreadableInput)) throw error;
    yield [MALFORMED];
  }
}

async function* readStream(
  bytes: AsyncIterable<Uint8Array | string>,
  name: string,
  onOtherEncoding: OnOtherEncoding,
): AsyncGenerator<unknown[]> {
  const decoder = decodeRecords(onOtherEncoding);
  try {
    for await (const piece of checked(unzipped(bytes, name), name)) yield decoder.push(piece);
  } catch (error) {
    if (!isZlibError(error)) throw error;
    yield [MALFORMED];
  }
  yield decoder.end();
}

export interface RecordDecoding {
  push(bytes: Uint8Array): unknown[];
  end(): unknown[];
}

/** Turns bytes into JSON values; buffers an incomplete last line. */
export function decodeRecords(onOtherEncoding: OnOtherEncoding): RecordDecoding {
  const splitter = new JsonSplitter(isRecord);
  const text = decodeText(onOtherEncoding);
  return {
    push: (bytes) => splitter.push(text.push(bytes)).flatMap(unwrap),
    end: () => [...splitter.push(text.end()), ...splitter.end()].flatMap(unwrap),
  };
}

/** The bytes themselves, or what they unpack to when they begin as gzip does. */
async function* unzipped(
  bytes: AsyncIterable<Uint8Array | string>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const pieces = withHead(bytes);
  const head = await pieces.next();
  if (head.done) return;
  const first = head.value;
  const all = (async function* () {
    yield first;
    yield* pieces;
  })();
  if (first[0] !== 0x1f || first[1] !== 0x8b) {
    yield* all;
    return;
  }
  const gunzip = createGunzip();
  // An error of either comes out where the unpacked bytes are read.
  pipeline(Readable.from(all), gunzip).catch(() => undefined);
  yield* checked(gunzip as AsyncIterable<Uint8Array>, name);
}

/** The same bytes. @throws UnreadableInput when they begin as something that is no text */
async function* checked(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const piece of withHead(bytes)) {
    if (isFirst) assertReadable(piece, name);
    isFirst = false;
    yield piece;
  }
}

/** As much as tells a format by its first bytes. */
const HEAD_BYTES = 512;

/** Pieces of which the first is long enough to decide how to read the rest, unless there is no more. */
async function* withHead(bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0);
  let isFirst = true;
  for await (const piece of bytes) {
    const next = typeof piece === 'string' ? Buffer.from(piece) : piece;
    if (!isFirst) {
      yield next;
      continue;
    }
    held = Buffer.concat([held, next]);
    if (held.length < HEAD_BYTES && held.indexOf(0x0a) < 0) continue;
    isFirst = false;
    yield held;
  }
  if (isFirst && held.length > 0) yield held;
}

function isZlibError(error: unknown): boolean {
  return isObject(error) && typeof error.code === 'string' && error.code.startsWith('Z_');
}
