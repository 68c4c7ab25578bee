/** The machines: network interfaces, virtual machines, joining of the domain, and the cloud client's installation. */
import type { SitePlan } from '../plan/site-plan';
import { concat, evaluated, type Json, parameter, quoted, type Resource, resourceId } from './arm';
import { identityId } from './identity';
import { SECRETS } from './key-vault';
import { backendPoolId } from './load-balancer';
import { MACHINE_SETUP } from './machine-setup';
import { machineName, nameOf, vaultName } from './names';
import { idOf, LOCATION, type Part, subnetIdOf, TAGS } from './part';
import { IDENTITY_API_VERSION } from './roles';

const MACHINE = 'Microsoft.Compute/virtualMachines';
const NIC = 'Microsoft.Network/networkInterfaces';
const AVAILABILITY_SET = 'Microsoft.Compute/availabilitySets';
const nicName = concat(machineName, quoted('-nic'));
const nicId = resourceId(NIC, nicName);
const machineId = resourceId(MACHINE, machineName);
const availabilitySetId = resourceId(AVAILABILITY_SET, nameOf('availabilitySet'));

/** https://learn.microsoft.com/dotnet/api/system.directoryservices: join the domain, and make the account there. */
const JOIN_AND_CREATE_ACCOUNT = 3;
const SETUP_TIMEOUT_SECONDS = 3_600;

const perMachine = (name: string) => ({ copy: { name, count: evaluated(parameter('machineCount')) } });

function availabilitySet(): Resource {
  return {
    type: AVAILABILITY_SET,
    name: evaluated(nameOf('availabilitySet')),
    location: LOCATION,
    tags: TAGS,
    sku: { name: 'Aligned' },
    properties: { platformFaultDomainCount: 2, platformUpdateDomainCount: 5 },
  };
}

/** Whom a machine asks for names, where that is not for the virtual network to say. */
function dnsServers({ network, domain }: SitePlan): { [key: string]: Json } {
  if (network.privateEndpoints) return { dnsSettings: { dnsServers: ['AzureProvidedDNS'] } };
  if (domain.kind === 'activeDirectory')
    return { dnsSettings: { dnsServers: [evaluated(parameter('domainControllerAddress'))] } };
  return {};
}

function networkInterface(plan: SitePlan): Resource {
  return {
    type: NIC,
    name: evaluated(nicName),
    location: LOCATION,
    tags: TAGS,
    ...perMachine('networkInterfaces'),
    properties: {
      networkSecurityGroup: idOf(
        resourceId('Microsoft.Network/networkSecurityGroups', nameOf('securityGroup')),
      ),
      ...dnsServers(plan),
      ipConfigurations: [
        {
          name: 'primary',
          properties: {
            privateIPAllocationMethod: 'Dynamic',
            subnet: idOf(subnetIdOf('subnetName')),
            loadBalancerBackendAddressPools: [idOf(backendPoolId)],
          },
        },
      ],
    },
  };
}

/** Disk and network interface go with the machine when it is deleted. */
function virtualMachine(): Resource {
  return {
    type: MACHINE,
    name: evaluated(machineName),
    location: LOCATION,
    tags: TAGS,
    ...perMachine('virtualMachines'),
    identity: { type: 'UserAssigned', userAssignedIdentities: { [evaluated(identityId)]: {} } },
    dependsOn: [evaluated(nicId), evaluated(availabilitySetId)],
    properties: {
      availabilitySet: idOf(availabilitySetId),
      hardwareProfile: { vmSize: evaluated(parameter('machineSize')) },
      storageProfile: {
        imageReference: {
          publisher: 'MicrosoftWindowsServer',
          offer: 'WindowsServer',
          sku: evaluated(parameter('imageSku')),
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
        computerName: evaluated(machineName),
        adminUsername: evaluated(parameter('vmAdminUserName')),
        adminPassword: evaluated(parameter('vmAdminPassword')),
        windowsConfiguration: { provisionVMAgent: true, enableAutomaticUpdates: true },
      },
      securityProfile: {
        securityType: 'TrustedLaunch',
        uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
      },
      networkProfile: {
        networkInterfaces: [{ ...idOf(nicId), properties: { primary: true, deleteOption: 'Delete' } }],
      },
      diagnosticsProfile: { bootDiagnostics: { enabled: true } },
    },
  };
}

/** https://learn.microsoft.com/azure/active-directory-domain-services/join-windows-vm-template */
function domainJoin(): Resource {
  return {
    type: `${MACHINE}/extensions`,
    name: evaluated(concat(machineName, quoted('/join-domain'))),
    location: LOCATION,
    tags: TAGS,
    ...perMachine('domainJoins'),
    dependsOn: [evaluated(machineId)],
    properties: {
      publisher: 'Microsoft.Compute',
      type: 'JsonADDomainExtension',
      typeHandlerVersion: '1.3',
      autoUpgradeMinorVersion: true,
      settings: {
        Name: evaluated(parameter('domainName')),
        User: evaluated(parameter('domainUserName')),
        Restart: 'true',
        Options: JOIN_AND_CREATE_ACCOUNT,
      },
      protectedSettings: { Password: evaluated(parameter('domainPassword')) },
    },
  };
}

/** What the setup script is told. None of it is secret: secrets it reads from the vault by the machine's identity. */
function setupParameters({ secureClient }: SitePlan): Json {
  const isExisting = secureClient.kind === 'existing';
  const values: Record<string, string> = {
    VaultName: vaultName,
    VaultSuffix: 'environment().suffixes.keyvaultDns',
    IdentityClientId: `reference(${identityId}, ${quoted(IDENTITY_API_VERSION)}).clientId`,
    ServiceUrl: parameter('serviceUrl'),
    PackageUrl: parameter('cloudClientPackageUrl'),
    CustomerId: parameter('customerId'),
    ClientSecretName: quoted(isExisting ? SECRETS.clientSecret : SECRETS.enrolmentToken),
    ...(isExisting ? { ClientId: parameter('secureClientId') } : {}),
  };
  return Object.entries(values).map(([name, value]) => ({ name, value: evaluated(value) }));
}

function setup(plan: SitePlan): Resource {
  const joins = plan.domain.kind === 'activeDirectory';
  const before = joins ? resourceId(`${MACHINE}/extensions`, machineName, quoted('join-domain')) : machineId;
  return {
    type: `${MACHINE}/runCommands`,
    name: evaluated(concat(machineName, quoted('/install-cloud-client'))),
    location: LOCATION,
    tags: TAGS,
    ...perMachine('setups'),
    dependsOn: [evaluated(before)],
    properties: {
      source: { script: MACHINE_SETUP },
      parameters: setupParameters(plan),
      timeoutInSeconds: SETUP_TIMEOUT_SECONDS,
      treatFailureAsDeploymentFailure: true,
    },
  };
}

/** Everything of which each machine has one. */
export function machinesPart(plan: SitePlan): Part {
  return {
    name: 'machines',
    after: ['network', 'load-balancer', 'identity', 'private-endpoints', 'dns-resolver'],
    resources: [
      availabilitySet(),
      networkInterface(plan),
      virtualMachine(),
      ...(plan.domain.kind === 'activeDirectory' ? [domainJoin()] : []),
      setup(plan),
    ],
  };
}
