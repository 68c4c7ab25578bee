/** Resource ids of subnets. */
import { z } from 'zod';

/** The parts of a subnet's resource id. */
export interface Subnet {
  subscriptionId: string;
  resourceGroupName: string;
  virtualNetworkName: string;
  subnetName: string;
}

const NAME = String.raw`[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?`;
const GROUP = String.raw`[\p{L}\p{N}_.()-]{0,89}[\p{L}\p{N}_()-]`;
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const SUBNET_ID = new RegExp(
  `^/subscriptions/(${UUID})/resourceGroups/(${GROUP})/providers/Microsoft\\.Network/virtualNetworks/(${NAME})/subnets/(${NAME})$`,
  'iu',
);

/** The parts of a subnet's resource id, or undefined for any other text. */
export function parseSubnetId(id: string): Subnet | undefined {
  const [, subscriptionId, resourceGroupName, virtualNetworkName, subnetName] = SUBNET_ID.exec(id) ?? [];
  if (!subscriptionId || !resourceGroupName || !virtualNetworkName || !subnetName) return undefined;
  return { subscriptionId: subscriptionId.toLowerCase(), resourceGroupName, virtualNetworkName, subnetName };
}

/** A subnet's resource id, as the portal shows it. */
export const subnetId = z
  .string()
  .trim()
  .max(400)
  .refine(
    (text) => parseSubnetId(text) !== undefined,
    'Give the resource id of a subnet: /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…/subnets/…',
  );
