/** Files that only their owner may read, replaced as a whole or not at all. */
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';

/** Writes `content` with mode 0600; a reader, or a start after a kill, sees the old or the new file, never half. */
export function writePrivateFile(file: string, content: string | Uint8Array): void {
  const draft = `${file}.${process.pid}.new`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
}
