#!/usr/bin/env bash
# Removes the resources of this Session Recording site, with the Azure CLI. Recordings and databases are lost.
# What stays: the resource group, private DNS zones, and the name of the key vault for 90 days.
set -euo pipefail
umask 077

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

# ask NAME PROMPT: sets NAME, from the environment or by asking.
ask() {
  [[ -n "${!1:-}" ]] || IFS= read -rp "$2: " "$1" || true
  [[ -n "${!1:-}" ]] || fail "$1 is needed."
}

ask_secret() {
  if [[ -z "${!1:-}" ]]; then
    IFS= read -rsp "$2: " "$1" || true
    printf '\n' >&2
  fi
  [[ -n "${!1:-}" ]] || fail "$1 is needed."
  [[ "${!1}" != *[[:cntrl:]]* ]] || fail "$1 holds a control character, which cannot be used."
}

# lower TEXT: in lower-case letters. macOS has bash 3.2, which cannot do it by itself.
lower() {
  tr '[:upper:]' '[:lower:]' <<<"$1"
}

# json_string TEXT: the text, which has no control characters, as JSON.
json_string() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

command -v az >/dev/null || fail 'The Azure CLI is missing: see https://learn.microsoft.com/cli/azure/install-azure-cli'
ask TENANT_ID 'Directory (tenant) id'
ask AZURE_CLIENT_ID 'Application (client) id of the service principal'
ask_secret AZURE_CLIENT_SECRET 'Client secret of the service principal'
ask SUBSCRIPTION_ID 'Subscription of the site'
ask RESOURCE_GROUP_NAME 'Resource group of the site'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The settings of the user, such as cloud and proxy, without the user's sign-ins; this sign-in ends with the script.
mkdir "$work/azure"
for file in config clouds.config; do
  cp "${AZURE_CONFIG_DIR:-${HOME:-}/.azure}/$file" "$work/azure/" 2>/dev/null || true
done
export AZURE_CONFIG_DIR="$work/azure"
printf '%s' "$AZURE_CLIENT_SECRET" >"$work/client-secret"
az login --service-principal --tenant "$TENANT_ID" --username "$AZURE_CLIENT_ID" --password="@$work/client-secret" --output none
az account set --subscription "$SUBSCRIPTION_ID"

# Lists the site's resources, a type and an id in each line.
list() {
  az resource list --resource-group "$RESOURCE_GROUP_NAME" --output tsv \
    --query "[?starts_with(name, 'sr-ehs4bh2-') || starts_with(name, 'srehs4bh2rec') || starts_with(name, 'srehs4bh2arc') || ends_with(name, '/sr-ehs4bh2')].[type, id]" | tr -d '\r' >"$work/all"
}

# Azure deletes a ruleset only when it has no links and rules.
remove_parts() {
  local id
  az rest --method get --url "$1/$2?api-version=2025-05-01" --query 'value[].id' --output tsv | tr -d '\r' >"$work/parts"
  while IFS= read -r id; do
    az resource delete --ids "$id" --output none
  done <"$work/parts"
}

# remove TYPE...: removes the listed resources of these types, in this order.
remove() {
  local wanted type id
  for wanted in "$@"; do
    while IFS=$'\t' read -r type id; do
      [[ "$(lower "$type")" == "$(lower "$wanted")" ]] || continue
      printf 'Removing %s\n' "$id"
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
remove Microsoft.Compute/virtualMachines Microsoft.Network/privateEndpoints
# What went with them is not listed any more.
list
remove Microsoft.Network/networkInterfaces Microsoft.Compute/disks Microsoft.Compute/availabilitySets Microsoft.Network/loadBalancers Microsoft.Network/publicIPAddresses Microsoft.Network/networkSecurityGroups Microsoft.Network/privateDnsZones/virtualNetworkLinks Microsoft.Network/dnsForwardingRulesets Microsoft.Network/dnsResolvers/outboundEndpoints Microsoft.Network/dnsResolvers Microsoft.Sql/servers Microsoft.KeyVault/vaults Microsoft.ManagedIdentity/userAssignedIdentities Microsoft.Storage/storageAccounts
printf 'Done. The resource group %s stays: delete it when nothing else is in it.\n' "$RESOURCE_GROUP_NAME"
