/** The addresses and CIDR ranges from which the load balancer can be reached: parsed, normalized, merged. */
import { parseAddressBlock, withoutContainedBlocks } from '../../shared/pure/addresses';
import { text as textField } from './fields';

/** Azure allows thousands; a list maintained by hand has fewer. */
const MAX_ENTRIES = 500;
const MAX_QUOTED_ENTRIES = 3;
const MAX_QUOTED_CHARACTERS = 100;

/** Normalized CIDR ranges by address family, which Azure needs in separate rules. */
export interface AllowedSources {
  ipv4: string[];
  ipv6: string[];
}

/**
 * Reads `10.0.0.0/8, 192.0.2.7`. A range within another one is left out, since Azure refuses a rule whose prefixes
 * overlap. Entries that are neither address nor range are returned as `invalid`.
 */
export function parseAllowedSources(text: string): AllowedSources & { invalid: string[] } {
  const cidrs: AllowedSources = { ipv4: [], ipv6: [] };
  const invalid: string[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const block = parseAddressBlock(entry);
    if (block) cidrs[block.family].push(block.cidr);
    else invalid.push(entry);
  }
  return { ipv4: withoutContainedBlocks(cidrs.ipv4), ipv6: withoutContainedBlocks(cidrs.ipv6), invalid };
}

function allowedSourcesError(text: string): string | undefined {
  const { ipv4, ipv6, invalid } = parseAllowedSources(text);
  const quoted = invalid.slice(0, MAX_QUOTED_ENTRIES).join(', ').slice(0, MAX_QUOTED_CHARACTERS);
  if (invalid.length > 0) return `Give addresses or CIDR ranges separated by commas; not valid: ${quoted}.`;
  if (ipv4.length === 0 && ipv6.length > 0)
    return 'The load balancer has an IPv4 address, which no IPv6 address reaches: give IPv4 addresses or ranges.';
  return ipv4.length + ipv6.length > MAX_ENTRIES
    ? `Give at most ${MAX_ENTRIES} addresses and ranges.`
    : undefined;
}

/** Addresses and CIDR ranges separated by commas. */
export const allowedSources = textField('addresses and ranges', 20_000)
  .check((context) => {
    const message = allowedSourcesError(context.value);
    if (message) context.issues.push({ code: 'custom', input: context.value, message });
  })
  .describe('For example `203.0.113.0/24, 192.0.2.7`');
