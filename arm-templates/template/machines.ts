/** The machines: network interfaces, virtual machines, domain join, and installation of the cloud client. */
import type { SitePlan } from '../plan/site-plan';
import { concat, expression, type Json, parameter, stringLiteral, type Resource, resourceId } from './arm';
import { identityId } from './identity';
import { SECRET_NAMES } from './key-vault';
import { backendPoolId } from './load-balancer';
import { MACHINE_SETUP } from './machine-setup';
import { machineName, nameExpression, vaultName } from './resource-names';
import { subResource, LOCATION, type NestedTemplate, subnetIdOf, TAGS } from './nested-template';
import { IDENTITY_API_VERSION } from './roles';

const MACHINE = 'Microsoft.Compute/virtualMachines';
const NIC = 'Microsoft.Network/networkInterfaces';
const AVAILABILITY_SET = 'Microsoft.Compute/availabilitySets';
const nicName = concat(machineName, stringLiteral('-nic'));
const nicId = resourceId(NIC, nicName);
const machineId = resourceId(MACHINE, machineName);
const availabilitySetId = resourceId(AVAILABILITY_SET, nameExpression('availabilitySet'));

/** https://learn.microsoft.com/dotnet/api/system.directoryservices: join the domain and create the computer account. */
const JOIN_AND_CREATE_ACCOUNT = 3;
const SETUP_TIMEOUT_SECONDS = 3_600;

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
  if (network.privateEndpoints) return { dnsSettings: { dnsServers: ['AzureProvidedDNS'] } };
  if (domain.kind === 'activeDirectory')
    return { dnsSettings: { dnsServers: [expression(parameter('domainControllerAddress'))] } };
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
function virtualMachine(): Resource {
  return {
    type: MACHINE,
    name: expression(machineName),
    location: LOCATION,
    tags: TAGS,
    ...perMachine('virtualMachines'),
    identity: { type: 'UserAssigned', userAssignedIdentities: { [expression(identityId)]: {} } },
    dependsOn: [expression(nicId), expression(availabilitySetId)],
    properties: {
      availabilitySet: subResource(availabilitySetId),
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
function domainJoin(): Resource {
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
        Restart: 'true',
        Options: JOIN_AND_CREATE_ACCOUNT,
      },
      protectedSettings: { Password: expression(parameter('domainPassword')) },
    },
  };
}

/** Parameters of the setup script. None is secret: the script reads secrets from the vault with the machine's identity. */
function setupParameters({ secureClient }: SitePlan): Json {
  const isExisting = secureClient.kind === 'existing';
  const values: Record<string, string> = {
    VaultName: vaultName,
    VaultSuffix: 'environment().suffixes.keyvaultDns',
    IdentityClientId: `reference(${identityId}, ${stringLiteral(IDENTITY_API_VERSION)}).clientId`,
    ServiceUrl: parameter('serviceUrl'),
    PackageUrl: parameter('cloudClientPackageUrl'),
    CustomerId: parameter('customerId'),
    ClientSecretName: stringLiteral(isExisting ? SECRET_NAMES.clientSecret : SECRET_NAMES.enrolmentToken),
    ...(isExisting ? { ClientId: parameter('secureClientId') } : {}),
  };
  return Object.entries(values).map(([name, value]) => ({ name, value: expression(value) }));
}

function setup(plan: SitePlan): Resource {
  const joins = plan.domain.kind === 'activeDirectory';
  const before = joins
    ? resourceId(`${MACHINE}/extensions`, machineName, stringLiteral('join-domain'))
    : machineId;
  return {
    type: `${MACHINE}/runCommands`,
    name: expression(concat(machineName, stringLiteral('/install-cloud-client'))),
    location: LOCATION,
    tags: TAGS,
    ...perMachine('setups'),
    dependsOn: [expression(before)],
    properties: {
      source: { script: MACHINE_SETUP },
      parameters: setupParameters(plan),
      timeoutInSeconds: SETUP_TIMEOUT_SECONDS,
      treatFailureAsDeploymentFailure: true,
    },
  };
}

/** The availability set, and the resources of each machine. */
export function machinesTemplate(plan: SitePlan): NestedTemplate {
  return {
    name: 'machines',
    dependsOn: ['network', 'load-balancer', 'identity', 'private-endpoints', 'dns-resolver'],
    resources: [
      availabilitySet(),
      networkInterface(plan),
      virtualMachine(),
      ...(plan.domain.kind === 'activeDirectory' ? [domainJoin()] : []),
      setup(plan),
    ],
  };
}
