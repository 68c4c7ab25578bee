/** Stores deployments: in the customer's `control` partition, changed by ETag alone. */
import { days, documentType, type Stored } from '../../shared/cosmos/document-type';
import { retryConflicts } from '../../shared/cosmos/retry';
import { isUuid } from '../../shared/ids';
import type { Services } from '../../shared/services';
import type { Deployment } from './deployment';

type Reading = Pick<Services, 'database'>;

/** A canceled one only says what could not be deleted. */
export const hostDeploymentType = documentType<Deployment>('host-deployment', {
  ttlSeconds: ({ state }) => (state === 'canceled' ? days(90) : 'never'),
});

/** The deployment of the site; undefined when the site has, or had, none with this id. */
export async function findDeployment(
  { database }: Reading,
  customerId: string,
  siteId: string,
  deploymentId: string,
): Promise<Stored<Deployment> | undefined> {
  if (!isUuid(deploymentId)) return undefined;
  const found = await database.control(customerId).read(hostDeploymentType, deploymentId);
  return found?.siteId === siteId ? found : undefined;
}

/** Deployments of a site by id, which is the order in which they were requested, the newest first. */
export async function listDeployments(
  { database }: Reading,
  { customerId, siteId }: { customerId: string; siteId: string },
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<Stored<Deployment>[]> {
  return database.control(customerId).list(hostDeploymentType, {
    where: 'c.siteId = @siteId',
    parameters: { siteId },
    limit,
    after,
    order: 'descending',
  });
}

/** Stores what `next` makes of the deployment as it is then; the same object is no change. Undefined when there is none. */
export async function changeDeployment(
  services: Reading,
  customerId: string,
  deploymentId: string,
  next: (deployment: Stored<Deployment>) => Deployment,
): Promise<Stored<Deployment> | undefined> {
  const control = services.database.control(customerId);
  return retryConflicts(async () => {
    const known = await control.read(hostDeploymentType, deploymentId);
    if (!known) return undefined;
    const changed = next(known);
    if (changed === known) return known;
    return control.replace(hostDeploymentType, { ...changed, etag: known.etag });
  });
}
