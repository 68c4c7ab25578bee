/** Rules that span several fields of a site plan. They also run when other fields are not valid. */
import { isPrivateIpv4Address } from '../../shared/pure/addresses';
import { FEATURES, parseServerVersion, supports } from '../../shared/pure/versions';
import { PROVISIONED_VCORES, SERVERLESS_VCORES } from './catalogues';
import { parseSubnetId } from './subnet';

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
const hasEndpoints = (draft: UnvalidatedPlan) => section(draft, 'network')['privateEndpoints'] === true;

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

export const PLAN_RULES: readonly PlanRule[] = [
  {
    path: ['network', 'resolverSubnetId'],
    error:
      'Private endpoints with Active Directory need a DNS private resolver: give the id of a dedicated subnet of the same network.',
    holds: (draft) => !(hasEndpoints(draft) && joinsDomain(draft)) || hasResolver(draft),
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
    error: 'This is the address of the domain controller: give an unused address.',
    holds: (draft) => {
      const { address } = section(draft, 'loadBalancer');
      return address === undefined || address !== section(draft, 'domain')['controllerAddress'];
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
