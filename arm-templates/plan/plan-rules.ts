/** Rules that span several fields of a site plan. They also run when other fields are not valid. */
import { isIpv4Address, isPrivateIpv4Address, parseAddressBlock } from '../../shared/pure/addresses';
import { FEATURES, parseServerVersion, supports } from '../../shared/pure/versions';
import { hasZones, offersRedundancy, PROVISIONED_VCORES, SERVERLESS_VCORES } from './catalogues';
import { parseSubnetId } from './resource-ids';

/** A plan whose fields can be missing or of any type. A rule holds where it cannot be evaluated. */
type UnvalidatedPlan = Record<string, unknown>;

/** The value as an object; empty when it is something else. */
function recordOf(plan: unknown): UnvalidatedPlan {
  return typeof plan === 'object' && plan !== null ? (plan as UnvalidatedPlan) : {};
}

export interface PlanRule {
  path: readonly string[];
  error: string;
  holds: (draft: UnvalidatedPlan) => boolean;
}

function section(draft: UnvalidatedPlan, name: string): UnvalidatedPlan {
  return recordOf(recordOf(draft)[name]);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const joinsDomain = (draft: UnvalidatedPlan) => section(draft, 'domain')['kind'] === 'activeDirectory';
const knowsDomain = (draft: UnvalidatedPlan) =>
  ['activeDirectory', 'entra'].includes(String(section(draft, 'domain')['kind']));
const hasResolver = (draft: UnvalidatedPlan) => section(draft, 'network')['resolverSubnetId'] !== undefined;
const hasRuleset = (draft: UnvalidatedPlan) => section(draft, 'network')['forwardingRulesetId'] !== undefined;
const hasEndpoints = (draft: UnvalidatedPlan) => section(draft, 'network')['privateEndpoints'] === true;
const zonesOf = (draft: UnvalidatedPlan) =>
  section(section(draft, 'network'), 'privateDnsZones')['use'] ?? 'create';
/** Machines of a domain ask Azure DNS, which needs to know who answers for the domain. */
const needsForwarding = (draft: UnvalidatedPlan) =>
  hasEndpoints(draft) && joinsDomain(draft) && zonesOf(draft) !== 'none';

/** Both subnets of the network, where both ids are valid. */
function subnets(draft: UnvalidatedPlan) {
  const { subnetId, resolverSubnetId } = section(draft, 'network');
  const first = parseSubnetId(text(subnetId) ?? '');
  const second = parseSubnetId(text(resolverSubnetId) ?? '');
  return first && second ? { first, second } : undefined;
}

const equalsIgnoringCase = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

function largestGib(draft: UnvalidatedPlan): number {
  const { tier, vCores, maxVcores } = section(section(draft, 'databases'), 'compute');
  const sizes = tier === 'serverless' ? SERVERLESS_VCORES : PROVISIONED_VCORES;
  return sizes[Number(tier === 'serverless' ? maxVcores : vCores)] ?? Infinity;
}

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

/** Private endpoints, private zones and the DNS that machines of a domain need with them. */
const DNS_RULES: readonly PlanRule[] = [
  {
    path: ['network', 'resolverSubnetId'],
    error:
      'Private endpoints with Active Directory need a DNS private resolver: give the id of a dedicated subnet of the same network, or the id of a forwarding ruleset that is linked to the network as forwardingRulesetId.',
    holds: (draft) => !needsForwarding(draft) || hasResolver(draft) || hasRuleset(draft),
  },
  {
    path: ['network', 'forwardingRulesetId'],
    error: 'Give either the subnet of a new resolver or the ruleset of an existing one, not both.',
    holds: (draft) => !hasResolver(draft) || !hasRuleset(draft),
  },
  {
    path: ['network', 'forwardingRulesetId'],
    error:
      'A forwarding ruleset is needed only with private endpoints, where servers join an Active Directory domain and private DNS zones are used: leave this out.',
    holds: (draft) => !hasRuleset(draft) || !knowsDomain(draft) || needsForwarding(draft),
  },
  {
    path: ['network', 'privateDnsZones'],
    error: 'Private DNS zones are needed only with private endpoints: switch them on or leave this out.',
    holds: (draft) => hasEndpoints(draft) || zonesOf(draft) === 'create',
  },
  {
    path: ['network', 'resolverSubnetId'],
    error:
      'The DNS private resolver is needed only where servers join an Active Directory domain: leave this out.',
    holds: (draft) => !hasResolver(draft) || !knowsDomain(draft) || joinsDomain(draft),
  },
  {
    path: ['network', 'resolverSubnetId'],
    error:
      'The DNS private resolver is needed only with private endpoints: switch them on or leave this out.',
    holds: (draft) => !hasResolver(draft) || hasEndpoints(draft),
  },
  {
    path: ['network', 'resolverSubnetId'],
    error:
      'Without private DNS zones the DNS servers of the network answer all queries: leave this out, or use zones.',
    holds: (draft) => !hasResolver(draft) || zonesOf(draft) !== 'none',
  },
  {
    path: ['network', 'resolverSubnetId'],
    error: 'The resolver needs a subnet of the same virtual network as the machines.',
    holds: (draft) => {
      const both = subnets(draft);
      return (
        !both ||
        (equalsIgnoringCase(both.first.subscriptionId, both.second.subscriptionId) &&
          equalsIgnoringCase(both.first.resourceGroupName, both.second.resourceGroupName) &&
          equalsIgnoringCase(both.first.virtualNetworkName, both.second.virtualNetworkName))
      );
    },
  },
  {
    path: ['network', 'resolverSubnetId'],
    error: 'The resolver needs a subnet of its own: add another one to the virtual network.',
    holds: (draft) => {
      const { subnetId, resolverSubnetId } = section(draft, 'network');
      const [first, second] = [text(subnetId), text(resolverSubnetId)];
      return first === undefined || second === undefined || !equalsIgnoringCase(first.trim(), second.trim());
    },
  },
];

/** What a region lacks. */
const REGION_RULES: readonly PlanRule[] = [
  {
    path: ['storage', 'redundancy'],
    error:
      'The region does not offer this redundancy of storage: choose LRS, or another region. GRS and GZRS need a paired region, ZRS and GZRS availability zones.',
    holds: (draft) =>
      offersRedundancy(
        text(recordOf(draft)['region']) ?? '',
        text(section(draft, 'storage')['redundancy']) ?? 'LRS',
      ),
  },
  {
    path: ['machines', 'placement'],
    error: 'The region has no availability zones: choose availabilitySet, or another region.',
    holds: (draft) =>
      section(draft, 'machines')['placement'] !== 'zones' || hasZones(text(recordOf(draft)['region']) ?? ''),
  },
];

export const PLAN_RULES: readonly PlanRule[] = [
  ...DNS_RULES,
  ...REGION_RULES,
  {
    path: ['serverVersion'],
    error: `Servers without an Active Directory domain need version ${FEATURES.entraJoin.server} or later: choose one, or join a domain.`,
    holds: (draft) =>
      !knowsDomain(draft) ||
      joinsDomain(draft) ||
      !parseServerVersion(text(draft['serverVersion']) ?? '') ||
      supports('entraJoin', { server: text(draft['serverVersion']) }),
  },
  {
    path: ['databases', 'maxSizeGib'],
    error: 'The size exceeds the limit for this number of vCores: choose more vCores or a smaller size.',
    holds: (draft) => Number(section(draft, 'databases')['maxSizeGib'] ?? 0) <= largestGib(draft),
  },
  {
    path: ['databases', 'administrator', 'password'],
    error: 'The password must not contain the user name.',
    holds: (draft) => {
      const { userName, password } = section(section(draft, 'databases'), 'administrator');
      const [name, secret] = [text(userName), text(password)];
      return !name || !secret || !secret.toLowerCase().includes(name.toLowerCase());
    },
  },
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
  {
    path: ['loadBalancer', 'allowedSources'],
    error:
      'A public load balancer is reachable from the Internet: give the addresses or ranges that can use it.',
    holds: (draft) => {
      const { type, allowedSources: sources } = section(draft, 'loadBalancer');
      if (type !== 'public' || typeof sources !== 'string') return true;
      return !/^[\s,]*$/.test(sources);
    },
  },
];
