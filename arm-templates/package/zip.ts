/** A zip as a stream: the same files give the same bytes. */
import { Zip, ZipDeflate } from 'fflate';

export interface PackageFile {
  path: string;
  text: string;
  isExecutable?: boolean;
}

/** The earliest time in the format: the current time would give other bytes each time. */
const FIXED_TIME = new Date(1980, 0, 1);
const UNIX = 3;
const COMPRESSION_LEVEL = 6;
/** Text is compressed in chunks of this size, to limit memory. */
const CHUNK_BYTES = 64 * 1024;

/** The zip of the files as a stream with backpressure: a file is compressed when the reader has read those before. */
export function zipStream(files: Iterable<PackageFile>): ReadableStream<Uint8Array> {
  const steps = compress(files);
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        for (;;) {
          const { done, value } = steps.next();
          if (done) return controller.close();
          if (value.length === 0) continue;
          value.forEach((chunk) => controller.enqueue(chunk));
          return;
        }
      },
      cancel: () => void steps.return(undefined),
    },
    { highWaterMark: 0 },
  );
}

/** The compressed output after each chunk. */
function* compress(files: Iterable<PackageFile>): Generator<Uint8Array[], undefined> {
  let ready: Uint8Array[] = [];
  const take = () => {
    const taken = ready;
    ready = [];
    return taken;
  };
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    ready.push(chunk);
  });
  for (const { path, text, isExecutable } of files) {
    const entry = new ZipDeflate(path, { level: COMPRESSION_LEVEL });
    entry.mtime = FIXED_TIME;
    entry.os = UNIX;
    entry.attrs = ((isExecutable ? 0o100755 : 0o100644) << 16) >>> 0;
    zip.add(entry);
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      entry.push(bytes.subarray(at, at + CHUNK_BYTES), at + CHUNK_BYTES >= bytes.length);
      yield take();
    }
  }
  zip.end();
  yield take();
  return undefined;
}
