/** Checks the first bytes of a file against its declared container format. */
import type { RecordingContainer } from './recording';

/** Bytes needed to identify a format. */
export const SNIFFED_BYTES = 4_096;

/** EBML header (RFC 8794) with the document type `webm`. */
const EBML = Buffer.from([0x1a, 0x45, 0xdf, 0xa3]);
const DOC_TYPE = Buffer.from([0x42, 0x82]);

/** Whether a file that begins with these bytes has the container format. */
export function looksLike(container: RecordingContainer, head: Buffer): boolean {
  switch (container) {
    case 'mp4':
      // ISO/IEC 14496-12: a file begins with its `ftyp` box, whose size comes first.
      return head.length >= 12 && head.toString('latin1', 4, 8) === 'ftyp' && head.readUInt32BE(0) >= 12;
    case 'webm':
      return head.subarray(0, 4).equals(EBML) && docTypeOf(head) === 'webm';
    case 'events':
      return isObjectLine(head);
  }
}

function docTypeOf(head: Buffer): string | undefined {
  const at = head.indexOf(DOC_TYPE);
  if (at < 0) return undefined;
  const sizeBytes = (head[at + 2] ?? 0) & 0x7f;
  // EBML strings may be padded with zeros.
  return head.toString('latin1', at + 3, at + 3 + sizeBytes).replace(/\0+$/, '');
}

/** NDJSON of events: the first line, as far as it is available, is a JSON object. */
function isObjectLine(head: Buffer): boolean {
  const end = head.indexOf('\n');
  if (end < 0 && head.length >= SNIFFED_BYTES) return head[0] === 0x7b;
  try {
    const line: unknown = JSON.parse(head.toString('utf8', 0, end < 0 ? head.length : end));
    return typeof line === 'object' && line !== null && !Array.isArray(line);
  } catch {
    return false;
  }
}
