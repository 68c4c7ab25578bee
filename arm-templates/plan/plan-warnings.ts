/** What a valid plan does that its author may not want. */
import { containsBlock } from '../../shared/pure/addresses';
import { parseAllowedSources } from './allowed-sources';
import type { SitePlan } from './site-plan';

/** A remark on a field of a plan that can be deployed. */
export interface PlanWarning {
  /** JSON pointer into the plan. */
  pointer: string;
  detail: string;
}

/** RFC 1918, RFC 6598, RFC 3927 and their IPv6 counterparts. */
const PRIVATE_BLOCKS = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
];
/** Special addresses, which no packet from the Internet has as its source (RFC 6890). */
const IMPOSSIBLE_BLOCKS = ['0.0.0.0/8', '127.0.0.0/8', '198.18.0.0/15', '224.0.0.0/3', '::1/128', 'ff00::/8'];
/** Wider ranges than any organization has. */
const WIDE_PREFIX = { ipv4: 7, ipv6: 15 };

/** All warnings of a plan, in the order of its fields. */
export function planWarnings(plan: SitePlan): PlanWarning[] {
  return [...sourceWarnings(plan), ...addressWarnings(plan)];
}

function sourceWarnings({ loadBalancer }: SitePlan): PlanWarning[] {
  const { ipv4, ipv6 } = parseAllowedSources(loadBalancer.allowedSources);
  const at = (detail: string) => ({ pointer: '/loadBalancer/allowedSources', detail });
  const prefixOf = (cidr: string) => Number(cidr.split('/')[1]);
  const within = (blocks: readonly string[]) => (cidr: string) =>
    blocks.some((block) => containsBlock(block, cidr));
  const isPublic = loadBalancer.type === 'public';
  const unreachable = [...ipv4, ...ipv6].filter(within(PRIVATE_BLOCKS));
  const impossible = [...ipv4, ...ipv6].filter(within(IMPOSSIBLE_BLOCKS));
  const wide = [
    ...ipv4.filter((cidr) => prefixOf(cidr) <= WIDE_PREFIX.ipv4),
    ...ipv6.filter((cidr) => prefixOf(cidr) <= WIDE_PREFIX.ipv6),
  ].filter((cidr) => !impossible.includes(cidr));
  return [
    ...(isPublic && wide.length > 0
      ? [
          at(
            `${wide.join(', ')}: nearly everybody on the Internet can reach the servers. Give your own ranges.`,
          ),
        ]
      : []),
    ...(isPublic && unreachable.length > 0
      ? [
          at(
            `${unreachable.join(', ')}: private addresses do not reach a public load balancer. Give the public addresses of these networks, or make the load balancer internal.`,
          ),
        ]
      : []),
    ...(isPublic && impossible.length > 0
      ? [at(`${impossible.join(', ')}: nobody on the Internet has these addresses. Leave them out.`)]
      : []),
    ...(ipv6.length > 0
      ? [at(`${ipv6.join(', ')}: the load balancer has an IPv4 address only, which these do not reach.`)]
      : []),
  ];
}

function addressWarnings({ loadBalancer, network }: SitePlan): PlanWarning[] {
  if (loadBalancer.type !== 'internal' || network.subnetRange !== undefined) return [];
  return [
    {
      pointer: '/loadBalancer/address',
      detail:
        'Whether the address belongs to the subnet is not known yet: give network.subnetRange to have it checked now; the scripts check it before they deploy.',
    },
  ];
}
