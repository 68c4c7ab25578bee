/** IP addresses, CIDR blocks and ranges: how they are written, compared and normalized. */
import ipaddr from 'ipaddr.js';

/** The 4 or 16 bytes of an address in network order. */
export type AddressBytes = readonly number[];

/** `4` or `6`, then the address in hexadecimal digits: within a family, text order is address order. */
export type AddressKey = string;

/** All addresses from the first to the last, both of one family. */
export interface AddressRange {
  readonly first: AddressKey;
  readonly last: AddressKey;
}

/** A CIDR block: its network address and the length of its prefix, such as `10.0.0.0/8`. */
export interface AddressBlock {
  readonly family: 'ipv4' | 'ipv6';
  readonly cidr: string;
}

/** A malformed address, block or range. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/**
 * The bytes of an IPv4 or IPv6 address, or undefined when the text is neither. IPv6 may end in a dotted IPv4 address;
 * an IPv4-mapped address (`::ffff:10.0.0.7`) stays the IPv6 address it is. Zones are not part of an address.
 */
export function parseAddress(text: string): AddressBytes | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Whether the text is four decimal numbers of one byte each, without leading zeros. */
export function isIpv4Address(text: string): boolean {
  return parseIpv4(text) !== undefined;
}

/** Whether the text is an IPv4 address that can be assigned within a private network (RFC 1918, RFC 6598). */
export function isPrivateIpv4Address(text: string): boolean {
  const bytes = parseIpv4(text);
  return bytes !== undefined && ['private', 'carrierGradeNat'].includes(new ipaddr.IPv4(bytes).range());
}

/** Whether the text is an IPv4 address that a machine of a network can have. */
export function isHostIpv4Address(text: string): boolean {
  const bytes = parseIpv4(text);
  const kinds = ['unspecified', 'broadcast', 'multicast', 'linkLocal', 'loopback'];
  return bytes !== undefined && !kinds.includes(new ipaddr.IPv4(bytes).range());
}

/**
 * The block that an address or CIDR range stands for, host bits cleared; a single address has the full prefix.
 * Undefined when the text is neither. IPv4-mapped addresses are IPv6 here.
 */
export function parseAddressBlock(text: string): AddressBlock | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const bytes = parseAddress(address);
  if (!bytes || rest.length > 0) return undefined;
  const bits = bytes.length * 8;
  const length = prefix === undefined ? bits : parsePrefixLength(prefix);
  if (!(length <= bits)) return undefined;
  const network = ipaddr.fromByteArray([...withHostBits(bytes, length, 0)]);
  return { family: network.kind(), cidr: `${network.toString()}/${length}` };
}

/** Whether the first CIDR block contains every address of the second. Blocks of different families never do. */
export function containsBlock(outer: string, inner: string): boolean {
  const [network, length] = ipaddr.parseCIDR(outer);
  const [address, innerLength] = ipaddr.parseCIDR(inner);
  return network.kind() === address.kind() && innerLength >= length && address.match(network, length);
}

/** The blocks that no other one of the list contains, each once, in their order. */
export function withoutContainedBlocks(cidrs: readonly string[]): string[] {
  const distinct = [...new Set(cidrs)];
  return distinct.filter((inner) =>
    distinct.every((outer) => outer === inner || !containsBlock(outer, inner)),
  );
}

/**
 * The key of an address; the zone of an IPv6 address is ignored, and an IPv4-mapped address is the IPv4 address.
 * Undefined when the text is no address.
 */
export function addressKey(text: string): AddressKey | undefined {
  const bytes = parseAddress(text.trim().replace(/%.*$/, ''));
  return bytes && keyOf(unmapped(bytes));
}

/**
 * The network that one subscriber has, as text: an IPv4 address alone, of an IPv6 address its /64, whose addresses a
 * host chooses itself. A text that is no address stands for itself.
 */
export function subscriberNetwork(text: string): string {
  const bytes = parseAddress(text.replace(/%.*$/, ''));
  if (!bytes) return text;
  const plain = unmapped(bytes);
  return ipaddr.fromByteArray([...(plain.length === 4 ? plain : withHostBits(plain, 64, 0))]).toString();
}

/**
 * Reads `10.0.0.7`, `10.0.0.0/8`, `10.0.0.1-10.0.0.9` and the same in IPv6. The address of a block need not be its
 * first; IPv4-mapped addresses are IPv4 addresses.
 * @throws AddressError saying what is wrong
 */
export function parseAddressRange(text: string): AddressRange {
  const [first = '', last, ...more] = text.split('-').map((part) => part.trim());
  if (more.length > 0) throw new AddressError('A range has one hyphen: first address-last address');
  if (last !== undefined) return rangeBetween(requireKey(first), requireKey(last));
  const slash = first.indexOf('/');
  if (slash >= 0) return blockRange(first.slice(0, slash), first.slice(slash + 1));
  const key = requireKey(first);
  return { first: key, last: key };
}

/** The same addresses in as few ranges as possible, ascending. */
export function mergeAddressRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const ascending = ranges.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const result: AddressRange[] = [];
  for (const next of ascending) {
    const last = result.at(-1);
    if (!last || !(next.first <= last.last || next.first === keyAfter(last.last))) result.push(next);
    else if (next.last > last.last) result[result.length - 1] = { first: last.first, last: next.last };
  }
  return result;
}

/** The key of the next address of the family; none when there is no next one. */
function keyAfter(key: AddressKey): AddressKey | undefined {
  const digits = key.slice(1);
  const next = (BigInt(`0x${digits}`) + 1n).toString(16).padStart(digits.length, '0');
  return next.length > digits.length ? undefined : key.charAt(0) + next;
}

/** The library would also accept `10`, `0x7f.1` and octal digits. */
const FOUR_NUMBERS = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;

function parseIpv4(text: string): number[] | undefined {
  if (!FOUR_NUMBERS.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** Everything up to the last colon, then four decimal numbers. */
const DOTTED = /^(.*:)([^:]*\..*)$/;
const HEX_GROUPS = /^[0-9a-f]{0,4}(?::[0-9a-f]{0,4})+$/i;

/** The library would read `::10.0.0.1` as `::ffff:10.0.0.1`, and accept octal digits: it gets hexadecimal groups only. */
function parseIpv6(text: string): number[] | undefined {
  const [, groups, dotted] = DOTTED.exec(text) ?? [];
  const hex = dotted === undefined ? text : `${groups}${ipv4InHex(dotted)}`;
  if (!HEX_GROUPS.test(hex) || !ipaddr.IPv6.isValid(hex)) return undefined;
  return ipaddr.IPv6.parse(hex).toByteArray();
}

/** A dotted IPv4 address as two hexadecimal groups; not hexadecimal when it is malformed. */
function ipv4InHex(dotted: string): string {
  const hex = parseIpv4(dotted)?.map(hexOf).join('') ?? 'invalid';
  return `${hex.slice(0, 4)}:${hex.slice(4)}`;
}

/** The IPv4 address of an IPv4-mapped IPv6 address; any other address unchanged. */
function unmapped(bytes: AddressBytes): AddressBytes {
  const isMapped =
    bytes.length === 16 && bytes.slice(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 0xff));
  return isMapped ? bytes.slice(12) : bytes;
}

function requireBytes(text: string): AddressBytes {
  const bytes = parseAddress(text);
  if (!bytes) throw new AddressError(`Not an IPv4 or IPv6 address: ${JSON.stringify(text)}`);
  return bytes;
}

function requireKey(text: string): AddressKey {
  return keyOf(unmapped(requireBytes(text)));
}

function rangeBetween(first: AddressKey, last: AddressKey): AddressRange {
  if (first.charAt(0) !== last.charAt(0)) throw new AddressError('Both ends of a range are of one family');
  if (first > last) throw new AddressError('The first address of the range is above the last');
  return { first, last };
}

/** The range of a block. The prefix of an IPv4-mapped block includes the 96 bits that mark it as one. */
function blockRange(address: string, prefix: string): AddressRange {
  const written = requireBytes(address);
  const bytes = unmapped(written);
  const mappedBits = (written.length - bytes.length) * 8;
  const bits = written.length * 8;
  const length = parsePrefixLength(prefix);
  if (!(length >= mappedBits && length <= bits)) {
    throw new AddressError(`The prefix of this block has ${mappedBits} to ${bits} bits`);
  }
  return {
    first: keyOf(withHostBits(bytes, length - mappedBits, 0)),
    last: keyOf(withHostBits(bytes, length - mappedBits, 0xff)),
  };
}

/** A number of bits, or NaN when the text is not one; no leading zeros. */
function parsePrefixLength(text: string): number {
  return /^(?:0|[1-9]\d{0,2})$/.test(text) ? Number(text) : Number.NaN;
}

/** The address with all bits after the first `prefixLength` taken from `fill`. */
function withHostBits(bytes: AddressBytes, prefixLength: number, fill: 0 | 0xff): AddressBytes {
  return bytes.map((byte, index) => {
    const hostBits = 0xff >> Math.min(8, Math.max(0, prefixLength - index * 8));
    return (byte & ~hostBits) | (fill & hostBits);
  });
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const hexOf = (byte: number): string => HEX[byte] ?? '';

function keyOf(bytes: AddressBytes): AddressKey {
  let key = bytes.length === 4 ? '4' : '6';
  for (const byte of bytes) key += HEX[byte];
  return key;
}
