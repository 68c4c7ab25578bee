/** The custom role of a host connection's application, and the scripts that register the application with it. */
import { powershellLiteral, shellLiteral } from './quoting';
import { serviceActions } from './service-role';

export interface Registration {
  subscriptionId: string;
  /** Display name of the application; any text. */
  applicationName: string;
}

const ROLE_NAME = 'Session Recording service';
/** With the role Contributor alone no role could be assigned to the identity of the machines. */
const CONTRIBUTOR_ROLES = ['Contributor', 'User Access Administrator'];
const SECRET_YEARS = 1;

/** The role as `az role definition create` and `New-AzRoleDefinition` take it. */
export function customRole({ subscriptionId }: Pick<Registration, 'subscriptionId'>) {
  return {
    Name: ROLE_NAME,
    IsCustom: true,
    Description: 'What the Session Recording service needs to deploy and maintain sites.',
    Actions: serviceActions(),
    NotActions: [],
    DataActions: [],
    NotDataActions: [],
    AssignableScopes: [`/subscriptions/${subscriptionId}`],
  };
}

/** For the Azure CLI, as somebody who may register applications and owns the subscription. */
export function registrationBash(registration: Registration): string {
  const { subscriptionId, applicationName } = registration;
  return `#!/usr/bin/env bash
# Registers an application for the Session Recording service and gives it a role in the subscription.
# Usage: ./register-application.sh [custom|contributor]
set -euo pipefail

subscription=${shellLiteral(subscriptionId)}
name=${shellLiteral(applicationName)}
scope="/subscriptions/$subscription"

case "\${1:-custom}" in
  custom) roles=(${shellLiteral(ROLE_NAME)}) ;;
  contributor) roles=(${CONTRIBUTOR_ROLES.map(shellLiteral).join(' ')}) ;;
  *) echo "Usage: $0 [custom|contributor]" >&2; exit 2 ;;
esac

tenant=$(az account show --subscription "$subscription" --query tenantId --output tsv)

if [ "\${1:-custom}" = custom ]; then
  definition=$(mktemp)
  trap 'rm -f "$definition"' EXIT
  cat > "$definition" <<'ROLE'
${JSON.stringify(customRole(registration), null, 2)}
ROLE
  existing=$(az role definition list --name "\${roles[0]}" --scope "$scope" --query '[].name' --output tsv)
  if [ -z "$existing" ]; then
    az role definition create --subscription "$subscription" --role-definition "@$definition" --output none
  else
    az role definition update --subscription "$subscription" --role-definition "@$definition" --output none
  fi
fi

client=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv)
principal=$(az ad sp create --id "$client" --query id --output tsv)
for role in "\${roles[@]}"; do
  # A new role is known everywhere after some minutes.
  for attempt in 1 2 3 4 5 6; do
    if az role assignment create --assignee-object-id "$principal" --assignee-principal-type ServicePrincipal \\
      --role "$role" --scope "$scope" --output none; then break; fi
    if [ "$attempt" = 6 ]; then echo "The role $role could not be assigned." >&2; exit 1; fi
    sleep 30
  done
done
secret=$(az ad app credential reset --id "$client" --append --years ${SECRET_YEARS} --query password --output tsv)
expiry=$(az ad app credential list --id "$client" --query '[0].endDateTime' --output tsv)

echo "Enter these in the host connection. The client secret is shown this once:"
echo "Subscription ID:             $subscription"
echo "Directory (tenant) ID:       $tenant"
echo "Application (client) ID:     $client"
echo "Service principal object ID: $principal"
echo "Client secret:               $secret"
echo "Secret expiration date:      $expiry"
`;
}

/** For PowerShell with the modules Az.Accounts and Az.Resources; the same. */
export function registrationPowershell(registration: Registration): string {
  const { subscriptionId, applicationName } = registration;
  const role = powershellLiteral(JSON.stringify(customRole(registration)));
  return `#Requires -Modules Az.Accounts, Az.Resources
<#
.SYNOPSIS
Registers an application for the Session Recording service and gives it a role in the subscription.
.PARAMETER Role
Custom: only what the service needs. Contributor: with the right to assign roles.
#>
[CmdletBinding()]
param(
    [ValidateSet('Custom', 'Contributor')]
    [string] $Role = 'Custom'
)
$ErrorActionPreference = 'Stop'

$subscription = ${powershellLiteral(subscriptionId)}
$name = ${powershellLiteral(applicationName)}
$scope = "/subscriptions/$subscription"
$context = (Connect-AzAccount -Subscription $subscription).Context

if ($Role -eq 'Custom') {
    $roles = @(${powershellLiteral(ROLE_NAME)})
    $file = New-TemporaryFile
    try {
        $definition = ConvertFrom-Json ${role}
        $existing = Get-AzRoleDefinition -Name $roles[0] -Scope $scope
        if ($existing) {
            $definition | Add-Member -NotePropertyName Id -NotePropertyValue $existing.Id
        }
        $definition | ConvertTo-Json -Depth 32 | Set-Content -Path $file.FullName -Encoding UTF8
        if ($existing) {
            Set-AzRoleDefinition -InputFile $file.FullName | Out-Null
        } else {
            New-AzRoleDefinition -InputFile $file.FullName | Out-Null
        }
    } finally {
        Remove-Item -Path $file.FullName
    }
} else {
    $roles = @(${CONTRIBUTOR_ROLES.map(powershellLiteral).join(', ')})
}

$application = New-AzADApplication -DisplayName $name -SignInAudience AzureADMyOrg
$principal = New-AzADServicePrincipal -ApplicationId $application.AppId
foreach ($assigned in $roles) {
    # A new role is known everywhere after some minutes.
    for ($attempt = 1; ; $attempt++) {
        try {
            New-AzRoleAssignment -ObjectId $principal.Id -ObjectType ServicePrincipal -RoleDefinitionName $assigned -Scope $scope | Out-Null
            break
        } catch {
            if ($attempt -eq 6) { throw }
            Start-Sleep -Seconds 30
        }
    }
}
$expiry = (Get-Date).AddYears(${SECRET_YEARS})
$secret = New-AzADAppCredential -ApplicationId $application.AppId -EndDate $expiry

Write-Host 'Enter these in the host connection. The client secret is shown this once:'
Write-Host "Subscription ID:             $subscription"
Write-Host "Directory (tenant) ID:       $($context.Tenant.Id)"
Write-Host "Application (client) ID:     $($application.AppId)"
Write-Host "Service principal object ID: $($principal.Id)"
Write-Host "Client secret:               $($secret.SecretText)"
Write-Host "Secret expiration date:      $($secret.EndDateTime)"
`;
}
