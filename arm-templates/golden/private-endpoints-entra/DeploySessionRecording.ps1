#Requires -Version 5.1
<#
.SYNOPSIS
Deploys the resources of a Session Recording site to an Azure subscription.
.DESCRIPTION
Signs in as a service principal, makes or reuses the resource group, deploys template/main.json and writes
resourceInfo.json beside this script. It can be run again after a failure: what is there already is kept; README.md says
what must be the same as before. The sign-in is for this process alone and ends with the script.
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

$siteName = 'Paris'
$subnetId = '/subscriptions/6f1c7e52-0b7e-4a63-9a55-3a0c5d3c1f10/resourceGroups/network-rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/recording'
$networkSubscriptionId = '6f1c7e52-0b7e-4a63-9a55-3a0c5d3c1f10'
$location = 'eastus'
$vaultName = 'sr-ehs4bh2-kv'
$deploymentName = 'sr-ehs4bh2'
$templateFile = Join-Path (Join-Path $PSScriptRoot 'template') 'main.json'
$parameterFolder = Join-Path $PSScriptRoot 'parameter'
$parameterFile = Join-Path $parameterFolder 'main.parameters.json'
$groupFile = Join-Path $parameterFolder 'resource-group.json'
$tagsFile = Join-Path $parameterFolder 'resource-group-tags.json'
$resultFile = Join-Path $PSScriptRoot 'resourceInfo.json'

# A request to Azure; anything but success ends the script with what Azure says.
function Invoke-Azure([string] $Method, [string] $Path, [string] $Payload) {
    $call = @{ Method = $Method; Path = $Path }
    if ($Payload) { $call.Payload = $Payload }
    $answer = Invoke-AzRestMethod @call
    if ($answer.StatusCode -ge 400) {
        throw ($Method + ' ' + $Path + ' was refused with status ' + $answer.StatusCode + ': ' + $answer.Content)
    }
    if ($answer.Content) { return ($answer.Content | ConvertFrom-Json) }
}

# The resources of a type in the resource group, or in the subscription.
function Get-Resources([string] $Scope, [string] $Type) {
    $found = @()
    $page = Invoke-Azure 'GET' ($Scope + "/resources?api-version=2021-04-01&`$filter=resourceType eq '" + $Type + "'")
    while ($page) {
        $found += @($page.value)
        $next = if ($page.PSObject.Properties['nextLink']) { $page.nextLink } else { $null }
        $page = if ($next) { Invoke-Azure 'GET' ([Uri]$next).PathAndQuery } else { $null }
    }
    return $found
}

# Whether the name of a vault is taken by a deleted one, while its purge protection lasts.
function Test-DeletedVault([string] $Name) {
    $answer = Invoke-AzRestMethod -Method GET -Path ('/subscriptions/' + $SubscriptionId + '/providers/Microsoft.KeyVault/locations/' + $location + '/deletedVaults/' + $Name + '?api-version=2024-11-01')
    if ($answer.StatusCode -eq 200) { return $true }
    if ($answer.StatusCode -eq 404) { return $false }
    throw ('Whether the name ' + $Name + ' is taken by a deleted key vault could not be found out. The service principal needs Microsoft.KeyVault/locations/deletedVaults/read on the subscription. Azure says: ' + $answer.Content)
}

foreach ($module in @('Az.Accounts', 'Az.Resources')) {
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

try {
    Write-Host ('Deploying the site ' + $siteName)
    $credential = New-Object -TypeName System.Management.Automation.PSCredential -ArgumentList $AzureClientId, $AzureClientSecret
    Connect-AzAccount -ServicePrincipal -Tenant $TenantId -Subscription $SubscriptionId -Credential $credential -Scope Process | Out-Null
    $subscriptionPath = '/subscriptions/' + $SubscriptionId
    $groupPath = $subscriptionPath + '/resourceGroups/' + $ResourceGroupName

    function Get-AddressNumber([string] $Address) {
        $number = [long]0
        foreach ($octet in $Address.Split('.')) { $number = $number * 256 + [long]$octet }
        return $number
    }
    $subnet = Invoke-Azure 'GET' ($subnetId + '?api-version=2025-05-01')
    # A subnet may have several ranges, of IPv6 too.
    $ranges = @('addressPrefix', 'addressPrefixes' | Where-Object { $subnet.properties.PSObject.Properties[$_] } | ForEach-Object { $subnet.properties.$_ })
    $address = '10.0.0.250'
    $number = Get-AddressNumber $address
    $isUsable = $false
    foreach ($range in @($ranges | Where-Object { $_ -and $_ -notmatch ':' })) {
        $parts = $range.Split('/')
        $first = Get-AddressNumber $parts[0]
        $last = $first + [long][Math]::Pow(2, 32 - [int]$parts[1]) - 1
        if ($number -ge $first + 4 -and $number -lt $last) { $isUsable = $true }
    }
    if (-not $isUsable) {
        throw ('The load balancer cannot have the address ' + $address + ': the subnet has ' + ($ranges -join ', ') + ', of which Azure keeps the first four addresses and the last one. Change the plan and create the template again.')
    }

    $networkId = $subnetId.Substring(0, $subnetId.LastIndexOf('/subnets/', [StringComparison]::OrdinalIgnoreCase))
    # Whether the network is linked to a private DNS zone or a forwarding ruleset.
    function Test-Link([string] $Id, [string] $ApiVersion) {
        $links = @((Invoke-Azure 'GET' ($Id + '/virtualNetworkLinks?api-version=' + $ApiVersion)).value)
        return @($links | Where-Object { $_.properties.virtualNetwork.id -eq $networkId }).Count -gt 0
    }
    foreach ($zone in @(Get-Resources $subscriptionPath 'Microsoft.Network/privateDnsZones' | Where-Object { @('privatelink.file.core.windows.net', 'privatelink.database.windows.net', 'privatelink.vaultcore.azure.net') -contains $_.name })) {
        $isOwn = $zone.id.StartsWith($groupPath + '/', [StringComparison]::OrdinalIgnoreCase)
        if (-not $isOwn -and (Test-Link $zone.id '2024-06-01')) {
            throw ('The network is linked to ' + $zone.id + ' already, and takes no second zone of this name. Name the zone in the plan (network.privateDnsZones, use: existing) and create the template again.')
        }
    }

    $found = Invoke-AzRestMethod -Method GET -Path ($groupPath + '?api-version=2021-04-01')
    if ($found.StatusCode -eq 200) {
        Invoke-Azure 'PATCH' ($groupPath + '/providers/Microsoft.Resources/tags/default?api-version=2021-04-01') (Get-Content -LiteralPath $tagsFile -Raw -Encoding UTF8) | Out-Null
    } elseif ($found.StatusCode -ne 404) {
        throw ('The resource group could not be read: ' + $found.Content)
    } else {
        Invoke-Azure 'PUT' ($groupPath + '?api-version=2021-04-01') (Get-Content -LiteralPath $groupFile -Raw -Encoding UTF8) | Out-Null
    }

    # The vault that is there already, or the first name that is free.
    $numbers = @(Get-Resources $groupPath 'Microsoft.KeyVault/vaults' | Where-Object { $_.name -match ('^' + $vaultName + '([0-9]+)$') } | ForEach-Object { [int]($_.name.Substring($vaultName.Length)) } | Sort-Object)
    if ($numbers.Count -gt 0) {
        $attempt = $numbers[-1]
    } else {
        $attempt = 1
        while (Test-DeletedVault ($vaultName + $attempt)) {
            $attempt = $attempt + 1
            if ($attempt -eq 100) { throw 'Too many deleted key vaults of this site: wait until Azure has purged some.' }
        }
    }

    $secrets = @{
        certificate = $certificate
        vmAdminPassword = $VmAdminPassword
        sqlAdminPassword = $SqlAdminPassword
        certificatePassword = $CertificatePassword
        enrolmentToken = $EnrolmentToken
    }
    # A new role takes up to ten minutes until storage knows it: until then the audit log of the databases is refused.
    for ($try = 1; ; $try++) {
        # Run commands of earlier runs: a machine takes a limited number of them.
        foreach ($command in @(Get-Resources $groupPath 'Microsoft.Compute/virtualMachines/runCommands' | Where-Object { $_.name.StartsWith('sr-ehs4bh2-') })) {
            Invoke-Azure 'DELETE' ($command.id + '?api-version=2026-03-01') | Out-Null
        }
        try {
            New-AzResourceGroupDeployment -ResourceGroupName $ResourceGroupName -Name $deploymentName -TemplateFile $templateFile -TemplateParameterFile $parameterFile -vaultAttempt $attempt @secrets | Out-Null
            break
        } catch {
            if ($try -ge 6 -or $_.ToString() -notmatch 'BlobAuditingInsufficientStorageAccountPermissions') { throw }
            Write-Warning 'The databases cannot write their audit log yet: trying again.'
            Start-Sleep -Seconds 120
        }
    }

    $outputs = (Invoke-Azure 'GET' ($groupPath + '/providers/Microsoft.Resources/deployments/' + $deploymentName + '?api-version=2024-03-01')).properties.outputs
    $info = [ordered]@{ schemaVersion = 1 }
    foreach ($output in $outputs.PSObject.Properties) {
        $info[$output.Name] = $output.Value.value
    }
    ConvertTo-Json -InputObject $info -Depth 10 | Set-Content -LiteralPath $resultFile -Encoding UTF8
    Write-Host ('Done. Upload ' + $resultFile + ' when you set up the site.')
} finally {
    Disconnect-AzAccount -Scope Process -ErrorAction SilentlyContinue | Out-Null
}
