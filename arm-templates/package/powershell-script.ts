/** DeploySessionRecording.ps1: deploys the template with PowerShell. */
import { MAX_PFX_BYTES } from '../plan/certificate';
import type { SitePlan } from '../plan/site-plan';
import { parseSubnetId } from '../plan/subnet';
import { API_VERSIONS } from '../template/arm';
import type { ResourceNames } from '../template/resource-names';
import { requiredSecrets, REQUIRED_SERVICE_ENDPOINTS } from './required-inputs';
import { powershellLiteral } from './quoting';

const MODULES = ['Az.Accounts', 'Az.Resources', 'Az.Network', 'Az.KeyVault'];

function declaration(type: 'string' | 'securestring', name: string, help: string): string {
  return `    [Parameter(Mandatory = $true, HelpMessage = '${help}')]\n    [${type}] $${name}`;
}

function parametersOf(plan: SitePlan): string {
  const declarations = [
    declaration('string', 'TenantId', 'Directory (tenant) id'),
    declaration('string', 'AzureClientId', 'Application (client) id of the service principal'),
    declaration('securestring', 'AzureClientSecret', 'Client secret of the service principal'),
    declaration('string', 'SubscriptionId', 'Subscription of the virtual network'),
    declaration('string', 'ResourceGroupName', 'Resource group, made when it does not exist'),
    ...requiredSecrets(plan).flatMap(({ name, prompt }) => [
      ...(name === 'CertificatePassword'
        ? [declaration('string', 'CertificatePath', 'Path of the .pfx file')]
        : []),
      declaration('securestring', name, prompt),
    ]),
  ];
  return declarations.join(',\n');
}

function subnetCheck({ network }: SitePlan): string {
  const needed = network.privateEndpoints ? [] : REQUIRED_SERVICE_ENDPOINTS;
  if (needed.length === 0) return '';
  const services = needed.map((service) => `'${service}'`).join(', ');
  return `
$network = Get-AzVirtualNetwork -ResourceGroupName $networkGroup -Name $networkName
$subnet = Get-AzVirtualNetworkSubnetConfig -VirtualNetwork $network -Name $subnetName
foreach ($service in @(${services})) {
    if (@($subnet.ServiceEndpoints | ForEach-Object { $_.Service }) -notcontains $service) {
        throw ('The subnet ' + $subnetName + ' has no service endpoint for ' + $service + '. Add it in the Azure portal (virtual network, Service endpoints) and run this script again.')
    }
}
`;
}

function header(plan: SitePlan): string {
  return `#Requires -Version 5.1
<#
.SYNOPSIS
Deploys the resources of a Session Recording site to an Azure subscription.
.DESCRIPTION
Signs in as a service principal, makes or reuses the resource group, deploys template/main.json and writes
resourceInfo.json beside this script. It can be run again after a failure: what is there already is kept.
#>
[CmdletBinding()]
param(
${parametersOf(plan)}
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2
`;
}

/** Values of the plan, and the paths of the package's files. */
function constants(plan: SitePlan, names: ResourceNames): string {
  const subnet = parseSubnetId(plan.network.subnetId);
  return `$siteName = ${powershellLiteral(plan.name)}
$networkSubscriptionId = ${powershellLiteral(subnet?.subscriptionId ?? '')}
$networkGroup = ${powershellLiteral(subnet?.resourceGroupName ?? '')}
$networkName = ${powershellLiteral(subnet?.virtualNetworkName ?? '')}
$subnetName = ${powershellLiteral(subnet?.subnetName ?? '')}
$vaultName = '${names.vault}'
$deploymentName = '${names.prefix}'
$templateFile = Join-Path (Join-Path $PSScriptRoot 'template') 'main.json'
$parameterFolder = Join-Path $PSScriptRoot 'parameter'
$parameterFile = Join-Path $parameterFolder 'main.parameters.json'
$groupFile = Join-Path $parameterFolder 'resource-group.json'
$tagsFile = Join-Path $parameterFolder 'resource-group-tags.json'
$resultFile = Join-Path $PSScriptRoot 'resourceInfo.json'
`;
}

/** Checks before anything is changed in Azure. */
function checks(): string {
  return `foreach ($module in @(${MODULES.map((module) => `'${module}'`).join(', ')})) {
    if (-not (Get-Module -ListAvailable -Name $module)) {
        throw ('The PowerShell module ' + $module + ' is missing. Run: Install-Module Az -Scope CurrentUser')
    }
}
if ($SubscriptionId -ne $networkSubscriptionId) {
    throw ('The virtual network is in subscription ' + $networkSubscriptionId + ': the machines must be in the same one.')
}
if ($ResourceGroupName -notmatch '^[A-Za-z0-9_.()-]{1,90}$') {
    throw 'The name of the resource group has letters, digits, dots, dashes, underscores and parentheses only.'
}

$pfx = (Resolve-Path -LiteralPath $CertificatePath).ProviderPath
$opened = New-Object -TypeName System.Security.Cryptography.X509Certificates.X509Certificate2 -ArgumentList $pfx, $CertificatePassword
if (-not $opened.HasPrivateKey) {
    throw 'The certificate file holds no private key.'
}
if ($opened.NotAfter -lt (Get-Date)) {
    throw ('The certificate expired on ' + $opened.NotAfter.ToString('yyyy-MM-dd') + '.')
}
if ((Get-Item -LiteralPath $pfx).Length -gt ${MAX_PFX_BYTES}) {
    throw 'The certificate file is too large for a key vault: export it without the certificates that it does not need.'
}
$certificate = ConvertTo-SecureString -AsPlainText -Force -String ([Convert]::ToBase64String([IO.File]::ReadAllBytes($pfx)))
`;
}

function preparation(plan: SitePlan): string {
  return `Write-Host ('Deploying the site ' + $siteName)
$credential = New-Object -TypeName System.Management.Automation.PSCredential -ArgumentList $AzureClientId, $AzureClientSecret
Connect-AzAccount -ServicePrincipal -Tenant $TenantId -Subscription $SubscriptionId -Credential $credential | Out-Null
${subnetCheck(plan)}
$groupPath = '/subscriptions/' + $SubscriptionId + '/resourceGroups/' + $ResourceGroupName
if (Get-AzResourceGroup -Name $ResourceGroupName -ErrorAction SilentlyContinue) {
    $answer = Invoke-AzRestMethod -Method PATCH -Path ($groupPath + '/providers/Microsoft.Resources/tags/default?api-version=2021-04-01') -Payload (Get-Content -LiteralPath $tagsFile -Raw -Encoding UTF8)
} else {
    $answer = Invoke-AzRestMethod -Method PUT -Path ($groupPath + '?api-version=2021-04-01') -Payload (Get-Content -LiteralPath $groupFile -Raw -Encoding UTF8)
}
if ($answer.StatusCode -ge 400) {
    throw ('The resource group could not be prepared: ' + $answer.Content)
}
`;
}

function deployment(plan: SitePlan): string {
  const secrets = requiredSecrets(plan)
    .map(({ parameter, name }) => `    ${parameter} = $${name}`)
    .join('\n');
  return `# The name of a vault that was deleted stays taken while its purge protection lasts.
$attempt = 1
$location = (Get-Content -LiteralPath $groupFile -Raw -Encoding UTF8 | ConvertFrom-Json).location
while (Get-AzKeyVault -InRemovedState -Location $location -VaultName ($vaultName + $attempt) -ErrorAction SilentlyContinue) {
    $attempt = $attempt + 1
}

$secrets = @{
    certificate = $certificate
${secrets}
}
New-AzResourceGroupDeployment -ResourceGroupName $ResourceGroupName -Name $deploymentName -TemplateFile $templateFile -TemplateParameterFile $parameterFile -vaultAttempt $attempt @secrets | Out-Null

$answer = Invoke-AzRestMethod -Method GET -Path ($groupPath + '/providers/Microsoft.Resources/deployments/' + $deploymentName + '?api-version=${API_VERSIONS['Microsoft.Resources/deployments']}')
$outputs = ($answer.Content | ConvertFrom-Json).properties.outputs
$info = [ordered]@{ schemaVersion = 1 }
foreach ($output in $outputs.PSObject.Properties) {
    $info[$output.Name] = $output.Value.value
}
ConvertTo-Json -InputObject $info -Depth 10 | Set-Content -LiteralPath $resultFile -Encoding UTF8
Write-Host ('Done. Upload ' + $resultFile + ' when you set up the site.')
`;
}

/** The script, in ASCII. Text of the plan is either a quoted literal or in another file of the package. */
export function powershellScript(plan: SitePlan, names: ResourceNames): string {
  return [header(plan), constants(plan, names), checks(), preparation(plan), deployment(plan)].join('\n');
}
