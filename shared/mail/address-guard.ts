/** Blocks customer-configured mail servers in the service's own network (server-side request forgery). */
import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';

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

/**
 * Whether an address is one of the public internet. IPv4 written as IPv6 counts as what it stands for;
 * tunnels and translations of IPv4 (6to4, Teredo, NAT64) count as not public.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return address.range() === 'unicast' && address.toString() !== AZURE_PLATFORM_ADDRESS;
}

/**
 * The address to connect to for a host name or address. Connect to just this address: asking the resolver
 * again could bring another one.
 * @throws ForbiddenHost when the host has no public address; what the resolver throws when it has none at all
 */
export async function guardedAddress(host: string, options: GuardOptions): Promise<string> {
  const resolve = options.resolve ?? systemAddresses;
  const addresses = ipaddr.isValid(host) ? [host] : await resolve(host);
  const usable = options.allowPrivateHosts ? addresses[0] : addresses.find(isPublicAddress);
  if (usable === undefined) throw new ForbiddenHost(`${host} has no public address`);
  return usable;
}

async function systemAddresses(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
