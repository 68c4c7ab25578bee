/** Rules that span several fields of a site plan. They also run when other fields are not valid. */
import { FEATURES, parseServerVersion, supports } from '../../shared/pure/versions';
import { hasZones, offersRedundancy, PROVISIONED_VCORES, SERVERLESS_VCORES } from './catalogues';
import { ADDRESS_RULES } from './address-rules';
import { ORGANIZATIONAL_UNIT } from './naming-rules';
import { parseSubnetId } from './resource-ids';
import { type PlanRule, recordOf, section, text, type UnvalidatedPlan } from './unvalidated-plan';

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

/** Of all shares of a premium account together: Azure Files, "Storage account scale targets". */
const PREMIUM_ACCOUNT_GIB = 102_400;

/** Provisioned by all shares of premium storage; 0 for standard storage. */
function premiumGib(draft: UnvalidatedPlan): number {
  const { performance, shares } = section(draft, 'storage');
  if (performance !== 'premium' || !Array.isArray(shares)) return 0;
  return shares.reduce((sum: number, share) => sum + Number(recordOf(share)['provisionedGib'] ?? 0), 0);
}

/** The domain of a distinguished name: `OU=A,DC=corp,DC=example` is of `corp.example`. */
const domainOf = (distinguishedName: string): string =>
  [...distinguishedName.matchAll(/(?:^|,)DC=([^,]*)/gi)].map(([, label]) => label).join('.');

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
    holds: (draft) => {
      const size = section(draft, 'databases')['maxSizeGib'];
      return typeof size !== 'number' || size <= largestGib(draft);
    },
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
    path: ['storage', 'shares'],
    error:
      'A premium storage account has at most 102,400 GiB for all of its shares together: choose fewer or smaller ones, or standard storage.',
    holds: (draft) => !(premiumGib(draft) > PREMIUM_ACCOUNT_GIB),
  },
  {
    path: ['domain', 'organizationalUnit'],
    error: 'The organizational unit belongs to another domain than the one that the machines join.',
    holds: (draft) => {
      const { name, organizationalUnit } = section(draft, 'domain');
      const [domain, unit] = [text(name), text(organizationalUnit)];
      return (
        !domain || !unit || !ORGANIZATIONAL_UNIT.test(unit) || equalsIgnoringCase(domainOf(unit), domain)
      );
    },
  },
  ...ADDRESS_RULES,
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
