/** A part of the template: a family of resources that is deployed as one nested deployment. */
import { call, evaluated, type Output, parameter, quoted, type Resource } from './arm';

export interface Part {
  /** Ends the name of the nested deployment, and names the part's file. */
  name: PartName;
  resources: Resource[];
  outputs?: Record<string, Output>;
  /** Parts that must be there before. Those that a plan does not have are left out. */
  after: readonly PartName[];
}

export type PartName =
  | 'network'
  | 'storage'
  | 'databases'
  | 'key-vault'
  | 'identity'
  | 'load-balancer'
  | 'private-endpoints'
  | 'dns-resolver'
  | 'machines';

/** Every resource that takes tags carries those of the plan. */
export const TAGS = evaluated(parameter('tags'));
export const LOCATION = evaluated(parameter('location'));

/** The virtual network, which lies in a group of its own. */
export const VIRTUAL_NETWORK_ID = call(
  'resourceId',
  parameter('networkResourceGroupName'),
  quoted('Microsoft.Network/virtualNetworks'),
  parameter('virtualNetworkName'),
);

/** A subnet of that network, named by a parameter. */
export function subnetIdOf(nameParameter: 'subnetName' | 'resolverSubnetName'): string {
  return call(
    'resourceId',
    parameter('networkResourceGroupName'),
    quoted('Microsoft.Network/virtualNetworks/subnets'),
    parameter('virtualNetworkName'),
    parameter(nameParameter),
  );
}

/** `{ id: "[…]" }`, as resources refer to each other. */
export const idOf = (inner: string): { id: string } => ({ id: evaluated(inner) });
