/** The addresses and CIDR ranges from which the load balancer can be reached: parsed, normalized, deduplicated. */
import { z } from 'zod';
import { parseAddressBlock } from '../../shared/pure/addresses';

/** Azure allows thousands; a list maintained by hand has fewer. */
const MAX_ENTRIES = 500;
const MAX_QUOTED_ENTRIES = 3;
const MAX_QUOTED_CHARACTERS = 100;

/** Normalized CIDR ranges by address family, which Azure needs in separate rules. */
export interface AllowedSources {
  ipv4: string[];
  ipv6: string[];
}

/** Reads `10.0.0.0/8, 192.0.2.7`. Entries that are neither address nor range are returned as `invalid`. */
export function parseAllowedSources(text: string): AllowedSources & { invalid: string[] } {
  const cidrs = { ipv4: new Set<string>(), ipv6: new Set<string>() };
  const invalid: string[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const block = parseAddressBlock(entry);
    if (block) cidrs[block.family].add(block.cidr);
    else invalid.push(entry);
  }
  return { ipv4: [...cidrs.ipv4], ipv6: [...cidrs.ipv6], invalid };
}

function allowedSourcesError(text: string): string | undefined {
  const { ipv4, ipv6, invalid } = parseAllowedSources(text);
  const quoted = invalid.slice(0, MAX_QUOTED_ENTRIES).join(', ').slice(0, MAX_QUOTED_CHARACTERS);
  if (invalid.length > 0) return `Give addresses or CIDR ranges separated by commas; not valid: ${quoted}.`;
  return ipv4.length + ipv6.length > MAX_ENTRIES
    ? `Give at most ${MAX_ENTRIES} addresses and ranges.`
    : undefined;
}

/** Addresses and CIDR ranges separated by commas. */
export const allowedSources = z
  .string()
  .max(20_000)
  .check((context) => {
    const message = allowedSourcesError(context.value);
    if (message) context.issues.push({ code: 'custom', input: context.value, message });
  })
  .describe('For example `10.20.0.0/16, 192.0.2.7`');
