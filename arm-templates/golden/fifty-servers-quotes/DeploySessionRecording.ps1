#Requires -Version 5.1
<#
.SYNOPSIS
Deploys the resources of a Session Recording site to an Azure subscription.
.DESCRIPTION
Signs in as a service principal, makes or reuses the resource group, deploys template/main.json and writes
resourceInfo.json beside this script. It can be run again after a failure: what is there already is kept.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true, HelpMessage = 'Directory (tenant) id')]
    [string] $TenantId,
    [Parameter(Mandatory = $true, HelpMessage = 'Application (client) id of the service principal')]
    [string] $AzureClientId,
    [Parameter(Mandatory = $true, HelpMessage = 'Client secret of the service principal')]
    [securestring] $AzureClientSecret,
    [Parameter(Mandatory = $true, HelpMessage = 'Subscription of the virtual network')]
    [string] $SubscriptionId,
    [Parameter(Mandatory = $true, HelpMessage = 'Resource group, made when it does not exist')]
    [string] $ResourceGroupName,
    [Parameter(Mandatory = $true, HelpMessage = 'Password of the user who joins machines to the domain')]
    [securestring] $DomainPassword,
    [Parameter(Mandatory = $true, HelpMessage = 'Password for the administrator of the machines')]
    [securestring] $VmAdminPassword,
    [Parameter(Mandatory = $true, HelpMessage = 'Password for the administrator of the databases')]
    [securestring] $SqlAdminPassword,
    [Parameter(Mandatory = $true, HelpMessage = 'Path of the .pfx file')]
    [string] $CertificatePath,
    [Parameter(Mandatory = $true, HelpMessage = 'Password of the certificate file')]
    [securestring] $CertificatePassword,
    [Parameter(Mandatory = $true, HelpMessage = 'Enrolment token of the site')]
    [securestring] $EnrolmentToken
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2

$siteName = (ConvertFrom-Json '{"text":"L\u0027H\u00f4pital \u2018$(x)\u2019; Remove-Item #"}').text
$networkSubscriptionId = '6f1c7e52-0b7e-4a63-9a55-3a0c5d3c1f10'
$networkGroup = 'network-rg'
$networkName = 'hub'
$subnetName = 'recording'
$vaultName = 'sr-ehs4bh2-kv'
$deploymentName = 'sr-ehs4bh2'
$templateFile = Join-Path (Join-Path $PSScriptRoot 'template') 'main.json'
$parameterFolder = Join-Path $PSScriptRoot 'parameter'
$parameterFile = Join-Path $parameterFolder 'main.parameters.json'
$groupFile = Join-Path $parameterFolder 'resource-group.json'
$tagsFile = Join-Path $parameterFolder 'resource-group-tags.json'
$resultFile = Join-Path $PSScriptRoot 'resourceInfo.json'

foreach ($module in @('Az.Accounts', 'Az.Resources', 'Az.Network', 'Az.KeyVault')) {
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
if ((Get-Item -LiteralPath $pfx).Length -gt 18750) {
    throw 'The certificate file is too large for a key vault: export it without the certificates that it does not need.'
}
$certificate = ConvertTo-SecureString -AsPlainText -Force -String ([Convert]::ToBase64String([IO.File]::ReadAllBytes($pfx)))

Write-Host ('Deploying the site ' + $siteName)
$credential = New-Object -TypeName System.Management.Automation.PSCredential -ArgumentList $AzureClientId, $AzureClientSecret
Connect-AzAccount -ServicePrincipal -Tenant $TenantId -Subscription $SubscriptionId -Credential $credential | Out-Null

$network = Get-AzVirtualNetwork -ResourceGroupName $networkGroup -Name $networkName
$subnet = Get-AzVirtualNetworkSubnetConfig -VirtualNetwork $network -Name $subnetName
foreach ($service in @('Microsoft.Storage', 'Microsoft.Sql', 'Microsoft.KeyVault')) {
    if (@($subnet.ServiceEndpoints | ForEach-Object { $_.Service }) -notcontains $service) {
        throw ('The subnet ' + $subnetName + ' has no service endpoint for ' + $service + '. Add it in the Azure portal (virtual network, Service endpoints) and run this script again.')
    }
}

$groupPath = '/subscriptions/' + $SubscriptionId + '/resourceGroups/' + $ResourceGroupName
if (Get-AzResourceGroup -Name $ResourceGroupName -ErrorAction SilentlyContinue) {
    $answer = Invoke-AzRestMethod -Method PATCH -Path ($groupPath + '/providers/Microsoft.Resources/tags/default?api-version=2021-04-01') -Payload (Get-Content -LiteralPath $tagsFile -Raw -Encoding UTF8)
} else {
    $answer = Invoke-AzRestMethod -Method PUT -Path ($groupPath + '?api-version=2021-04-01') -Payload (Get-Content -LiteralPath $groupFile -Raw -Encoding UTF8)
}
if ($answer.StatusCode -ge 400) {
    throw ('The resource group could not be prepared: ' + $answer.Content)
}

# The name of a vault that was deleted stays taken while its purge protection lasts.
$attempt = 1
$location = (Get-Content -LiteralPath $groupFile -Raw -Encoding UTF8 | ConvertFrom-Json).location
while (Get-AzKeyVault -InRemovedState -Location $location -VaultName ($vaultName + $attempt) -ErrorAction SilentlyContinue) {
    $attempt = $attempt + 1
}

$secrets = @{
    certificate = $certificate
    domainPassword = $DomainPassword
    vmAdminPassword = $VmAdminPassword
    sqlAdminPassword = $SqlAdminPassword
    certificatePassword = $CertificatePassword
    enrolmentToken = $EnrolmentToken
}
New-AzResourceGroupDeployment -ResourceGroupName $ResourceGroupName -Name $deploymentName -TemplateFile $templateFile -TemplateParameterFile $parameterFile -vaultAttempt $attempt @secrets | Out-Null

$answer = Invoke-AzRestMethod -Method GET -Path ($groupPath + '/providers/Microsoft.Resources/deployments/' + $deploymentName + '?api-version=2024-03-01')
$outputs = ($answer.Content | ConvertFrom-Json).properties.outputs
$info = [ordered]@{ schemaVersion = 1 }
foreach ($output in $outputs.PSObject.Properties) {
    $info[$output.Name] = $output.Value.value
}
ConvertTo-Json -InputObject $info -Depth 10 | Set-Content -LiteralPath $resultFile -Encoding UTF8
Write-Host ('Done. Upload ' + $resultFile + ' when you set up the site.')
