/** Rules of a site plan that look at more than one field. They run on plans that have other errors, too. */
import { isPrivateIpv4Address } from '../../shared/pure/addresses';
import { FEATURES, parseServerVersion, supports } from '../../shared/pure/versions';
import { PROVISIONED_VCORES, SERVERLESS_VCORES } from './catalogues';
import { readSubnetId } from './subnet';

/** A plan of which nothing is certain: each rule holds where it cannot be judged. */
type Draft = Record<string, unknown>;

/** The rules take whatever was sent: a plan that is no object has no fields that could break one. */
function draftOf(plan: unknown): Draft {
  return typeof plan === 'object' && plan !== null ? (plan as Draft) : {};
}

export interface PlanRule {
  path: readonly string[];
  error: string;
  holds: (draft: Draft) => boolean;
}

function part(draft: Draft, name: string): Draft {
  return draftOf(draftOf(draft)[name]);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const joinsDomain = (draft: Draft) => part(draft, 'domain')['kind'] === 'activeDirectory';
const knowsDomain = (draft: Draft) =>
  ['activeDirectory', 'entra'].includes(String(part(draft, 'domain')['kind']));
const hasResolver = (draft: Draft) => part(draft, 'network')['resolverSubnetId'] !== undefined;
const hasEndpoints = (draft: Draft) => part(draft, 'network')['privateEndpoints'] === true;

/** Both subnets of the network, where both can be read. */
function subnets(draft: Draft) {
  const { subnetId, resolverSubnetId } = part(draft, 'network');
  const first = readSubnetId(text(subnetId) ?? '');
  const second = readSubnetId(text(resolverSubnetId) ?? '');
  return first && second ? { first, second } : undefined;
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

function largestGib(draft: Draft): number {
  const { tier, vCores, maxVcores } = part(part(draft, 'databases'), 'compute');
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
        (same(both.first.subscriptionId, both.second.subscriptionId) &&
          same(both.first.resourceGroupName, both.second.resourceGroupName) &&
          same(both.first.virtualNetworkName, both.second.virtualNetworkName))
      );
    },
  },
  {
    path: ['network', 'resolverSubnetId'],
    error: 'The resolver needs a subnet of its own: add another one to the virtual network.',
    holds: (draft) => {
      const { subnetId, resolverSubnetId } = part(draft, 'network');
      const [first, second] = [text(subnetId), text(resolverSubnetId)];
      return first === undefined || second === undefined || !same(first.trim(), second.trim());
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
    error: 'So few vCores cannot have so much data: choose more vCores or a smaller size.',
    holds: (draft) => Number(part(draft, 'databases')['maxSizeGib'] ?? 0) <= largestGib(draft),
  },
  {
    path: ['databases', 'administrator', 'password'],
    error: 'The password must not contain the user name.',
    holds: (draft) => {
      const { userName, password } = part(part(draft, 'databases'), 'administrator');
      const [name, secret] = [text(userName), text(password)];
      return !name || !secret || !secret.toLowerCase().includes(name.toLowerCase());
    },
  },
  {
    path: ['loadBalancer', 'address'],
    error: 'Give a private address of the subnet, such as 10.0.0.10.',
    holds: (draft) => {
      const { type, address } = part(draft, 'loadBalancer');
      return type !== 'internal' || typeof address !== 'string' || isPrivateIpv4Address(address);
    },
  },
  {
    path: ['loadBalancer', 'address'],
    error: 'This is the address of the domain controller: give one that nobody has.',
    holds: (draft) => {
      const { address } = part(draft, 'loadBalancer');
      return address === undefined || address !== part(draft, 'domain')['controllerAddress'];
    },
  },
  {
    path: ['loadBalancer', 'allowedSources'],
    error:
      'A public load balancer is reachable from everywhere: name the addresses or ranges that may use it.',
    holds: (draft) => {
      const { type, allowedSources: sources } = part(draft, 'loadBalancer');
      if (type !== 'public' || typeof sources !== 'string') return true;
      return !/^[\s,]*$/.test(sources);
    },
  },
];
