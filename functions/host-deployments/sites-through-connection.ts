/** Which sites need a host connection: it is not deleted while there are any (HST-1). */
import type { HostConnectionUser } from '../host-connections';
import { hostDeploymentType } from './store';

/** As many as an error names. */
const MOST_NAMED = 10;

export const sitesThroughConnection: HostConnectionUser = {
  async sitesUsing({ database }, { customerId, hostConnectionId }) {
    const deployments = await database.control(customerId).list(hostDeploymentType, {
      where: "c.hostConnectionId = @hostConnectionId AND c.state <> 'canceled'",
      parameters: { hostConnectionId },
      limit: MOST_NAMED,
    });
    return deployments.map(({ siteId }) => ({ siteId }));
  },
};
