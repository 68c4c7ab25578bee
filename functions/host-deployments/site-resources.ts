/** The template and the run commands of a deployment, by the same generator as the download. Pure. */
import type { Json, Template } from '../../arm-templates/template/arm';
import { MACHINE_SETUP } from '../../arm-templates/template/machine-setup';
import type { TemplateContext } from '../../arm-templates/template/parameters';
import { SECRET_NAMES } from '../../arm-templates/template/key-vault';
import { makeTemplate } from '../../arm-templates/template/template';
import type { RunCommand } from './azure-access';
import type { Deployment } from './deployment';

export type TemplateSource = Omit<TemplateContext, 'siteId' | 'suffix' | 'planFingerprint'>;

const COMMAND_SECONDS = 3_600;
const VAULT_SUFFIX = '.vault.azure.net';

const contextOf = (deployment: Deployment, source: TemplateSource): TemplateContext => ({
  ...source,
  siteId: deployment.siteId,
  suffix: deployment.suffix,
  planFingerprint: deployment.planFingerprint,
});

/** The template, with the values of its parameters but the secret ones. Machines are set up after it, each by itself. */
export function templateOf(
  deployment: Deployment,
  source: TemplateSource,
  tags: Record<string, string>,
): { template: Template; parameters: Record<string, Json> } {
  const { main, parameters } = makeTemplate(deployment.plan, contextOf(deployment, source), 'separateSetup');
  return { template: main, parameters: { ...parameters, tags, vaultAttempt: deployment.vaultAttempt ?? 1 } };
}

/** The command that sets up a machine. */
export function commandOf(deployment: Deployment, source: TemplateSource): Omit<RunCommand, 'tags'> {
  const { plan, outputs = {}, suffix, vaultAttempt } = deployment;
  const { secureClient } = plan;
  const identity = outputs['identityClientId'];
  const isExisting = secureClient.kind === 'existing';
  const values: Record<string, string> = {
    VaultName: `sr-${suffix}-kv${vaultAttempt ?? 1}`,
    VaultSuffix: VAULT_SUFFIX,
    IdentityClientId: typeof identity === 'string' ? identity : '',
    ServiceUrl: source.serviceUrl,
    PackageUrl: source.cloudClientPackageUrl,
    ...(source.cloudClientPackageSha256 === undefined
      ? {}
      : { PackageSha256: source.cloudClientPackageSha256 }),
    CustomerId: source.customerId,
    ClientSecretName: isExisting ? SECRET_NAMES.clientSecret : SECRET_NAMES.enrolmentToken,
    ...(isExisting ? { ClientId: secureClient.clientId } : {}),
  };
  return {
    location: plan.region,
    script: MACHINE_SETUP,
    parameters: Object.entries(values).map(([name, value]) => ({ name, value })),
    timeoutSeconds: COMMAND_SECONDS,
  };
}
