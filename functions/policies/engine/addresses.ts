/** IP addresses and ranges of them. An IPv4-mapped IPv6 address (`::ffff:10.0.0.7`) is the IPv4 address. */
import ipaddr from 'ipaddr.js';

/** `4` or `6`, then the address in hexadecimal digits: the order of texts is the order of addresses of a family. */
export type AddressKey = string;

/** All addresses from the first to the last, both of one family. */
export interface AddressRange {
  readonly first: AddressKey;
  readonly last: AddressKey;
}

/** The key of an address; the zone of an IPv6 address is ignored. Undefined when the text is no address. */
export function addressKey(text: string): AddressKey | undefined {
  const bytes = bytesOf(text.trim().replace(/%.*$/, ''));
  return bytes && keyOf(bytes);
}

/**
 * Reads `10.0.0.7`, `10.0.0.0/8`, `10.0.0.1-10.0.0.9` and the same in IPv6. The address of a block need not be its
 * first. Throws `AddressError` saying what is wrong.
 */
export function parseAddressRange(text: string): AddressRange {
  const [first = '', last, ...more] = text.split('-').map((part) => part.trim());
  if (more.length > 0) throw new AddressError('A range has one hyphen: first address-last address');
  if (last !== undefined) return rangeBetween(keyOf(requireBytes(first)), keyOf(requireBytes(last)));
  const slash = first.indexOf('/');
  if (slash >= 0) return block(first.slice(0, slash), first.slice(slash + 1));
  const key = keyOf(requireBytes(first));
  return { first: key, last: key };
}

/** A malformed address, block or range. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** 4 or 16 bytes, or undefined when the text is no address. */
function bytesOf(text: string): number[] | undefined {
  if (FOUR_NUMBERS.test(text)) {
    const bytes = text.split('.').map(Number);
    return bytes.every((byte) => byte <= 255) ? bytes : undefined;
  }
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toByteArray() : address.toByteArray();
}

/** The library would also take `10`, `0x7f.1` and octal digits for addresses. */
const FOUR_NUMBERS = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;

function requireBytes(text: string): number[] {
  const bytes = bytesOf(text);
  if (!bytes) throw new AddressError(`Not an IPv4 or IPv6 address: ${JSON.stringify(text)}`);
  return bytes;
}

function rangeBetween(first: AddressKey, last: AddressKey): AddressRange {
  if (first.charAt(0) !== last.charAt(0)) throw new AddressError('Both ends of a range are of one family');
  if (first > last) throw new AddressError('The first address of the range is above the last');
  return { first, last };
}

/** The block of all addresses that share the first `prefixLength` bits of an address. */
function block(address: string, prefixLength: string): AddressRange {
  const bytes = requireBytes(address);
  const mappedBits = bytes.length === 4 && address.includes(':') ? 96 : 0;
  const bits = mappedBits + bytes.length * 8;
  const length = /^\d{1,3}$/.test(prefixLength) ? Number(prefixLength) : Number.NaN;
  if (!(length >= mappedBits && length <= bits)) {
    throw new AddressError(`The prefix of this block has ${mappedBits} to ${bits} bits`);
  }
  return { first: edge(bytes, length - mappedBits, 0), last: edge(bytes, length - mappedBits, 0xff) };
}

/** The address with all bits after the first `fixedBits` taken from `fill`. */
function edge(bytes: number[], fixedBits: number, fill: number): AddressKey {
  return keyOf(
    bytes.map((byte, index) => {
      const free = 0xff >> Math.min(8, Math.max(0, fixedBits - index * 8));
      return (byte & ~free) | (fill & free);
    }),
  );
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function keyOf(bytes: number[]): AddressKey {
  let key = bytes.length === 4 ? '4' : '6';
  for (const byte of bytes) key += HEX[byte];
  return key;
}
