/** Rules on the addresses of a site plan: of its subnet, its load balancer and its domain controllers. */
import {
  isHostIpv4Address,
  isIpv4Address,
  isPrivateIpv4Address,
  parseAddressBlock,
} from '../../shared/pure/addresses';
import { parseSubnetId } from './resource-ids';
import { type PlanRule, section, text, type UnvalidatedPlan } from './unvalidated-plan';

/** The address of an internal load balancer and the range of its subnet, where both are valid. */
function addressInSubnet(
  draft: UnvalidatedPlan,
): { address: number; first: number; last: number } | undefined {
  const { type, address } = section(draft, 'loadBalancer');
  const block = parseAddressBlock(text(section(draft, 'network')['subnetRange']) ?? '');
  if (type !== 'internal' || typeof address !== 'string' || !isIpv4Address(address)) return undefined;
  if (block?.family !== 'ipv4') return undefined;
  const [network = '', length] = block.cidr.split('/');
  const first = numberOf(network);
  return { address: numberOf(address), first, last: first + 2 ** (32 - Number(length)) - 1 };
}

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

/** Azure keeps the first four addresses of a subnet and the last one. */
const RESERVED_FIRST = 4;

/** Azure keeps these subnets for its gateways, firewalls and bastions, and refuses machines in them. */
const SUBNETS_OF_AZURE = [
  'gatewaysubnet',
  'azurebastionsubnet',
  'azurefirewallsubnet',
  'azurefirewallmanagementsubnet',
  'routeserversubnet',
];
/** Azure's own DNS and health service, which every virtual network has at this address. */
const AZURE_DNS = '168.63.129.16';
/** Two storage accounts, the database server and the key vault. */
const PRIVATE_ENDPOINTS = 4;

const takesMachines = (id: unknown): boolean => {
  const subnetName = parseSubnetId((text(id) ?? '').trim())?.subnetName ?? '';
  return !SUBNETS_OF_AZURE.includes(subnetName.toLowerCase());
};

/** Whether the text is an IPv4 range that a subnet can have: Azure has none smaller than /29. */
export function isSubnetRange(range: string): boolean {
  const block = parseAddressBlock(range);
  return block?.family === 'ipv4' && block.cidr === range && Number(range.split('/')[1]) <= 29;
}

/** Whether the subnet has an address for each machine, an internal load balancer and each private endpoint. */
function hasEnoughAddresses(draft: UnvalidatedPlan): boolean {
  const { subnetRange, privateEndpoints } = section(draft, 'network');
  const count = section(draft, 'machines')['count'];
  if (!isSubnetRange(text(subnetRange) ?? '') || typeof count !== 'number') return true;
  const available = 2 ** (32 - Number(String(subnetRange).split('/')[1])) - RESERVED_FIRST - 1;
  const balancer = section(draft, 'loadBalancer')['type'] === 'internal' ? 1 : 0;
  return count + balancer + (privateEndpoints === true ? PRIVATE_ENDPOINTS : 0) <= available;
}

const canBeController = (address: unknown): boolean =>
  typeof address !== 'string' ||
  !isIpv4Address(address) ||
  (isHostIpv4Address(address) && address !== AZURE_DNS);

export const ADDRESS_RULES: readonly PlanRule[] = [
  ...(['subnetId', 'resolverSubnetId'] as const).map((field) => ({
    path: ['network', field],
    error: 'Azure keeps subnets of this name for its own services: give another subnet.',
    holds: (draft: UnvalidatedPlan) => takesMachines(section(draft, 'network')[field]),
  })),
  {
    path: ['network', 'subnetRange'],
    error:
      'The subnet has too few addresses for the machines, an internal load balancer and private endpoints, as Azure keeps five: give a larger subnet or fewer machines.',
    holds: hasEnoughAddresses,
  },
  ...(['controllerAddress', 'secondControllerAddress'] as const).map((field) => ({
    path: ['domain', field],
    error: 'No machine can have this address: give the address of a domain controller, such as 10.0.0.4.',
    holds: (draft: UnvalidatedPlan) => canBeController(section(draft, 'domain')[field]),
  })),
  {
    path: ['loadBalancer', 'address'],
    error: 'Give a private address of the subnet, such as 10.0.0.10.',
    holds: (draft) => {
      const { type, address } = section(draft, 'loadBalancer');
      return type !== 'internal' || typeof address !== 'string' || isPrivateIpv4Address(address);
    },
  },
  {
    path: ['loadBalancer', 'address'],
    error: 'The address is outside the range of the subnet: give an unused one of the subnet.',
    holds: (draft) => {
      const found = addressInSubnet(draft);
      return !found || (found.address >= found.first && found.address <= found.last);
    },
  },
  {
    path: ['loadBalancer', 'address'],
    error: 'Azure keeps the first four addresses of a subnet and the last one: give another one.',
    holds: (draft) => {
      const found = addressInSubnet(draft);
      if (!found || found.address < found.first || found.address > found.last) return true;
      return found.address >= found.first + RESERVED_FIRST && found.address < found.last;
    },
  },
  {
    path: ['loadBalancer', 'address'],
    error: 'This is the address of the domain controller: give an unused address.',
    holds: (draft) => {
      const { address } = section(draft, 'loadBalancer');
      const { controllerAddress, secondControllerAddress } = section(draft, 'domain');
      return address === undefined || ![controllerAddress, secondControllerAddress].includes(address);
    },
  },
  {
    path: ['domain', 'secondControllerAddress'],
    error: 'This is the address of the first domain controller: give that of another one, or leave it out.',
    holds: (draft) => {
      const { controllerAddress, secondControllerAddress } = section(draft, 'domain');
      return secondControllerAddress === undefined || secondControllerAddress !== controllerAddress;
    },
  },
];
