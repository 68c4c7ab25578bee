/** The secrets of a deployment: in the secret store alone, each under its own name, while the deployment may need them. */
import type { SitePlan } from '../../arm-templates/plan/site-plan';
import { secretParameters, type ParameterName } from '../../arm-templates/template/parameters';
import { mapConcurrently } from '../../shared/pure/map-concurrently';
import { keepTemporarySecret, removeTemporarySecret } from '../../shared/secrets/temporary-secret';
import type { Services } from '../../shared/services';

/** Longer than a deployment takes, and time to retry a failed one. */
const KEPT_HOURS = 72;
const CALLS_AT_ONCE = 4;

interface DeploymentRef {
  customerId: string;
  deploymentId: string;
}

const nameOf = ({ deploymentId }: DeploymentRef, parameter: ParameterName) =>
  `deployment-${deploymentId}-${parameter}`;

/** The values of a plan's secret parameters; those that it lacks are absent. */
export function secretsOf(plan: SitePlan): Partial<Record<ParameterName, string>> {
  const { machines, databases, domain, certificate, secureClient } = plan;
  const values: Partial<Record<ParameterName, string | undefined>> = {
    domainPassword: domain.kind === 'activeDirectory' ? domain.password : undefined,
    vmAdminPassword: machines.administrator.password,
    sqlAdminPassword: databases.administrator.password,
    certificate: certificate?.pfx,
    certificatePassword: certificate?.password,
    secureClientSecret: secureClient.kind === 'existing' ? secureClient.secret : undefined,
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Stores them, or others in the place of those that are kept already. */
export async function keepSecrets(
  services: Pick<Services, 'database' | 'secrets' | 'clock'>,
  ref: DeploymentRef,
  secrets: Partial<Record<ParameterName, string>>,
): Promise<void> {
  const until = new Date(services.clock.now().getTime() + KEPT_HOURS * 3_600_000);
  const { customerId } = ref;
  await mapConcurrently(
    Object.entries(secrets) as [ParameterName, string][],
    CALLS_AT_ONCE,
    ([parameter, value]) =>
      keepTemporarySecret(services, { customerId, name: nameOf(ref, parameter), value, until }),
  );
}

/** The secret parameters of the plan's template that are kept; those that are not any more are absent. */
export async function readSecrets(
  { secrets }: Pick<Services, 'secrets'>,
  ref: DeploymentRef,
  plan: SitePlan,
): Promise<Record<string, string>> {
  const found = await mapConcurrently(secretParameters(plan), CALLS_AT_ONCE, async (parameter) => ({
    parameter,
    value: await secrets.get(nameOf(ref, parameter)),
  }));
  return Object.fromEntries(
    found.flatMap(({ parameter, value }) => (value === undefined ? [] : [[parameter, value]])),
  );
}

/** Removes all that a deployment of the plan may have kept. */
export async function removeSecrets(
  services: Pick<Services, 'database' | 'secrets'>,
  ref: DeploymentRef,
  plan: SitePlan,
): Promise<void> {
  await mapConcurrently(secretParameters(plan), CALLS_AT_ONCE, (parameter) =>
    removeTemporarySecret(services, ref.customerId, nameOf(ref, parameter)),
  );
}
