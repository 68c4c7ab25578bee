/** deploy.sh: deploys the template with the Azure CLI. */
import { MAX_PFX_BYTES } from '../plan/certificate';
import type { SitePlan } from '../plan/site-plan';
import { parseSubnetId } from '../plan/resource-ids';
import { API_VERSIONS } from '../template/arm';
import type { ResourceNames } from '../template/resource-names';
import { bashNetworkChecks } from './bash-network-checks';
import { BASH_FUNCTIONS, BASH_PROFILE, signIn } from './bash-functions';
import { requiredSecrets } from './required-inputs';
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

function constants(plan: SitePlan, names: ResourceNames): string {
  const { subnetId } = plan.network;
  return `#!/usr/bin/env bash
# Deploys the resources of a Session Recording site to an Azure subscription, with the Azure CLI.
# It can be run again after a failure: what is there already is kept; README.md says what must be the same as before.
# Values are asked for unless the environment has them (TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET,
# SUBSCRIPTION_ID, RESOURCE_GROUP_NAME and so on).
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

/** Secrets are passed to the Azure CLI in private files, never on a command line. */
function inputs(plan: SitePlan): string {
  return `command -v az >/dev/null || fail 'The Azure CLI is missing: see https://learn.microsoft.com/cli/azure/install-azure-cli'

ask TENANT_ID 'Directory (tenant) id'
ask AZURE_CLIENT_ID 'Application (client) id of the service principal'
ask_secret AZURE_CLIENT_SECRET 'Client secret of the service principal'
ask SUBSCRIPTION_ID 'Subscription of the virtual network'
ask RESOURCE_GROUP_NAME 'Resource group, made when it does not exist'
${prompts(plan)}

[[ "$(lower "$SUBSCRIPTION_ID")" == "$network_subscription_id" ]] ||
  fail "The virtual network is in subscription $network_subscription_id: the machines must be in the same one."
[[ "$RESOURCE_GROUP_NAME" =~ ^[A-Za-z0-9_.()-]{1,90}$ ]] ||
  fail 'The name of the resource group has letters, digits, dots, dashes, underscores and parentheses only.'
[[ -r "$CERTIFICATE_PATH" ]] || fail "The certificate file cannot be read: $CERTIFICATE_PATH"

(($(wc -c <"$CERTIFICATE_PATH") <= ${MAX_PFX_BYTES})) ||
  fail 'The certificate file is too large for a key vault: export it without the certificates that it does not need.'

${BASH_PROFILE}
{
  printf '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",\\n'
  printf '"contentVersion": "1.0.0.0", "parameters": {\\n'
  printf '"certificate": {"value": "%s"}' "$(base64 <"$CERTIFICATE_PATH" | tr -d '\\r\\n')"
${secretEntries(plan)}
  printf '\\n}}\\n'
} >"$work/secrets.json"
`;
}

/** Vaults of earlier deployments: see https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview */
const VAULT_NUMBER = `# Whether the name of a vault is taken by a deleted one, while its purge protection lasts. Stops when Azure does not say.
is_deleted_vault() {
  local answer
  answer=$(az rest --method get --output none --url "/subscriptions/$SUBSCRIPTION_ID/providers/Microsoft.KeyVault/locations/$location/deletedVaults/$1?api-version=${API_VERSIONS['Microsoft.KeyVault/vaults']}" 2>&1) && return 0
  [[ "$answer" == *DeletedVaultNotFound* || "$answer" == *'Not Found'* ]] && return 1
  fail "Whether the name $1 is taken by a deleted key vault could not be found out. The service principal needs Microsoft.KeyVault/locations/deletedVaults/read on the subscription. Azure says: $answer"
}

# The vault that is there already, or the first name that is free.
attempt=$(az resource list --resource-group "$RESOURCE_GROUP_NAME" --resource-type Microsoft.KeyVault/vaults --query '[].name' --output tsv |
  sed -n "s/^$vault_name\\([0-9][0-9]*\\)\\r*$/\\1/p" | sort -n | tail -n 1)
if [[ -z "$attempt" ]]; then
  attempt=1
  while is_deleted_vault "$vault_name$attempt"; do
    attempt=$((attempt + 1))
    ((attempt < 100)) || fail 'Too many deleted key vaults of this site: wait until Azure has purged some.'
  done
fi
`;

/** Attempts of a deployment whose audit log is refused, since a role takes up to ten minutes until storage knows it. */
const ATTEMPTS = 6;
const PAUSE_SECONDS = 120;

function deployment(plan: SitePlan, names: ResourceNames): string {
  const outputs = RESOURCE_INFO_OUTPUTS.map((name) => `${name}: properties.outputs.${name}.value`).join(', ');
  return `printf 'Deploying the site %s\\n' "$site_name"
${signIn()}
group="/subscriptions/$SUBSCRIPTION_ID/resourceGroups/$RESOURCE_GROUP_NAME"
${bashNetworkChecks(plan)}
if [[ "$(az group exists --name "$RESOURCE_GROUP_NAME")" == true ]]; then
  az rest --method patch --url "$group/providers/Microsoft.Resources/tags/default?api-version=2021-04-01" --body "@$here/parameter/resource-group-tags.json" --output none
else
  az rest --method put --url "$group?api-version=2021-04-01" --body "@$here/parameter/resource-group.json" --output none
fi

${VAULT_NUMBER}
# Run commands of earlier runs: a machine takes a limited number of them.
remove_run_commands() {
  local id
  az resource list --resource-group "$RESOURCE_GROUP_NAME" --resource-type Microsoft.Compute/virtualMachines/runCommands \\
    --query "[?starts_with(name, '${names.prefix}-')].id" --output tsv >"$work/run-commands"
  while IFS= read -r id; do
    az rest --method delete --url "\${id%$'\\r'}?api-version=${API_VERSIONS['Microsoft.Compute/virtualMachines/runCommands']}" --output none
  done <"$work/run-commands"
}

# A new role takes up to ten minutes until storage knows it: until then the audit log of the databases is refused.
for ((try = 1; ; try++)); do
  remove_run_commands
  az deployment group create --resource-group "$RESOURCE_GROUP_NAME" --name "$deployment_name" \\
    --template-file "$here/template/main.json" --parameters "@$here/parameter/main.parameters.json" \\
    --parameters "@$work/secrets.json" --parameters vaultAttempt="$attempt" --output none 2>"$work/errors" && break
  cat "$work/errors" >&2
  grep -q BlobAuditingInsufficientStorageAccountPermissions "$work/errors" && ((try < ${ATTEMPTS})) || exit 1
  printf 'The databases cannot write their audit log yet: trying again.\\n' >&2
  sleep "\${RETRY_SECONDS:-${PAUSE_SECONDS}}"
done
az deployment group show --resource-group "$RESOURCE_GROUP_NAME" --name "$deployment_name" --output json \\
  --query '{schemaVersion: \`1\`, ${outputs}}' >"$here/resourceInfo.json"
printf 'Done. Upload %s when you set up the site.\\n' "$here/resourceInfo.json"
`;
}

/** The script. Text of the plan is either a quoted literal or in another file of the package. */
export function bashScript(plan: SitePlan, names: ResourceNames): string {
  return [constants(plan, names), BASH_FUNCTIONS, inputs(plan), deployment(plan, names)].join('\n');
}
