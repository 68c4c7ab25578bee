/** Recognises files that are no text by their first bytes, and says what to do with them. */

import { utf16Of } from './decode-text';

/** The input is in a format that is not read here; the message says what to do, in one line. */
export class UnreadableInput extends Error {
  override readonly name = 'UnreadableInput';
}

interface Format {
  readonly isOf: (head: Buffer) => boolean;
  /** What it is, and what to do. */
  readonly advice: (name: string) => string;
}

const startsWith =
  (...bytes: readonly (number | string)[]): Format['isOf'] =>
  (head) => {
    const magic = Buffer.concat(
      bytes.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from([part]))),
    );
    return head.subarray(0, magic.length).equals(magic);
  };

const packed = (what: string, command: string): Format['advice'] => {
  return (name) => `${name} is ${what}: unpack it (${command}) and give the log file that is in it.`;
};

const FORMATS: readonly Format[] = [
  {
    isOf: startsWith('ElfFile\0'),
    advice: (name) =>
      `${name} is a binary event log (.evtx): convert it first, with evtx_dump -o jsonl FILE > LOG.jsonl, or in PowerShell with Get-WinEvent -Path FILE | ConvertTo-Json -Depth 4 > LOG.json.`,
  },
  { isOf: startsWith('PK', 3, 4), advice: packed('a ZIP archive', 'unzip') },
  { isOf: startsWith('PK', 5, 6), advice: packed('a ZIP archive', 'unzip') },
  {
    isOf: (head) => head.subarray(257, 262).toString('latin1') === 'ustar',
    advice: packed('a tar archive', 'tar -xf'),
  },
  { isOf: startsWith('7z', 0xbc, 0xaf), advice: packed('a 7-Zip archive', '7z x') },
  { isOf: startsWith('Rar!'), advice: packed('a RAR archive', 'unrar x') },
  { isOf: startsWith('BZh'), advice: packed('packed with bzip2', 'bunzip2') },
  { isOf: startsWith(0xfd, '7zXZ'), advice: packed('packed with xz', 'unxz') },
  { isOf: startsWith(0x28, 0xb5, 0x2f, 0xfd), advice: packed('packed with zstd', 'unzstd') },
  {
    isOf: isXml,
    advice: (name) =>
      `${name} is XML: export the log as JSON instead, in PowerShell with Get-WinEvent … | ConvertTo-Json -Depth 4 > LOG.json.`,
  },
  {
    isOf: isBinary,
    advice: (name) =>
      `${name} is no text: give an event log as JSON, one record a line or an array, gzip accepted.`,
  },
];

/** @throws UnreadableInput when the bytes with which an input begins are those of a format that is not read here */
export function assertReadable(head: Uint8Array, name: string): void {
  const format = FORMATS.find(({ isOf }) => isOf(Buffer.from(head)));
  if (format) throw new UnreadableInput(format.advice(name));
}

/**
 * Zero bytes are in no text but UTF-16, where every other byte of ASCII is one, and in a log whose writer lost its machine's
 * power: the file system keeps zeros for what was not written yet. Such a log begins as JSON does, or with the zeros.
 */
function isBinary(head: Buffer): boolean {
  return head.includes(0) && utf16Of(head) === undefined && !/^[\0\s\ufeff]*[{[]/.test(head.toString());
}

function isXml(head: Buffer): boolean {
  const text = utf16Of(head) === 'utf-16le' ? head.toString('utf16le') : head.toString();
  return /^\ufeff?\s*<(\?xml|Events?[\s>])/.test(text);
}
