/** Bytes to text: UTF-8, UTF-16 of either byte order, and Windows-1252 for lines that are not UTF-8. */
import { TextDecoder } from 'node:util';

const NEWLINE = 0x0a;
/** A line longer than this is decoded before its end has come. */
const MAX_HELD_BYTES = 1024 * 1024;

export interface Decoding {
  push(bytes: Uint8Array): string;
  end(): string;
}

/** @param onOtherEncoding called for each line that is not UTF-8 and was taken for Windows-1252 */
export function decodeText(onOtherEncoding: () => void): Decoding {
  let decoding: Decoding | undefined;
  let held = Buffer.alloc(0);
  const begin = (): Decoding => (decoding ??= decodingOf(held, onOtherEncoding));
  return {
    push(bytes) {
      if (decoding) return decoding.push(bytes);
      held = Buffer.concat([held, bytes]);
      return held.length < 4 ? '' : begin().push(held);
    },
    end: () => (decoding ? decoding.end() : begin().push(held) + begin().end()),
  };
}

function decodingOf(head: Buffer, onOtherEncoding: () => void): Decoding {
  const encoding = utf16Of(head);
  return encoding ? utf16(encoding) : byLine(onOtherEncoding);
}

/** Which UTF-16 a text is in, by its byte order mark, else by where the zero bytes of ASCII characters are; undefined for none. */
export function utf16Of(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const [first, second, third, fourth] = head;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0 && third !== 0 && fourth === 0))
    return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && third === 0 && fourth !== 0))
    return 'utf-16be';
  return undefined;
}

function utf16(encoding: 'utf-16le' | 'utf-16be'): Decoding {
  const decoder = new TextDecoder(encoding);
  return { push: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
}

/** Whole lines, so that one line in another encoding does not decide about the others. */
function byLine(onOtherEncoding: () => void): Decoding {
  let held = Buffer.alloc(0);
  const decode = (lines: Buffer): string => utf8(lines) ?? linesOf(lines, onOtherEncoding);
  return {
    push(bytes) {
      held = Buffer.concat([held, bytes]);
      const end = held.lastIndexOf(NEWLINE) + 1;
      const cut = end === 0 && held.length > MAX_HELD_BYTES ? wholeCharacters(held) : end;
      const lines = held.subarray(0, cut);
      held = held.subarray(cut);
      return decode(lines);
    },
    end: () => decode(held),
  };
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** What Windows-1252 has at 0x80 to 0x9f, where Latin-1 has control characters; Node's decoder does not know them. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

function windows1252(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80] ?? character);
}

function utf8(bytes: Buffer): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function linesOf(bytes: Buffer, onOtherEncoding: () => void): string {
  const texts: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    const line = bytes.subarray(start, end);
    const text = utf8(line);
    if (text === undefined) onOtherEncoding();
    texts.push(text ?? windows1252(line));
    start = end;
  }
  return texts.join('');
}

/** How many bytes there are before a last character of UTF-8 that may go on. */
function wholeCharacters(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end > 0 && (bytes[end - 1] ?? 0) >= 0xc0 ? end - 1 : bytes.length;
}
