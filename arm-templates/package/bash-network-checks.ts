/** The part of deploy.sh that compares the network with the plan, before anything is deployed. */
import { PRIVATE_ZONES } from '../plan/catalogues';
import type { SitePlan } from '../plan/site-plan';
import { API_VERSIONS } from '../template/arm';
import { shellLiteral } from './quoting';
import { REQUIRED_SERVICE_ENDPOINTS } from './required-inputs';

const NETWORK_API = API_VERSIONS['Microsoft.Network/networkInterfaces'];
const ZONE_API = API_VERSIONS['Microsoft.Network/privateDnsZones'];
const RULESET_API = API_VERSIONS['Microsoft.Network/dnsForwardingRulesets'];

/** All checks that the plan needs, as statements. */
export function bashNetworkChecks(plan: SitePlan): string {
  return [serviceEndpoints(plan), balancerAddress(plan), zones(plan), ruleset(plan)].join('');
}

function serviceEndpoints({ network }: SitePlan): string {
  if (network.privateEndpoints) return '';
  return `
endpoints=$(az rest --method get --url "$subnet_id?api-version=${NETWORK_API}" --query 'properties.serviceEndpoints[].service' --output tsv)
for service in ${REQUIRED_SERVICE_ENDPOINTS.join(' ')}; do
  grep -qx "$service" <<<"$endpoints" ||
    fail "The subnet has no service endpoint for $service. Run: az network vnet subnet update --ids '$subnet_id' --service-endpoints \${endpoints//$'\\n'/ } ${REQUIRED_SERVICE_ENDPOINTS.join(' ')}"
done
`;
}

/** Azure keeps the first four addresses of a subnet and the last one. */
function balancerAddress({ loadBalancer }: SitePlan): string {
  if (loadBalancer.type !== 'internal') return '';
  return `
number_of() {
  local IFS=.
  # shellcheck disable=SC2086
  set -- $1
  printf '%s' $((($1 << 24) + ($2 << 16) + ($3 << 8) + $4))
}
address=${shellLiteral(loadBalancer.address)}
# A subnet may have several ranges, of IPv6 too.
ranges=$(az rest --method get --url "$subnet_id?api-version=${NETWORK_API}" --query '[properties.addressPrefix, properties.addressPrefixes][]' --output tsv | tr -d '\r')
is_usable=false
for range in $ranges; do
  [[ "$range" == *:* ]] && continue
  first=$(number_of "\${range%/*}")
  last=$((first + (1 << (32 - \${range#*/})) - 1))
  (($(number_of "$address") >= first + 4 && $(number_of "$address") < last)) && is_usable=true
done
[[ "$is_usable" == true ]] ||
  fail "The load balancer cannot have the address $address: the subnet has \${ranges//$'\n'/, }, of which Azure keeps the first four addresses and the last one. Change the plan and create the template again."
`;
}

function zones({ network }: SitePlan): string {
  if (!network.privateEndpoints || network.privateDnsZones.use === 'none') return '';
  const linked = `network_id=\${subnet_id%/subnets/*}
# is_linked ID VERSION: whether the network is linked to a private DNS zone or a forwarding ruleset.
is_linked() {
  az rest --method get --url "$1/virtualNetworkLinks?api-version=$2" --query 'value[].properties.virtualNetwork.id' --output tsv | tr -d '\\r' >"$work/links" ||
    fail "The links of $1 could not be read: see README.md for the rights that are needed."
  grep -qixF "$network_id" "$work/links"
}
`;
  if (network.privateDnsZones.use === 'existing') {
    const { file, sql, vault } = network.privateDnsZones;
    return `
${linked}for zone in ${[file, sql, vault].map(shellLiteral).join(' ')}; do
  is_linked "$zone" ${ZONE_API} ||
    fail "The network is not linked to $zone. Run: az network private-dns link vnet create --name session-recording --registration-enabled false --virtual-network '$network_id' --zone-name '\${zone##*/}' --resource-group (its resource group)"
done
`;
  }
  return `
${linked}for name in ${Object.values(PRIVATE_ZONES).join(' ')}; do
  az resource list --resource-type Microsoft.Network/privateDnsZones --query "[?name=='$name'].id" --output tsv | tr -d '\\r' >"$work/zones"
  while IFS= read -r zone; do
    [[ "$(lower "$zone")" == "$(lower "$group")"/* ]] && continue
    is_linked "$zone" ${ZONE_API} &&
      fail "The network is linked to $zone already, and takes no second zone of this name. Name the zone in the plan (network.privateDnsZones, use: existing) and create the template again."
  done <"$work/zones"
done
`;
}

function ruleset({ network, domain }: SitePlan): string {
  if (network.forwardingRulesetId === undefined || domain.kind !== 'activeDirectory') return '';
  return `
ruleset=${shellLiteral(network.forwardingRulesetId)}
domain=${shellLiteral(`${domain.name}.`)}
is_linked "$ruleset" ${RULESET_API} || fail "The network is not linked to $ruleset: link it, or have a new resolver created by the plan."
az rest --method get --url "$ruleset/forwardingRules?api-version=${RULESET_API}" --query 'value[].properties.domainName' --output tsv | tr -d '\\r' >"$work/domains"
grep -qixF "$domain" "$work/domains" || fail "$ruleset has no rule for $domain: add one that forwards to the domain controllers."
`;
}
