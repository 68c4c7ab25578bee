/** The machines: network interfaces, virtual machines, and their join to a domain or to Microsoft Entra ID. */
import type { SitePlan } from '../plan/site-plan';
import { concat, expression, type Json, parameter, stringLiteral, type Resource, resourceId } from './arm';
import { identityId } from './identity';
import { backendPoolId } from './load-balancer';
import { machineName, nameExpression } from './resource-names';
import { subResource, LOCATION, type NestedTemplate, subnetIdOf, TAGS } from './nested-template';

const MACHINE = 'Microsoft.Compute/virtualMachines';
const NIC = 'Microsoft.Network/networkInterfaces';
const AVAILABILITY_SET = 'Microsoft.Compute/availabilitySets';
const nicName = concat(machineName, stringLiteral('-nic'));
const nicId = resourceId(NIC, nicName);
const machineId = resourceId(MACHINE, machineName);
const availabilitySetId = resourceId(AVAILABILITY_SET, nameExpression('availabilitySet'));

/** https://learn.microsoft.com/dotnet/api/system.directoryservices: join the domain and create the computer account. */
const JOIN_AND_CREATE_ACCOUNT = 3;

const ZONES = 3;

const perMachine = (name: string) => ({ copy: { name, count: expression(parameter('machineCount')) } });

function availabilitySet(): Resource {
  return {
    type: AVAILABILITY_SET,
    name: expression(nameExpression('availabilitySet')),
    location: LOCATION,
    tags: TAGS,
    sku: { name: 'Aligned' },
    properties: { platformFaultDomainCount: 2, platformUpdateDomainCount: 5 },
  };
}

/** The DNS servers of a machine, where they are not those of the virtual network. */
function dnsServers({ network, domain }: SitePlan): { [key: string]: Json } {
  if (network.privateEndpoints)
    return network.privateDnsZones.use === 'none'
      ? {}
      : { dnsSettings: { dnsServers: ['AzureProvidedDNS'] } };
  if (domain.kind === 'activeDirectory')
    return { dnsSettings: { dnsServers: expression(parameter('domainControllerAddresses')) } };
  return {};
}

function networkInterface(plan: SitePlan): Resource {
  return {
    type: NIC,
    name: expression(nicName),
    location: LOCATION,
    tags: TAGS,
    ...perMachine('networkInterfaces'),
    properties: {
      networkSecurityGroup: subResource(
        resourceId('Microsoft.Network/networkSecurityGroups', nameExpression('securityGroup')),
      ),
      ...dnsServers(plan),
      ipConfigurations: [
        {
          name: 'primary',
          properties: {
            privateIPAllocationMethod: 'Dynamic',
            subnet: subResource(subnetIdOf('subnetName')),
            loadBalancerBackendAddressPools: [subResource(backendPoolId)],
          },
        },
      ],
    },
  };
}

/** Disk and network interface are deleted together with the machine. */
function virtualMachine({ domain, machines }: SitePlan): Resource {
  const isZonal = machines.placement === 'zones';
  // To join Microsoft Entra ID a machine needs an identity of its own.
  const type = domain.kind === 'entra' ? 'SystemAssigned, UserAssigned' : 'UserAssigned';
  return {
    type: MACHINE,
    name: expression(machineName),
    location: LOCATION,
    tags: TAGS,
    ...perMachine('virtualMachines'),
    ...(isZonal ? { zones: [expression(`string(add(mod(copyIndex(), ${ZONES}), 1))`)] } : {}),
    identity: { type, userAssignedIdentities: { [expression(identityId)]: {} } },
    dependsOn: [expression(nicId), ...(isZonal ? [] : [expression(availabilitySetId)])],
    properties: {
      ...(isZonal ? {} : { availabilitySet: subResource(availabilitySetId) }),
      hardwareProfile: { vmSize: expression(parameter('machineSize')) },
      storageProfile: {
        imageReference: {
          publisher: 'MicrosoftWindowsServer',
          offer: 'WindowsServer',
          sku: expression(parameter('imageSku')),
          version: 'latest',
        },
        osDisk: {
          createOption: 'FromImage',
          caching: 'ReadWrite',
          managedDisk: { storageAccountType: 'Premium_LRS' },
          deleteOption: 'Delete',
        },
      },
      osProfile: {
        computerName: expression(machineName),
        adminUsername: expression(parameter('vmAdminUserName')),
        adminPassword: expression(parameter('vmAdminPassword')),
        windowsConfiguration: { provisionVMAgent: true, enableAutomaticUpdates: true },
      },
      securityProfile: {
        securityType: 'TrustedLaunch',
        uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
      },
      networkProfile: {
        networkInterfaces: [{ ...subResource(nicId), properties: { primary: true, deleteOption: 'Delete' } }],
      },
      diagnosticsProfile: { bootDiagnostics: { enabled: true } },
    },
  };
}

/** https://learn.microsoft.com/azure/active-directory-domain-services/join-windows-vm-template */
function domainJoin({ domain }: SitePlan): Resource {
  const hasUnit = domain.kind === 'activeDirectory' && domain.organizationalUnit !== undefined;
  return {
    type: `${MACHINE}/extensions`,
    name: expression(concat(machineName, stringLiteral('/join-domain'))),
    location: LOCATION,
    tags: TAGS,
    ...perMachine('domainJoins'),
    dependsOn: [expression(machineId)],
    properties: {
      publisher: 'Microsoft.Compute',
      type: 'JsonADDomainExtension',
      typeHandlerVersion: '1.3',
      autoUpgradeMinorVersion: true,
      settings: {
        Name: expression(parameter('domainName')),
        User: expression(parameter('domainUserName')),
        ...(hasUnit ? { OUPath: expression(parameter('organizationalUnit')) } : {}),
        Restart: 'true',
        Options: JOIN_AND_CREATE_ACCOUNT,
      },
      protectedSettings: { Password: expression(parameter('domainPassword')) },
    },
  };
}

/** Joins a machine to Microsoft Entra ID: https://learn.microsoft.com/entra/identity/devices/howto-vm-sign-in-azure-ad-windows */
function entraJoin(): Resource {
  return {
    type: `${MACHINE}/extensions`,
    name: expression(concat(machineName, stringLiteral('/join-entra'))),
    location: LOCATION,
    tags: TAGS,
    ...perMachine('entraJoins'),
    dependsOn: [expression(machineId)],
    properties: {
      publisher: 'Microsoft.Azure.ActiveDirectory',
      type: 'AADLoginForWindows',
      typeHandlerVersion: '2.0',
      autoUpgradeMinorVersion: true,
    },
  };
}

/** The machines with their interfaces, joined to the domain or to Microsoft Entra ID. */
export function machinesTemplate(plan: SitePlan): NestedTemplate {
  return {
    name: 'machines',
    dependsOn: ['network', 'load-balancer', 'identity', 'private-endpoints', 'dns-resolver'],
    resources: [
      ...(plan.machines.placement === 'zones' ? [] : [availabilitySet()]),
      networkInterface(plan),
      virtualMachine(plan),
      plan.domain.kind === 'activeDirectory' ? domainJoin(plan) : entraJoin(),
    ],
  };
}
