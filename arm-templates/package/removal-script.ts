/** remove.sh: removes what deploy.sh or DeploySessionRecording.ps1 deployed, and nothing else. */
import { API_VERSIONS } from '../template/arm';
import type { ResourceNames } from '../template/resource-names';
import { BASH_FUNCTIONS, BASH_PROFILE, signIn } from './bash-functions';

/** Removed first: their network interfaces and disks go with them. Names of all begin with the prefix of the site. */
const FIRST = ['Microsoft.Compute/virtualMachines', 'Microsoft.Network/privateEndpoints'];

/** The others in the order of removal: users before what they use. */
const THEN = [
  'Microsoft.Network/networkInterfaces',
  'Microsoft.Compute/disks',
  'Microsoft.Compute/availabilitySets',
  'Microsoft.Network/loadBalancers',
  'Microsoft.Network/publicIPAddresses',
  'Microsoft.Network/networkSecurityGroups',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
  'Microsoft.Network/dnsForwardingRulesets',
  'Microsoft.Network/dnsResolvers/outboundEndpoints',
  'Microsoft.Network/dnsResolvers',
  'Microsoft.Sql/servers',
  'Microsoft.KeyVault/vaults',
  'Microsoft.ManagedIdentity/userAssignedIdentities',
  'Microsoft.Storage/storageAccounts',
];

/** The types that the script removes; others go with the resource that they belong to. */
export const REMOVED_TYPES: readonly string[] = [...FIRST, ...THEN];

/** The script. It asks before it removes anything. */
export function removalScript(names: ResourceNames): string {
  return `#!/usr/bin/env bash
# Removes the resources of this Session Recording site, with the Azure CLI. Recordings and databases are lost.
# What stays: the resource group, private DNS zones, and the name of the key vault for 90 days.
set -euo pipefail
umask 077

${BASH_FUNCTIONS}
command -v az >/dev/null || fail 'The Azure CLI is missing: see https://learn.microsoft.com/cli/azure/install-azure-cli'
ask TENANT_ID 'Directory (tenant) id'
ask AZURE_CLIENT_ID 'Application (client) id of the service principal'
ask_secret AZURE_CLIENT_SECRET 'Client secret of the service principal'
ask SUBSCRIPTION_ID 'Subscription of the site'
ask RESOURCE_GROUP_NAME 'Resource group of the site'

${BASH_PROFILE}
${signIn()}

# Lists the site's resources, a type and an id in each line.
list() {
  az resource list --resource-group "$RESOURCE_GROUP_NAME" --output tsv \\
    --query "[?starts_with(name, '${names.prefix}-') || starts_with(name, '${names.recordingsAccount}') || starts_with(name, '${names.archiveAccount}') || ends_with(name, '/${names.prefix}')].[type, id]" | tr -d '\\r' >"$work/all"
}

# Azure deletes a ruleset only when it has no links and rules.
remove_parts() {
  local id
  az rest --method get --url "$1/$2?api-version=${API_VERSIONS['Microsoft.Network/dnsForwardingRulesets']}" --query 'value[].id' --output tsv | tr -d '\\r' >"$work/parts"
  while IFS= read -r id; do
    az resource delete --ids "$id" --output none
  done <"$work/parts"
}

# remove TYPE...: removes the listed resources of these types, in this order.
remove() {
  local wanted type id
  for wanted in "$@"; do
    while IFS=$'\\t' read -r type id; do
      [[ "$(lower "$type")" == "$(lower "$wanted")" ]] || continue
      printf 'Removing %s\\n' "$id"
      if [[ "$wanted" == Microsoft.Network/dnsForwardingRulesets ]]; then
        remove_parts "$id" virtualNetworkLinks
        remove_parts "$id" forwardingRules
      fi
      az resource delete --ids "$id" --output none
    done <"$work/all"
  done
}

list
[[ -s "$work/all" ]] || fail "The resource group $RESOURCE_GROUP_NAME has no resources of this site."
cut -f 2 "$work/all"
ask CONFIRM 'These resources and all recordings in them are removed. Type yes'
[[ "$CONFIRM" == yes ]] || fail 'Nothing was removed.'
remove ${FIRST.join(' ')}
# What went with them is not listed any more.
list
remove ${THEN.join(' ')}
printf 'Done. The resource group %s stays: delete it when nothing else is in it.\\n' "$RESOURCE_GROUP_NAME"
`;
}
