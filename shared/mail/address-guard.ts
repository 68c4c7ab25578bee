/** Blocks customer-configured mail servers in the service's own network (server-side request forgery). */
import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { parseAddress } from '../pure/addresses';

/** The address of the Azure platform itself: in a public range, but reached from inside only. */
const AZURE_PLATFORM_ADDRESS = '168.63.129.16';

/** A host that mail may not be sent through. */
export class ForbiddenHost extends Error {
  override readonly name = 'ForbiddenHost';
}

export interface GuardOptions {
  /** Accept loopback and private addresses too. */
  allowPrivateHosts: boolean;
  /** All addresses of a host name; the system's resolver unless given. */
  resolve?: (host: string) => Promise<string[]>;
}

/** IANA has assigned no other block to hosts of the public internet. */
const GLOBAL_UNICAST_V6 = block('2000::/3');
/** Within it: protocol assignments (Teredo, ORCHID, benchmarking), 6to4, documentation. */
const NOT_PUBLIC_V6 = ['2001::/23', '2002::/16', '2001:db8::/32', '3fff::/20'].map(block);
/** The last but one and two groups of an ISATAP address, which ends in an IPv4 address. */
const ISATAP_GROUPS = [0x0000_5efe, 0x0200_5efe];

/**
 * Whether an address is one of the public internet, in the one notation that every resolver reads alike. IPv4 mapped to
 * IPv6 counts as what it stands for; every other form that embeds an IPv4 address (compatible, 6to4, Teredo, NAT64,
 * ISATAP) counts as not public, whatever it embeds.
 */
export function isPublicAddress(text: string): boolean {
  const bytes = parseAddress(text);
  if (!bytes) return false;
  const address = ipaddr.fromByteArray([...bytes]);
  if (address instanceof ipaddr.IPv4) return isPublicV4(address);
  if (address.isIPv4MappedAddress()) return isPublicV4(address.toIPv4Address());
  return (
    address.match(GLOBAL_UNICAST_V6) &&
    address.range() === 'unicast' &&
    !NOT_PUBLIC_V6.some((range) => address.match(range)) &&
    !ISATAP_GROUPS.includes(((address.parts[4] ?? 0) << 16) | (address.parts[5] ?? 0))
  );
}

function isPublicV4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && address.toString() !== AZURE_PLATFORM_ADDRESS;
}

function block(cidr: string): [ipaddr.IPv6, number] {
  return ipaddr.IPv6.parseCIDR(cidr);
}

/**
 * The address to connect to for a host name or address. Connect to just this address: asking the resolver
 * again could bring another one.
 * @throws ForbiddenHost when the host has no public address; what the resolver throws when it has none at all
 */
export async function guardedAddress(host: string, options: GuardOptions): Promise<string> {
  const resolve = options.resolve ?? systemAddresses;
  // Also what is an address in a notation such as `0x7f.1`: no resolver is asked what it makes of it.
  const addresses = ipaddr.isValid(host) ? [host] : await resolve(host);
  const usable = options.allowPrivateHosts ? addresses[0] : addresses.find(isPublicAddress);
  if (usable === undefined) throw new ForbiddenHost(`${host} has no public address`);
  return usable;
}

async function systemAddresses(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
