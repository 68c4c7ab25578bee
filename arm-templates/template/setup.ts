/** The set-up of each machine: a run command that installs certificate and cloud client. */
import type { SitePlan } from '../plan/site-plan';
import { concat, expression, type Json, parameter, stringLiteral } from './arm';
import { identityId } from './identity';
import { SECRET_NAMES } from './key-vault';
import { MACHINE_SETUP } from './machine-setup';
import { machineName, vaultName } from './resource-names';
import { LOCATION, type NestedTemplate, TAGS } from './nested-template';
import { IDENTITY_API_VERSION } from './roles';

const TIMEOUT_SECONDS = 3_600;

/** Parameters of the setup script. None is secret: the script reads secrets from the vault with the machine's identity. */
function setupParameters({ secureClient }: SitePlan, hasHash: boolean): Json {
  const isExisting = secureClient.kind === 'existing';
  const values: Record<string, string> = {
    VaultName: vaultName,
    VaultSuffix: 'environment().suffixes.keyvaultDns',
    IdentityClientId: `reference(${identityId}, ${stringLiteral(IDENTITY_API_VERSION)}).clientId`,
    ServiceUrl: parameter('serviceUrl'),
    PackageUrl: parameter('cloudClientPackageUrl'),
    ...(hasHash ? { PackageSha256: parameter('cloudClientPackageSha256') } : {}),
    CustomerId: parameter('customerId'),
    ClientSecretName: stringLiteral(isExisting ? SECRET_NAMES.clientSecret : SECRET_NAMES.enrolmentToken),
    ...(isExisting ? { ClientId: parameter('secureClientId') } : {}),
  };
  return Object.entries(values).map(([name, value]) => ({ name, value: expression(value) }));
}

/** The run commands. Their names end with the run, since a command that failed does not run again under its name. */
export function setupTemplate(plan: SitePlan, hasHash: boolean): NestedTemplate {
  return {
    name: 'setup',
    dependsOn: ['machines'],
    resources: [
      {
        type: 'Microsoft.Compute/virtualMachines/runCommands',
        name: expression(concat(machineName, stringLiteral('/install-cloud-client-'), parameter('setupRun'))),
        location: LOCATION,
        tags: TAGS,
        copy: { name: 'setups', count: expression(parameter('machineCount')) },
        properties: {
          source: { script: MACHINE_SETUP },
          parameters: setupParameters(plan, hasHash),
          timeoutInSeconds: TIMEOUT_SECONDS,
          treatFailureAsDeploymentFailure: true,
        },
      },
    ],
  };
}
