/** The network security group of the machines' network interfaces. */
import { parseAllowedSources } from '../plan/allowed-sources';
import type { SitePlan } from '../plan/site-plan';
import { expression, type Json, parameter } from './arm';
import { nameExpression } from './resource-names';
import { LOCATION, type NestedTemplate, TAGS } from './nested-template';

/** Recording agents connect by HTTPS, or by HTTP where the server has no certificate. */
const RECORDING_PORTS = ['443', '80'];

interface Rule {
  name: string;
  priority: number;
  access: 'Allow' | 'Deny';
  protocol: 'Tcp' | '*';
  from: { sourceAddressPrefix: string } | { sourceAddressPrefixes: string };
  ports: string[] | '*';
}

function securityRuleJson({ name, priority, access, protocol, from, ports }: Rule): Json {
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

/** A rule per address family, since Azure does not mix them; the whole virtual network where no sources are given. */
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
            sourceAddressPrefixes: expression(parameter('allowedIpv4Ranges')),
          }),
        ]
      : []),
    ...(ipv6.length > 0
      ? [
          rule('AllowRecordingIPv6', 110, {
            sourceAddressPrefixes: expression(parameter('allowedIpv6Ranges')),
          }),
        ]
      : []),
  ];
  return rules.length > 0
    ? rules
    : [rule('AllowRecordingFromNetwork', 100, { sourceAddressPrefix: 'VirtualNetwork' })];
}

/** The security group. It allows recording traffic and the load balancer's probe, and denies everything else. */
export function networkTemplate(plan: SitePlan): NestedTemplate {
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
    dependsOn: [],
    resources: [
      {
        type: 'Microsoft.Network/networkSecurityGroups',
        name: expression(nameExpression('securityGroup')),
        location: LOCATION,
        tags: TAGS,
        properties: { securityRules: rules.map(securityRuleJson) },
      },
    ],
  };
}
