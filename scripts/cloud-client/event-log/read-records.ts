/** Reads JSON values from a file, a folder or a stream, as they come: gzip and UTF-16 (as PowerShell writes it) included. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { isObject } from './json-values';
import { type JsonChunk, JsonSplitter } from './split-json';

export type EventLogSource =
  | { readonly kind: 'file'; readonly path: string }
  /** Every file of the folder, by name: `*.json`, `*.ndjson`, `*.jsonl`, each also with `.gz`. */
  | { readonly kind: 'folder'; readonly path: string }
  /** Standard input, or any other stream of bytes. */
  | { readonly kind: 'stream'; readonly stream: AsyncIterable<Uint8Array | string> };

/** Represents a stretch of input that is not a JSON object. */
export const MALFORMED = Symbol('malformed');

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
 * The JSON objects of a source, in pieces as they are read; `MALFORMED` for each line that is not one.
 * Errors of the file system pass through; a truncated gzip file loses what is missing, counted once.
 */
export async function* readRecords(source: EventLogSource): AsyncGenerator<unknown[]> {
  switch (source.kind) {
    case 'file':
      yield* readStream(createReadStream(source.path));
      return;
    case 'folder':
      for (const file of await logFilesOf(source.path)) yield* readStream(createReadStream(file));
      return;
    case 'stream':
      yield* readStream(source.stream);
  }
}

async function* readStream(bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<unknown[]> {
  const decoder = decodeRecords();
  try {
    for await (const piece of unzipped(bytes)) yield decoder.push(piece);
  } catch (error) {
    if (!isZlibError(error)) throw error;
    yield [MALFORMED];
  }
  yield decoder.end();
}

/** Turns bytes into JSON values; buffers an incomplete last line. */
export function decodeRecords(): { push(bytes: Uint8Array): unknown[]; end(): unknown[] } {
  const splitter = new JsonSplitter();
  let decoder: TextDecoder | undefined;
  return {
    push(bytes) {
      decoder ??= new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8');
      return splitter.push(decoder.decode(bytes, { stream: true })).map(parsed);
    },
    end: () => splitter.end().map(parsed),
  };
}

function parsed(chunk: JsonChunk): unknown {
  if (chunk === undefined) return MALFORMED;
  try {
    return JSON.parse(chunk);
  } catch {
    return MALFORMED;
  }
}

/** The bytes themselves, or what they unpack to when they begin as gzip does. */
async function* unzipped(bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  const pieces = buffers(bytes);
  const head = await pieces.next();
  if (head.done) return;
  const first = head.value;
  const all = (async function* () {
    yield first;
    yield* pieces;
  })();
  if (first[0] === 0x1f && first[1] === 0x8b) {
    const gunzip = createGunzip();
    // An error of either comes out where the unpacked bytes are read.
    pipeline(Readable.from(all), gunzip).catch(() => undefined);
    yield* gunzip as AsyncIterable<Uint8Array>;
  } else {
    yield* all;
  }
}

/** Pieces of at least two bytes, so that the first decides how to read the rest. */
async function* buffers(bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0);
  for await (const piece of bytes) {
    held = Buffer.concat([held, typeof piece === 'string' ? Buffer.from(piece) : piece]);
    if (held.length < 2) continue;
    yield held;
    held = Buffer.alloc(0);
  }
  if (held.length > 0) yield held;
}

function isZlibError(error: unknown): boolean {
  return isObject(error) && typeof error.code === 'string' && error.code.startsWith('Z_');
}
