/** What a deployment of a plan needs from whoever runs the scripts, beside the sign-in. */
import type { SitePlan } from '../plan/site-plan';
import { type ParameterName, secretParameters } from '../template/parameters';

/** A secret that the scripts ask for and hand to the template as the parameter named. */
export interface AskedSecret {
  parameter: ParameterName;
  /** The name of the script's parameter; in shell variables and prompts too. */
  name: string;
  prompt: string;
}

const ASKED: Partial<Record<ParameterName, Omit<AskedSecret, 'parameter'>>> = {
  domainPassword: { name: 'DomainPassword', prompt: 'Password of the user who joins machines to the domain' },
  vmAdminPassword: { name: 'VmAdminPassword', prompt: 'Password for the administrator of the machines' },
  sqlAdminPassword: { name: 'SqlAdminPassword', prompt: 'Password for the administrator of the databases' },
  certificatePassword: { name: 'CertificatePassword', prompt: 'Password of the certificate file' },
  secureClientSecret: { name: 'SecureClientSecret', prompt: 'Secret of the secure client' },
  enrolmentToken: { name: 'EnrolmentToken', prompt: 'Enrolment token of the site' },
};

/** The secrets of a plan, in the order in which they are asked for. The certificate comes from a file. */
export function askedSecrets(plan: SitePlan): AskedSecret[] {
  return secretParameters(plan).flatMap((parameter) => {
    const asked = ASKED[parameter];
    return asked ? [{ parameter, ...asked }] : [];
  });
}

/** Service endpoints that the subnet needs where there are no private ones. */
export const SERVICE_ENDPOINTS = ['Microsoft.Storage', 'Microsoft.Sql', 'Microsoft.KeyVault'] as const;

/** Steps that nobody can do for the administrator, in their order. */
export function manualSteps({ network, domain, loadBalancer, secureClient }: SitePlan): string[] {
  return [
    ...(network.privateEndpoints
      ? []
      : [`Before the deployment, give the subnet the service endpoints ${SERVICE_ENDPOINTS.join(', ')}.`]),
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
          'After the deployment, join the machines to the Microsoft Entra ID (Azure AD) domain of your VDAs; set-up waits for it.',
        ]
      : []),
  ];
}
