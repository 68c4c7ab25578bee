/** deploy.sh: deploys the template with the Azure CLI. */
import { MAX_PFX_BYTES } from '../plan/certificate';
import type { SitePlan } from '../plan/site-plan';
import { parseSubnetId } from '../plan/subnet';
import type { ResourceNames } from '../template/resource-names';
import { requiredSecrets, REQUIRED_SERVICE_ENDPOINTS } from './required-inputs';
import { RESOURCE_INFO_OUTPUTS } from './resource-info';
import { shellLiteral } from './quoting';

/** The environment variable of a secret: `VmAdminPassword` becomes VM_ADMIN_PASSWORD. */
export function environmentVariable(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

function prompts(plan: SitePlan): string {
  const lines = requiredSecrets(plan).flatMap(({ name, prompt }) => [
    ...(name === 'CertificatePassword' ? ["ask CERTIFICATE_PATH 'Path of the .pfx file'"] : []),
    `ask_secret ${environmentVariable(name)} '${prompt}'`,
  ]);
  return lines.join('\n');
}

function secretEntries(plan: SitePlan): string {
  return requiredSecrets(plan)
    .map(
      ({ parameter, name }) =>
        `  printf ',\\n"${parameter}": {"value": %s}' "$(json_string "$${environmentVariable(name)}")"`,
    )
    .join('\n');
}

function subnetCheck({ network }: SitePlan): string {
  if (network.privateEndpoints) return '';
  return `
endpoints=$(az rest --method get --url "$subnet_id?api-version=2024-05-01" --query 'properties.serviceEndpoints[].service' --output tsv)
for service in ${REQUIRED_SERVICE_ENDPOINTS.join(' ')}; do
  grep -qx "$service" <<<"$endpoints" ||
    fail "The subnet has no service endpoint for $service. Run: az network vnet subnet update --ids '$subnet_id' --service-endpoints \${endpoints//$'\\n'/ } ${REQUIRED_SERVICE_ENDPOINTS.join(' ')}"
done
`;
}

function constants(plan: SitePlan, names: ResourceNames): string {
  const { subnetId } = plan.network;
  return `#!/usr/bin/env bash
# Deploys the resources of a Session Recording site to an Azure subscription, with the Azure CLI.
# It can be run again after a failure: what is there already is kept. Values are asked for unless the
# environment has them (TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, SUBSCRIPTION_ID, RESOURCE_GROUP_NAME and so on).
set -euo pipefail
umask 077

site_name=${shellLiteral(plan.name)}
subnet_id=${shellLiteral(subnetId)}
network_subscription_id=${shellLiteral(parseSubnetId(subnetId)?.subscriptionId ?? '')}
location=${shellLiteral(plan.region)}
vault_name='${names.vault}'
deployment_name='${names.prefix}'
here=$(cd "$(dirname "\${BASH_SOURCE[0]}")" && pwd)
`;
}

const FUNCTIONS = `fail() {
  printf '%s\\n' "$1" >&2
  exit 1
}

# ask NAME PROMPT: sets NAME, from the environment or by asking.
ask() {
  [[ -n "\${!1:-}" ]] || IFS= read -rp "$2: " "$1" || true
  [[ -n "\${!1:-}" ]] || fail "$1 is needed."
}

ask_secret() {
  if [[ -z "\${!1:-}" ]]; then
    IFS= read -rsp "$2: " "$1" || true
    printf '\\n' >&2
  fi
  [[ -n "\${!1:-}" ]] || fail "$1 is needed."
  [[ "\${!1}" != *[[:cntrl:]]* ]] || fail "$1 holds a control character, which cannot be used."
}

# json_string TEXT: the text, which has no control characters, as JSON.
json_string() {
  local text=\${1//\\\\/\\\\\\\\}
  printf '"%s"' "\${text//\\"/\\\\\\"}"
}
`;

/** Secrets are passed to the Azure CLI in private files, never on a command line. */
function inputs(plan: SitePlan): string {
  return `command -v az >/dev/null || fail 'The Azure CLI is missing: see https://learn.microsoft.com/cli/azure/install-azure-cli'

ask TENANT_ID 'Directory (tenant) id'
ask AZURE_CLIENT_ID 'Application (client) id of the service principal'
ask_secret AZURE_CLIENT_SECRET 'Client secret of the service principal'
ask SUBSCRIPTION_ID 'Subscription of the virtual network'
ask RESOURCE_GROUP_NAME 'Resource group, made when it does not exist'
${prompts(plan)}

[[ "\${SUBSCRIPTION_ID,,}" == "$network_subscription_id" ]] ||
  fail "The virtual network is in subscription $network_subscription_id: the machines must be in the same one."
[[ "$RESOURCE_GROUP_NAME" =~ ^[A-Za-z0-9_.()-]{1,90}$ ]] ||
  fail 'The name of the resource group has letters, digits, dots, dashes, underscores and parentheses only.'
[[ -r "$CERTIFICATE_PATH" ]] || fail "The certificate file cannot be read: $CERTIFICATE_PATH"

(($(wc -c <"$CERTIFICATE_PATH") <= ${MAX_PFX_BYTES})) ||
  fail 'The certificate file is too large for a key vault: export it without the certificates that it does not need.'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%s' "$AZURE_CLIENT_SECRET" >"$work/client-secret"
{
  printf '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",\\n'
  printf '"contentVersion": "1.0.0.0", "parameters": {\\n'
  printf '"certificate": {"value": "%s"}' "$(base64 <"$CERTIFICATE_PATH" | tr -d '\\r\\n')"
${secretEntries(plan)}
  printf '\\n}}\\n'
} >"$work/secrets.json"
`;
}

function deployment(plan: SitePlan): string {
  const outputs = RESOURCE_INFO_OUTPUTS.map((name) => `${name}: properties.outputs.${name}.value`).join(', ');
  return `printf 'Deploying the site %s\\n' "$site_name"
az login --service-principal --tenant "$TENANT_ID" --username "$AZURE_CLIENT_ID" --password="@$work/client-secret" --output none
az account set --subscription "$SUBSCRIPTION_ID"
${subnetCheck(plan)}
group="/subscriptions/$SUBSCRIPTION_ID/resourceGroups/$RESOURCE_GROUP_NAME"
if [[ "$(az group exists --name "$RESOURCE_GROUP_NAME")" == true ]]; then
  az rest --method patch --url "$group/providers/Microsoft.Resources/tags/default?api-version=2021-04-01" --body "@$here/parameter/resource-group-tags.json" --output none
else
  az rest --method put --url "$group?api-version=2021-04-01" --body "@$here/parameter/resource-group.json" --output none
fi

# The name of a vault that was deleted stays taken while its purge protection lasts.
attempt=1
while az keyvault show-deleted --name "$vault_name$attempt" --location "$location" --output none 2>/dev/null; do
  attempt=$((attempt + 1))
done

az deployment group create --resource-group "$RESOURCE_GROUP_NAME" --name "$deployment_name" \\
  --template-file "$here/template/main.json" --parameters "@$here/parameter/main.parameters.json" \\
  --parameters "@$work/secrets.json" --parameters vaultAttempt="$attempt" --output none
az deployment group show --resource-group "$RESOURCE_GROUP_NAME" --name "$deployment_name" --output json \\
  --query '{schemaVersion: \`1\`, ${outputs}}' >"$here/resourceInfo.json"
printf 'Done. Upload %s when you set up the site.\\n' "$here/resourceInfo.json"
`;
}

/** The script. Text of the plan is either a quoted literal or in another file of the package. */
export function bashScript(plan: SitePlan, names: ResourceNames): string {
  return [constants(plan, names), FUNCTIONS, inputs(plan), deployment(plan)].join('\n');
}
