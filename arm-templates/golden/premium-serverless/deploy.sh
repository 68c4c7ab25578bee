#!/usr/bin/env bash
# Deploys the resources of a Session Recording site to an Azure subscription, with the Azure CLI.
# It can be run again after a failure: what is there already is kept; README.md says what must be the same as before.
# Values are asked for unless the environment has them (TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET,
# SUBSCRIPTION_ID, RESOURCE_GROUP_NAME and so on).
set -euo pipefail
umask 077

site_name='Paris'
subnet_id='/subscriptions/6f1c7e52-0b7e-4a63-9a55-3a0c5d3c1f10/resourceGroups/network-rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/recording'
network_subscription_id='6f1c7e52-0b7e-4a63-9a55-3a0c5d3c1f10'
location='eastus'
vault_name='sr-ehs4bh2-kv'
deployment_name='sr-ehs4bh2'
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

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
ask SUBSCRIPTION_ID 'Subscription of the virtual network'
ask RESOURCE_GROUP_NAME 'Resource group, made when it does not exist'
ask_secret DOMAIN_PASSWORD 'Password of the user who joins machines to the domain'
ask_secret VM_ADMIN_PASSWORD 'Password for the administrator of the machines'
ask_secret SQL_ADMIN_PASSWORD 'Password for the administrator of the databases'
ask CERTIFICATE_PATH 'Path of the .pfx file'
ask_secret CERTIFICATE_PASSWORD 'Password of the certificate file'
ask_secret ENROLMENT_TOKEN 'Enrolment token of the site'

[[ "$(lower "$SUBSCRIPTION_ID")" == "$network_subscription_id" ]] ||
  fail "The virtual network is in subscription $network_subscription_id: the machines must be in the same one."
[[ "$RESOURCE_GROUP_NAME" =~ ^[A-Za-z0-9_.()-]{1,90}$ ]] ||
  fail 'The name of the resource group has letters, digits, dots, dashes, underscores and parentheses only.'
[[ -r "$CERTIFICATE_PATH" ]] || fail "The certificate file cannot be read: $CERTIFICATE_PATH"

(($(wc -c <"$CERTIFICATE_PATH") <= 18750)) ||
  fail 'The certificate file is too large for a key vault: export it without the certificates that it does not need.'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The settings of the user, such as cloud and proxy, without the user's sign-ins; this sign-in ends with the script.
mkdir "$work/azure"
for file in config clouds.config; do
  cp "${AZURE_CONFIG_DIR:-${HOME:-}/.azure}/$file" "$work/azure/" 2>/dev/null || true
done
export AZURE_CONFIG_DIR="$work/azure"
printf '%s' "$AZURE_CLIENT_SECRET" >"$work/client-secret"
{
  printf '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",\n'
  printf '"contentVersion": "1.0.0.0", "parameters": {\n'
  printf '"certificate": {"value": "%s"}' "$(base64 <"$CERTIFICATE_PATH" | tr -d '\r\n')"
  printf ',\n"domainPassword": {"value": %s}' "$(json_string "$DOMAIN_PASSWORD")"
  printf ',\n"vmAdminPassword": {"value": %s}' "$(json_string "$VM_ADMIN_PASSWORD")"
  printf ',\n"sqlAdminPassword": {"value": %s}' "$(json_string "$SQL_ADMIN_PASSWORD")"
  printf ',\n"certificatePassword": {"value": %s}' "$(json_string "$CERTIFICATE_PASSWORD")"
  printf ',\n"enrolmentToken": {"value": %s}' "$(json_string "$ENROLMENT_TOKEN")"
  printf '\n}}\n'
} >"$work/secrets.json"

printf 'Deploying the site %s\n' "$site_name"
az login --service-principal --tenant "$TENANT_ID" --username "$AZURE_CLIENT_ID" --password="@$work/client-secret" --output none
az account set --subscription "$SUBSCRIPTION_ID"
group="/subscriptions/$SUBSCRIPTION_ID/resourceGroups/$RESOURCE_GROUP_NAME"

endpoints=$(az rest --method get --url "$subnet_id?api-version=2025-05-01" --query 'properties.serviceEndpoints[].service' --output tsv)
for service in Microsoft.Storage Microsoft.Sql Microsoft.KeyVault; do
  grep -qx "$service" <<<"$endpoints" ||
    fail "The subnet has no service endpoint for $service. Run: az network vnet subnet update --ids '$subnet_id' --service-endpoints ${endpoints//$'\n'/ } Microsoft.Storage Microsoft.Sql Microsoft.KeyVault"
done

if [[ "$(az group exists --name "$RESOURCE_GROUP_NAME")" == true ]]; then
  az rest --method patch --url "$group/providers/Microsoft.Resources/tags/default?api-version=2021-04-01" --body "@$here/parameter/resource-group-tags.json" --output none
else
  az rest --method put --url "$group?api-version=2021-04-01" --body "@$here/parameter/resource-group.json" --output none
fi

# Whether the name of a vault is taken by a deleted one, while its purge protection lasts. Stops when Azure does not say.
is_deleted_vault() {
  local answer
  answer=$(az rest --method get --output none --url "/subscriptions/$SUBSCRIPTION_ID/providers/Microsoft.KeyVault/locations/$location/deletedVaults/$1?api-version=2024-11-01" 2>&1) && return 0
  [[ "$answer" == *DeletedVaultNotFound* || "$answer" == *'Not Found'* ]] && return 1
  fail "Whether the name $1 is taken by a deleted key vault could not be found out. The service principal needs Microsoft.KeyVault/locations/deletedVaults/read on the subscription. Azure says: $answer"
}

# The vault that is there already, or the first name that is free.
attempt=$(az resource list --resource-group "$RESOURCE_GROUP_NAME" --resource-type Microsoft.KeyVault/vaults --query '[].name' --output tsv |
  sed -n "s/^$vault_name\([0-9][0-9]*\)\r*$/\1/p" | sort -n | tail -n 1)
if [[ -z "$attempt" ]]; then
  attempt=1
  while is_deleted_vault "$vault_name$attempt"; do
    attempt=$((attempt + 1))
    ((attempt < 100)) || fail 'Too many deleted key vaults of this site: wait until Azure has purged some.'
  done
fi

# Run commands of earlier runs: a machine takes a limited number of them.
remove_run_commands() {
  local id
  az resource list --resource-group "$RESOURCE_GROUP_NAME" --resource-type Microsoft.Compute/virtualMachines/runCommands \
    --query "[?starts_with(name, 'sr-ehs4bh2-')].id" --output tsv >"$work/run-commands"
  while IFS= read -r id; do
    az rest --method delete --url "${id%$'\r'}?api-version=2026-03-01" --output none
  done <"$work/run-commands"
}

# A new role takes up to ten minutes until storage knows it: until then the audit log of the databases is refused.
for ((try = 1; ; try++)); do
  remove_run_commands
  az deployment group create --resource-group "$RESOURCE_GROUP_NAME" --name "$deployment_name" \
    --template-file "$here/template/main.json" --parameters "@$here/parameter/main.parameters.json" \
    --parameters "@$work/secrets.json" --parameters vaultAttempt="$attempt" --output none 2>"$work/errors" && break
  cat "$work/errors" >&2
  grep -q BlobAuditingInsufficientStorageAccountPermissions "$work/errors" && ((try < 6)) || exit 1
  printf 'The databases cannot write their audit log yet: trying again.\n' >&2
  sleep "${RETRY_SECONDS:-120}"
done
az deployment group show --resource-group "$RESOURCE_GROUP_NAME" --name "$deployment_name" --output json \
  --query '{schemaVersion: `1`, siteId: properties.outputs.siteId.value, planFingerprint: properties.outputs.planFingerprint.value, tenantId: properties.outputs.tenantId.value, subscriptionId: properties.outputs.subscriptionId.value, resourceGroupName: properties.outputs.resourceGroupName.value, region: properties.outputs.region.value, machines: properties.outputs.machines.value, shares: properties.outputs.shares.value, recordingsAccount: properties.outputs.recordingsAccount.value, archiveAccount: properties.outputs.archiveAccount.value, databaseServer: properties.outputs.databaseServer.value, loadBalancer: properties.outputs.loadBalancer.value, keyVault: properties.outputs.keyVault.value, identity: properties.outputs.identity.value}' >"$here/resourceInfo.json"
printf 'Done. Upload %s when you set up the site.\n' "$here/resourceInfo.json"
