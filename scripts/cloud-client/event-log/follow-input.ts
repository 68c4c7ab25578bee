/** Reads a source as it grows: new files of a folder, and what is appended to its files. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  decodeRecords,
  type EventLogSource,
  logFilesOf,
  readFileOfFolder,
  readRecords,
  type RecordDecoding,
} from './read-records';

interface FollowedFile {
  offsetBytes: number;
  /** At the last poll; a compressed file is read once it has stopped growing. */
  sizeBytes: number;
  decoder: RecordDecoding;
}

/**
 * JSON values as they arrive, with an empty list at intervals while nothing does. A renamed file continues where it
 * was; a truncated one is read from the start. A folder is followed until the signal, and looked at once more then;
 * anything else to its end.
 */
export async function* followInput(
  source: EventLogSource,
  pollMilliseconds: number,
  onOtherEncoding: () => void,
  signal?: AbortSignal,
): AsyncGenerator<unknown[]> {
  if (source.kind === 'stream') {
    yield* withPauses(readRecords(source, onOtherEncoding), pollMilliseconds);
    return;
  }
  if (source.kind === 'file') {
    yield* readRecords(source, onOtherEncoding);
    return;
  }
  const files = new Map<string, FollowedFile>();
  for (;;) {
    const isLast = signal?.aborted;
    for (const path of await logFilesOf(source.path)) yield* newValues(path, files, onOtherEncoding);
    yield [];
    if (isLast) break;
    await delay(pollMilliseconds, undefined, { signal }).catch(() => undefined);
  }
  for (const { decoder } of files.values()) yield decoder.end();
}

/** What a file has that was not read yet. */
async function* newValues(
  path: string,
  files: Map<string, FollowedFile>,
  onOtherEncoding: () => void,
): AsyncGenerator<unknown[]> {
  // Gone since the folder was listed: nothing to read.
  const found = await stat(path, { bigint: false }).catch(() => undefined);
  if (!found?.isFile()) return;
  const key = `${found.dev}:${found.ino}`;
  const known = files.get(key);
  const isNew = !known || found.size < known.offsetBytes;
  const file = isNew ? { offsetBytes: 0, sizeBytes: -1, decoder: decodeRecords(onOtherEncoding) } : known;
  files.set(key, file);
  const hasSettled = file.sizeBytes === found.size;
  file.sizeBytes = found.size;
  if (found.size === file.offsetBytes) return;
  if (path.toLowerCase().endsWith('.gz')) {
    if (!hasSettled) return;
    file.offsetBytes = found.size;
    yield* readFileOfFolder(path, onOtherEncoding);
    return;
  }
  const range = { start: file.offsetBytes, end: found.size - 1 };
  file.offsetBytes = found.size;
  for await (const bytes of createReadStream(path, range)) yield file.decoder.push(bytes as Buffer);
}

/** The values of a stream, with an empty list whenever it has been idle for a while. */
async function* withPauses(
  values: AsyncGenerator<unknown[]>,
  pauseMilliseconds: number,
): AsyncGenerator<unknown[]> {
  let next = values.next();
  for (;;) {
    const silence = new AbortController();
    const result = await Promise.race([
      next,
      delay(pauseMilliseconds, undefined, { signal: silence.signal }),
    ]);
    silence.abort();
    if (result === undefined) {
      yield [];
    } else {
      if (result.done) return;
      yield result.value;
      next = values.next();
    }
  }
}
