/**
 * The DNS private resolver. Machines that join a domain must find its controllers, and with private endpoints the
 * private addresses of storage, databases and vault, too. They ask Azure's DNS, which knows the private zones; what
 * belongs to the domain goes on to the domain controller by the forwarding rule.
 * https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets
 */
import { concat, evaluated, parameter, quoted, type Resource, resourceId } from './arm';
import { nameOf } from './names';
import { idOf, LOCATION, type Part, subnetIdOf, TAGS, VIRTUAL_NETWORK_ID } from './part';

const RESOLVER = 'Microsoft.Network/dnsResolvers';
const RULESET = 'Microsoft.Network/dnsForwardingRulesets';
const resolverId = resourceId(RESOLVER, nameOf('dnsResolver'));
const endpointId = resourceId(`${RESOLVER}/outboundEndpoints`, nameOf('dnsResolver'), quoted('outbound'));
const rulesetId = resourceId(RULESET, nameOf('forwardingRuleset'));

function resolver(): Resource[] {
  return [
    {
      type: RESOLVER,
      name: evaluated(nameOf('dnsResolver')),
      location: LOCATION,
      tags: TAGS,
      properties: { virtualNetwork: idOf(VIRTUAL_NETWORK_ID) },
    },
    {
      type: `${RESOLVER}/outboundEndpoints`,
      name: evaluated(concat(nameOf('dnsResolver'), quoted('/outbound'))),
      location: LOCATION,
      tags: TAGS,
      dependsOn: [evaluated(resolverId)],
      properties: { subnet: idOf(subnetIdOf('resolverSubnetName')) },
    },
  ];
}

function forwarding(): Resource[] {
  return [
    {
      type: RULESET,
      name: evaluated(nameOf('forwardingRuleset')),
      location: LOCATION,
      tags: TAGS,
      dependsOn: [evaluated(endpointId)],
      properties: { dnsResolverOutboundEndpoints: [idOf(endpointId)] },
    },
    {
      type: `${RULESET}/forwardingRules`,
      name: evaluated(concat(nameOf('forwardingRuleset'), quoted('/domain'))),
      dependsOn: [evaluated(rulesetId)],
      properties: {
        domainName: evaluated(concat(parameter('domainName'), quoted('.'))),
        targetDnsServers: [{ ipAddress: evaluated(parameter('domainControllerAddress')), port: 53 }],
        forwardingRuleState: 'Enabled',
      },
    },
    {
      type: `${RULESET}/virtualNetworkLinks`,
      name: evaluated(concat(nameOf('forwardingRuleset'), quoted('/'), nameOf('prefix'))),
      dependsOn: [evaluated(rulesetId)],
      properties: { virtualNetwork: idOf(VIRTUAL_NETWORK_ID) },
    },
  ];
}

/** The resolver with its outbound endpoint, and the rule that leads to the domain. */
export function dnsResolverPart(): Part {
  return { name: 'dns-resolver', after: [], resources: [...resolver(), ...forwarding()] };
}
