/** Addresses and ranges that may reach the load balancer: parsed, normalised, without repeats. */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** Azure takes thousands; a list that people keep by hand has fewer. */
const MAX_ENTRIES = 500;

/** Normalised ranges; Azure wants the two families in rules of their own. */
export interface AllowedSources {
  ipv4: string[];
  ipv6: string[];
}

/** The range that an address or CIDR range stands for, host bits cleared; undefined when it is neither. */
function normalise(text: string): { family: keyof AllowedSources; range: string } | undefined {
  const [address = '', prefix, ...more] = text.split('/');
  if (more.length > 0 || !isWritten(address) || (prefix !== undefined && !/^\d{1,3}$/.test(prefix)))
    return undefined;
  const parsed = ipaddr.parse(address);
  const bits = parsed.kind() === 'ipv4' ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if (length > bits) return undefined;
  const cidr = `${parsed.toString()}/${length}`;
  const network =
    parsed.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(cidr)
      : ipaddr.IPv6.networkAddressFromCIDR(cidr);
  const family = parsed.kind();
  return { family, range: `${network.toString()}/${length}` };
}

/** Four decimal parts, or IPv6 without a zone: the forms that Azure reads like we do. */
function isWritten(address: string): boolean {
  return (
    ipaddr.IPv4.isValidFourPartDecimal(address) || (ipaddr.IPv6.isValid(address) && !address.includes('%'))
  );
}

/** Reads `10.0.0.0/8, 192.0.2.7`. Entries that are neither address nor range are given back as `unreadable`. */
export function readSources(text: string): AllowedSources & { unreadable: string[] } {
  const found = { ipv4: new Set<string>(), ipv6: new Set<string>() };
  const unreadable: string[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const known = normalise(entry);
    if (known) found[known.family].add(known.range);
    else unreadable.push(entry);
  }
  return { ipv4: [...found.ipv4], ipv6: [...found.ipv6], unreadable };
}

/** Addresses and CIDR ranges separated by commas, as one types them. */
export const allowedSources = z
  .string()
  .max(20_000)
  .check((context) => {
    const { ipv4, ipv6, unreadable } = readSources(context.value);
    const message =
      unreadable.length > 0
        ? `Give addresses or CIDR ranges separated by commas; not readable: ${unreadable.slice(0, 3).join(', ').slice(0, 100)}.`
        : ipv4.length + ipv6.length > MAX_ENTRIES
          ? `Give at most ${MAX_ENTRIES} addresses and ranges.`
          : undefined;
    if (message) context.issues.push({ code: 'custom', input: context.value, message });
  })
  .describe('For example `10.20.0.0/16, 192.0.2.7`');

/** An address of the private kind that a machine in a virtual network can have. */
export const ipv4Address = z
  .string()
  .refine((text) => ipaddr.IPv4.isValidFourPartDecimal(text), 'Give an IPv4 address such as 10.0.0.4.');

/** Whether an IPv4 address is one that can be assigned within a virtual network. */
export function isPrivateAddress(text: string): boolean {
  return (
    ipaddr.IPv4.isValidFourPartDecimal(text) &&
    ['private', 'carrierGradeNat'].includes(ipaddr.parse(text).range())
  );
}
