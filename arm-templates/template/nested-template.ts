/** A nested template: related resources that are deployed together as one nested deployment of the main template. */
import { call, expression, type Output, parameter, stringLiteral, type Resource } from './arm';

export interface NestedTemplate {
  /** The suffix of the nested deployment's name. */
  name: NestedTemplateName;
  resources: Resource[];
  outputs?: Record<string, Output>;
  /** Templates that are deployed before it; those that the plan does not need are ignored. */
  dependsOn: readonly NestedTemplateName[];
}

export type NestedTemplateName =
  | 'network'
  | 'storage'
  | 'databases'
  | 'auditing'
  | 'key-vault'
  | 'identity'
  | 'load-balancer'
  | 'private-endpoints'
  | 'dns-resolver'
  | 'machines'
  | 'setup'
  | 'diagnostics';

/** Every resource that takes tags carries those of the plan. */
export const TAGS = expression(parameter('tags'));
export const LOCATION = expression(parameter('location'));

/** The virtual network, which is in another resource group. */
export const VIRTUAL_NETWORK_ID = call(
  'resourceId',
  parameter('networkResourceGroupName'),
  stringLiteral('Microsoft.Network/virtualNetworks'),
  parameter('virtualNetworkName'),
);

/** A subnet of that network, named by a parameter. */
export function subnetIdOf(nameParameter: 'subnetName' | 'resolverSubnetName'): string {
  return call(
    'resourceId',
    parameter('networkResourceGroupName'),
    stringLiteral('Microsoft.Network/virtualNetworks/subnets'),
    parameter('virtualNetworkName'),
    parameter(nameParameter),
  );
}

/** A reference to another resource: `{ id: "[…]" }`, which Azure calls a sub-resource. */
export const subResource = (inner: string): { id: string } => ({ id: expression(inner) });
