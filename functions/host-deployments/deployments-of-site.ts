/** What deployments through a host connection say of a site that is to be deleted. */
import type { SiteDependent } from '../../shared/sites/site-dependent';
import { hostDeploymentType, listDeployments } from './store';

const DEPLOYMENTS_OF_A_PAGE = 50;

export const hostDeploymentsOfSite: SiteDependent = {
  async deletionBlockers(services, site) {
    const [last] = await listDeployments(services, site, { limit: 1 });
    if (!last || last.state === 'canceled' || last.state === 'available') return [];
    const detail = 'Its deployment has not ended, or has failed: cancel it, which deletes the site too.';
    return [{ kind: 'azureResources', detail }];
  },
  async cleanUp(services, site) {
    const deployments = await listDeployments(services, site, { limit: DEPLOYMENTS_OF_A_PAGE });
    const control = services.database.control(site.customerId);
    for (const { id, state } of deployments)
      // A canceled one says for a while what could not be deleted.
      if (state !== 'canceled') await control.remove(hostDeploymentType, id);
  },
};
