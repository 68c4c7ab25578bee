/**
 * The DNS private resolver, unless the plan names the ruleset of an existing one. Machines in a domain must resolve its controllers, and with private endpoints also the
 * private addresses of storage, databases and key vault. They query Azure DNS, which has the private zones; a
 * forwarding rule sends queries for the domain to its controllers.
 * https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets
 */
import { concat, expression, parameter, stringLiteral, type Resource, resourceId } from './arm';
import { nameExpression } from './resource-names';
import {
  subResource,
  LOCATION,
  type NestedTemplate,
  subnetIdOf,
  TAGS,
  VIRTUAL_NETWORK_ID,
} from './nested-template';

const RESOLVER = 'Microsoft.Network/dnsResolvers';
const RULESET = 'Microsoft.Network/dnsForwardingRulesets';
const resolverId = resourceId(RESOLVER, nameExpression('dnsResolver'));
const endpointId = resourceId(
  `${RESOLVER}/outboundEndpoints`,
  nameExpression('dnsResolver'),
  stringLiteral('outbound'),
);
const rulesetId = resourceId(RULESET, nameExpression('forwardingRuleset'));

function resolver(): Resource[] {
  return [
    {
      type: RESOLVER,
      name: expression(nameExpression('dnsResolver')),
      location: LOCATION,
      tags: TAGS,
      properties: { virtualNetwork: subResource(VIRTUAL_NETWORK_ID) },
    },
    {
      type: `${RESOLVER}/outboundEndpoints`,
      name: expression(concat(nameExpression('dnsResolver'), stringLiteral('/outbound'))),
      location: LOCATION,
      tags: TAGS,
      dependsOn: [expression(resolverId)],
      properties: { subnet: subResource(subnetIdOf('resolverSubnetName')) },
    },
  ];
}

function forwarding(): Resource[] {
  return [
    {
      type: RULESET,
      name: expression(nameExpression('forwardingRuleset')),
      location: LOCATION,
      tags: TAGS,
      dependsOn: [expression(endpointId)],
      properties: { dnsResolverOutboundEndpoints: [subResource(endpointId)] },
    },
    {
      type: `${RULESET}/forwardingRules`,
      name: expression(concat(nameExpression('forwardingRuleset'), stringLiteral('/domain'))),
      dependsOn: [expression(rulesetId)],
      properties: {
        domainName: expression(concat(parameter('domainName'), stringLiteral('.'))),
        copy: [
          {
            name: 'targetDnsServers',
            count: expression(`length(${parameter('domainControllerAddresses')})`),
            input: {
              ipAddress: expression(
                `${parameter('domainControllerAddresses')}[copyIndex('targetDnsServers')]`,
              ),
              port: 53,
            },
          },
        ],
        forwardingRuleState: 'Enabled',
      },
    },
    {
      type: `${RULESET}/virtualNetworkLinks`,
      name: expression(
        concat(nameExpression('forwardingRuleset'), stringLiteral('/'), nameExpression('prefix')),
      ),
      dependsOn: [expression(rulesetId)],
      properties: { virtualNetwork: subResource(VIRTUAL_NETWORK_ID) },
    },
  ];
}

/** The resolver with its outbound endpoint and the forwarding rule for the domain. */
export function dnsResolverTemplate(): NestedTemplate {
  return { name: 'dns-resolver', dependsOn: [], resources: [...resolver(), ...forwarding()] };
}
