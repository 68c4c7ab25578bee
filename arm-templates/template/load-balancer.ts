/** The load balancer: one address for all recording servers. */
import type { SitePlan } from '../plan/site-plan';
import { expression, type Json, parameter, stringLiteral, type Resource, resourceId } from './arm';
import { nameExpression } from './resource-names';
import { subResource, LOCATION, type NestedTemplate, subnetIdOf, TAGS } from './nested-template';

const BALANCER = 'Microsoft.Network/loadBalancers';
const PUBLIC_ADDRESS = 'Microsoft.Network/publicIPAddresses';
const balancerName = nameExpression('loadBalancer');
const publicAddressId = resourceId(PUBLIC_ADDRESS, nameExpression('publicAddress'));

/** The id of a child resource of the load balancer. */
const childId = (kind: string, name: string) =>
  resourceId(`${BALANCER}/${kind}`, balancerName, stringLiteral(name));

export const backendPoolId = childId('backendAddressPools', 'servers');

/** 50 machines share the 64,000 ports of one address (https://learn.microsoft.com/azure/load-balancer/outbound-rules). */
const OUTBOUND_PORTS_PER_MACHINE = 1_024;

function rule(port: number, isPublic: boolean): Json {
  return {
    name: `port-${port}`,
    properties: {
      frontendIPConfiguration: subResource(childId('frontendIPConfigurations', 'frontend')),
      backendAddressPool: subResource(backendPoolId),
      probe: subResource(childId('probes', 'https')),
      protocol: 'Tcp',
      frontendPort: port,
      backendPort: port,
      idleTimeoutInMinutes: 15,
      enableTcpReset: true,
      // Outbound connections use the outbound rule, which has enough ports for all machines.
      ...(isPublic ? { disableOutboundSnat: true } : {}),
    },
  };
}

function outboundRules(): Json {
  return [
    {
      name: 'outbound',
      properties: {
        frontendIPConfigurations: [subResource(childId('frontendIPConfigurations', 'frontend'))],
        backendAddressPool: subResource(backendPoolId),
        protocol: 'All',
        allocatedOutboundPorts: OUTBOUND_PORTS_PER_MACHINE,
        idleTimeoutInMinutes: 15,
        enableTcpReset: true,
      },
    },
  ];
}

/** One in each zone, so that the address outlives a zone. */
const ALL_ZONES: Json = ['1', '2', '3'];

function publicAddress(isZonal: boolean): Resource {
  return {
    type: PUBLIC_ADDRESS,
    name: expression(nameExpression('publicAddress')),
    location: LOCATION,
    tags: TAGS,
    sku: { name: 'Standard', tier: 'Regional' },
    ...(isZonal ? { zones: ALL_ZONES } : {}),
    properties: { publicIPAllocationMethod: 'Static', publicIPAddressVersion: 'IPv4' },
  };
}

/** A Standard load balancer with its address, health probe and rules. */
export function loadBalancerTemplate({ loadBalancer, machines }: SitePlan): NestedTemplate {
  const isPublic = loadBalancer.type === 'public';
  const isZonal = machines.placement === 'zones';
  const frontend: { [key: string]: Json } = isPublic
    ? { publicIPAddress: subResource(publicAddressId) }
    : {
        subnet: subResource(subnetIdOf('subnetName')),
        privateIPAllocationMethod: 'Static',
        privateIPAddress: expression(parameter('loadBalancerAddress')),
      };
  const balancer: Resource = {
    type: BALANCER,
    name: expression(balancerName),
    location: LOCATION,
    tags: TAGS,
    sku: { name: 'Standard', tier: 'Regional' },
    ...(isPublic ? { dependsOn: [expression(publicAddressId)] } : {}),
    properties: {
      frontendIPConfigurations: [
        { name: 'frontend', ...(isZonal && !isPublic ? { zones: ALL_ZONES } : {}), properties: frontend },
      ],
      backendAddressPools: [{ name: 'servers' }],
      probes: [
        {
          name: 'https',
          properties: { protocol: 'Tcp', port: 443, intervalInSeconds: 15, numberOfProbes: 2 },
        },
      ],
      loadBalancingRules: [rule(443, isPublic), rule(80, isPublic)],
      ...(isPublic ? { outboundRules: outboundRules() } : {}),
    },
  };
  return {
    name: 'load-balancer',
    dependsOn: [],
    resources: isPublic ? [publicAddress(isZonal), balancer] : [balancer],
    outputs: {
      address: {
        type: 'string',
        value: expression(
          isPublic ? `reference(${publicAddressId}).ipAddress` : parameter('loadBalancerAddress'),
        ),
      },
    },
  };
}
