/** What the person who deploys a plan must provide: secrets for the scripts, and manual steps. */
import type { SitePlan } from '../plan/site-plan';
import { type ParameterName, secretParameters } from '../template/parameters';
import type { ResourceNames } from '../template/resource-names';

/** A secret that the scripts prompt for and pass to a parameter of the template. */
export interface RequiredSecret {
  parameter: ParameterName;
  /** The parameter of the PowerShell script; the bash script derives the name of its variable. */
  name: string;
  prompt: string;
}

const SECRET_INPUTS: Partial<Record<ParameterName, Omit<RequiredSecret, 'parameter'>>> = {
  domainPassword: { name: 'DomainPassword', prompt: 'Password of the user who joins machines to the domain' },
  vmAdminPassword: { name: 'VmAdminPassword', prompt: 'Password for the administrator of the machines' },
  sqlAdminPassword: { name: 'SqlAdminPassword', prompt: 'Password for the administrator of the databases' },
  certificatePassword: { name: 'CertificatePassword', prompt: 'Password of the certificate file' },
  secureClientSecret: { name: 'SecureClientSecret', prompt: 'Secret of the secure client' },
  enrolmentToken: { name: 'EnrolmentToken', prompt: 'Enrolment token of the site' },
};

/** The secrets of a plan in the order of the prompts. The certificate is read from a file instead. */
export function requiredSecrets(plan: SitePlan): RequiredSecret[] {
  return secretParameters(plan).flatMap((parameter) => {
    const input = SECRET_INPUTS[parameter];
    return input ? [{ parameter, ...input }] : [];
  });
}

/** Service endpoints that the subnet needs when private endpoints are off. */
export const REQUIRED_SERVICE_ENDPOINTS = [
  'Microsoft.Storage',
  'Microsoft.Sql',
  'Microsoft.KeyVault',
] as const;

/** Steps that only an administrator can do, in their order. */
export function manualSteps({ network, domain, loadBalancer, secureClient }: SitePlan): string[] {
  return [
    ...(network.privateEndpoints
      ? []
      : [
          `Before the deployment, give the subnet the service endpoints ${REQUIRED_SERVICE_ENDPOINTS.join(', ')}.`,
        ]),
    ...(network.resolverSubnetId === undefined
      ? []
      : [
          'Before the deployment, delegate the subnet of the resolver to Microsoft.Network/dnsResolvers and keep it empty.',
        ]),
    ...(loadBalancer.type === 'internal'
      ? [
          'Before the deployment, give the subnet a way to the Internet, such as a NAT gateway: machines reach the service through it.',
        ]
      : []),
    ...(secureClient.kind === 'create'
      ? [
          'Right before the deployment, have the service make an enrolment token for the site (POST /sites/{siteId}/enrolmentTokens): it is good for 24 hours, once for each machine.',
        ]
      : []),
    ...(domain.kind === 'entra'
      ? [
          'After the deployment, check that the machines have joined the Microsoft Entra ID (Azure AD) tenant of your VDAs, as README.md describes; set-up waits for it.',
        ]
      : []),
  ];
}

/** How the machines join Microsoft Entra ID, how to check it, and how to sign in to them; empty for machines of a domain. */
export function entraSteps({ domain }: SitePlan, names: ResourceNames): string {
  if (domain.kind !== 'entra') return '';
  const [machine = ''] = names.machines;
  return `Each machine joins the Microsoft Entra ID tenant of the subscription by itself, with its own identity and the extension
AADLoginForWindows. It needs no inbound connection for this, but outbound HTTPS to enterpriseregistration.windows.net,
login.microsoftonline.com, device.login.microsoftonline.com and pas.windows.net. Check each one:

    az vm run-command invoke --resource-group RESOURCE_GROUP --name ${machine} --command-id RunPowerShellScript --scripts 'dsregcmd /status'

It must say \`AzureAdJoined : YES\`. If it does not, delete a stale device of the same name in Microsoft Entra ID, then:

    az vm extension set --resource-group RESOURCE_GROUP --vm-name ${machine} --name AADLoginForWindows --publisher Microsoft.Azure.ActiveDirectory

The security group admits no sign-in to the machines. To sign in, give your account the role Virtual Machine Administrator
Login, use Azure Bastion or a VPN of the virtual network, and admit your address for the time you need it:

    az network nsg rule create --resource-group RESOURCE_GROUP --nsg-name ${names.securityGroup} --name AllowAdministration --priority 300 --direction Inbound --access Allow --protocol Tcp --source-address-prefixes YOUR_ADDRESS --destination-port-ranges 3389
    az network nsg rule delete --resource-group RESOURCE_GROUP --nsg-name ${names.securityGroup} --name AllowAdministration

A later run of the scripts removes this rule.`;
}
