/** The load balancer: one address for all recording servers. */
import type { SitePlan } from '../plan/site-plan';
import { evaluated, type Json, parameter, quoted, type Resource, resourceId } from './arm';
import { nameOf } from './names';
import { idOf, LOCATION, type Part, subnetIdOf, TAGS } from './part';

const BALANCER = 'Microsoft.Network/loadBalancers';
const PUBLIC_ADDRESS = 'Microsoft.Network/publicIPAddresses';
const balancerName = nameOf('loadBalancer');
const publicAddressId = resourceId(PUBLIC_ADDRESS, nameOf('publicAddress'));

/** A part of the balancer that others refer to. */
const within = (kind: string, name: string) => resourceId(`${BALANCER}/${kind}`, balancerName, quoted(name));

export const backendPoolId = within('backendAddressPools', 'servers');

/** 50 machines share the 64,000 ports of one address (https://learn.microsoft.com/azure/load-balancer/outbound-rules). */
const OUTBOUND_PORTS_PER_MACHINE = 1_024;

function rule(port: number, isPublic: boolean): Json {
  return {
    name: `port-${port}`,
    properties: {
      frontendIPConfiguration: idOf(within('frontendIPConfigurations', 'frontend')),
      backendAddressPool: idOf(backendPoolId),
      probe: idOf(within('probes', 'https')),
      protocol: 'Tcp',
      frontendPort: port,
      backendPort: port,
      idleTimeoutInMinutes: 15,
      enableTcpReset: true,
      // Machines go out by the outbound rule, which has ports for all of them.
      ...(isPublic ? { disableOutboundSnat: true } : {}),
    },
  };
}

function outboundRules(): Json {
  return [
    {
      name: 'outbound',
      properties: {
        frontendIPConfigurations: [idOf(within('frontendIPConfigurations', 'frontend'))],
        backendAddressPool: idOf(backendPoolId),
        protocol: 'All',
        allocatedOutboundPorts: OUTBOUND_PORTS_PER_MACHINE,
        idleTimeoutInMinutes: 15,
        enableTcpReset: true,
      },
    },
  ];
}

function publicAddress(): Resource {
  return {
    type: PUBLIC_ADDRESS,
    name: evaluated(nameOf('publicAddress')),
    location: LOCATION,
    tags: TAGS,
    sku: { name: 'Standard', tier: 'Regional' },
    properties: { publicIPAllocationMethod: 'Static', publicIPAddressVersion: 'IPv4' },
  };
}

/** A Standard load balancer with its address, health probe and rules. */
export function loadBalancerPart({ loadBalancer }: SitePlan): Part {
  const isPublic = loadBalancer.type === 'public';
  const frontend: { [key: string]: Json } = isPublic
    ? { publicIPAddress: idOf(publicAddressId) }
    : {
        subnet: idOf(subnetIdOf('subnetName')),
        privateIPAllocationMethod: 'Static',
        privateIPAddress: evaluated(parameter('loadBalancerAddress')),
      };
  const balancer: Resource = {
    type: BALANCER,
    name: evaluated(balancerName),
    location: LOCATION,
    tags: TAGS,
    sku: { name: 'Standard', tier: 'Regional' },
    ...(isPublic ? { dependsOn: [evaluated(publicAddressId)] } : {}),
    properties: {
      frontendIPConfigurations: [{ name: 'frontend', properties: frontend }],
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
    after: [],
    resources: isPublic ? [publicAddress(), balancer] : [balancer],
    outputs: {
      address: {
        type: 'string',
        value: evaluated(
          isPublic ? `reference(${publicAddressId}).ipAddress` : parameter('loadBalancerAddress'),
        ),
      },
    },
  };
}
