/** The part of DeploySessionRecording.ps1 that compares the network with the plan, before anything is deployed. */
import { PRIVATE_ZONES } from '../plan/catalogues';
import type { SitePlan } from '../plan/site-plan';
import { API_VERSIONS } from '../template/arm';
import { powershellLiteral } from './quoting';
import { REQUIRED_SERVICE_ENDPOINTS } from './required-inputs';

const NETWORK_API = API_VERSIONS['Microsoft.Network/networkInterfaces'];
const ZONE_API = API_VERSIONS['Microsoft.Network/privateDnsZones'];
const RULESET_API = API_VERSIONS['Microsoft.Network/dnsForwardingRulesets'];

/** All checks that the plan needs, as statements. */
export function powershellNetworkChecks(plan: SitePlan): string {
  return [serviceEndpoints(plan), balancerAddress(plan), zones(plan), ruleset(plan)].join('');
}

const READ_SUBNET = `$subnet = Invoke-Azure 'GET' ($subnetId + '?api-version=${NETWORK_API}')`;

function serviceEndpoints({ network }: SitePlan): string {
  if (network.privateEndpoints) return '';
  const services = REQUIRED_SERVICE_ENDPOINTS.map((service) => `'${service}'`).join(', ');
  return `
${READ_SUBNET}
$endpoints = @()
if ($subnet.properties.PSObject.Properties['serviceEndpoints']) {
    $endpoints = @($subnet.properties.serviceEndpoints | ForEach-Object { $_.service })
}
foreach ($service in @(${services})) {
    if ($endpoints -notcontains $service) {
        throw ('The subnet ' + $subnetId + ' has no service endpoint for ' + $service + '. Add it in the Azure portal (virtual network, Service endpoints) and run this script again.')
    }
}
`;
}

/** Azure keeps the first four addresses of a subnet and the last one. */
function balancerAddress({ loadBalancer }: SitePlan): string {
  if (loadBalancer.type !== 'internal') return '';
  return `
function Get-AddressNumber([string] $Address) {
    $number = [long]0
    foreach ($octet in $Address.Split('.')) { $number = $number * 256 + [long]$octet }
    return $number
}
${READ_SUBNET}
# A subnet may have several ranges, of IPv6 too.
$ranges = @('addressPrefix', 'addressPrefixes' | Where-Object { $subnet.properties.PSObject.Properties[$_] } | ForEach-Object { $subnet.properties.$_ })
$address = ${powershellLiteral(loadBalancer.address)}
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
`;
}

const TEST_LINK = `
$networkId = $subnetId.Substring(0, $subnetId.LastIndexOf('/subnets/', [StringComparison]::OrdinalIgnoreCase))
# Whether the network is linked to a private DNS zone or a forwarding ruleset.
function Test-Link([string] $Id, [string] $ApiVersion) {
    $links = @((Invoke-Azure 'GET' ($Id + '/virtualNetworkLinks?api-version=' + $ApiVersion)).value)
    return @($links | Where-Object { $_.properties.virtualNetwork.id -eq $networkId }).Count -gt 0
}
`;

function zones({ network }: SitePlan): string {
  if (!network.privateEndpoints || network.privateDnsZones.use === 'none') return '';
  if (network.privateDnsZones.use === 'existing') {
    const { file, sql, vault } = network.privateDnsZones;
    return `${TEST_LINK}foreach ($zone in @(${[file, sql, vault].map(powershellLiteral).join(', ')})) {
    if (-not (Test-Link $zone '${ZONE_API}')) {
        throw ('The network is not linked to ' + $zone + '. Add a virtual network link in the Azure portal (private DNS zone, Virtual network links) and run this script again.')
    }
}
`;
  }
  const names = Object.values(PRIVATE_ZONES).map((name) => `'${name}'`);
  return `${TEST_LINK}foreach ($zone in @(Get-Resources $subscriptionPath 'Microsoft.Network/privateDnsZones' | Where-Object { @(${names.join(', ')}) -contains $_.name })) {
    $isOwn = $zone.id.StartsWith($groupPath + '/', [StringComparison]::OrdinalIgnoreCase)
    if (-not $isOwn -and (Test-Link $zone.id '${ZONE_API}')) {
        throw ('The network is linked to ' + $zone.id + ' already, and takes no second zone of this name. Name the zone in the plan (network.privateDnsZones, use: existing) and create the template again.')
    }
}
`;
}

function ruleset({ network, domain }: SitePlan): string {
  if (network.forwardingRulesetId === undefined || domain.kind !== 'activeDirectory') return '';
  return `
$ruleset = ${powershellLiteral(network.forwardingRulesetId)}
$domain = ${powershellLiteral(`${domain.name}.`)}
if (-not (Test-Link $ruleset '${RULESET_API}')) {
    throw ('The network is not linked to ' + $ruleset + ': link it, or have a new resolver created by the plan.')
}
$rules = @((Invoke-Azure 'GET' ($ruleset + '/forwardingRules?api-version=${RULESET_API}')).value)
if (@($rules | Where-Object { $_.properties.domainName -eq $domain }).Count -eq 0) {
    throw ($ruleset + ' has no rule for ' + $domain + ': add one that forwards to the domain controllers.')
}
`;
}
