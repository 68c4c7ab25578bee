/** Who reaches the machines: a security group on their network interfaces. */
import { parseAllowedSources } from '../plan/allowed-sources';
import type { SitePlan } from '../plan/site-plan';
import { evaluated, type Json, parameter } from './arm';
import { nameOf } from './names';
import { LOCATION, type Part, TAGS } from './part';

/** What recording agents send to: HTTPS, and HTTP where the server has no certificate. */
const RECORDING_PORTS = ['443', '80'];

interface Rule {
  name: string;
  priority: number;
  access: 'Allow' | 'Deny';
  protocol: 'Tcp' | '*';
  from: { sourceAddressPrefix: string } | { sourceAddressPrefixes: string };
  ports: string[] | '*';
}

function written({ name, priority, access, protocol, from, ports }: Rule): Json {
  return {
    name,
    properties: {
      priority,
      direction: 'Inbound',
      access,
      protocol,
      ...from,
      sourcePortRange: '*',
      destinationAddressPrefix: '*',
      ...(ports === '*' ? { destinationPortRange: '*' } : { destinationPortRanges: ports }),
    },
  };
}

/** One rule for each family of addresses, since Azure does not mix them; the whole network where none are named. */
function recordingRules(plan: SitePlan): Rule[] {
  const { ipv4, ipv6 } = parseAllowedSources(plan.loadBalancer.allowedSources);
  const rule = (name: string, priority: number, from: Rule['from']): Rule => ({
    name,
    priority,
    access: 'Allow',
    protocol: 'Tcp',
    from,
    ports: RECORDING_PORTS,
  });
  const rules = [
    ...(ipv4.length > 0
      ? [
          rule('AllowRecordingIPv4', 100, {
            sourceAddressPrefixes: evaluated(parameter('allowedIpv4Ranges')),
          }),
        ]
      : []),
    ...(ipv6.length > 0
      ? [
          rule('AllowRecordingIPv6', 110, {
            sourceAddressPrefixes: evaluated(parameter('allowedIpv6Ranges')),
          }),
        ]
      : []),
  ];
  return rules.length > 0
    ? rules
    : [rule('AllowRecordingFromNetwork', 100, { sourceAddressPrefix: 'VirtualNetwork' })];
}

/** The security group. Nothing but recording traffic and the load balancer's probe comes in, not even from the network. */
export function networkPart(plan: SitePlan): Part {
  const rules: Rule[] = [
    ...recordingRules(plan),
    {
      name: 'AllowProbe',
      priority: 200,
      access: 'Allow',
      protocol: 'Tcp',
      from: { sourceAddressPrefix: 'AzureLoadBalancer' },
      ports: ['443'],
    },
    {
      name: 'DenyOthers',
      priority: 4096,
      access: 'Deny',
      protocol: '*',
      from: { sourceAddressPrefix: '*' },
      ports: '*',
    },
  ];
  return {
    name: 'network',
    after: [],
    resources: [
      {
        type: 'Microsoft.Network/networkSecurityGroups',
        name: evaluated(nameOf('securityGroup')),
        location: LOCATION,
        tags: TAGS,
        properties: { securityRules: rules.map(written) },
      },
    ],
  };
}
