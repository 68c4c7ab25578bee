/** What a deployment needs of host connections: the subscription that one opens. */
import type { Services } from '../../shared/services';
import type { AzureAccess } from './azure-access';

/** A subscription, and the calls of Azure in it. */
export interface OpenedConnection {
  subscriptionId: string;
  azure: AzureAccess;
}

/** Opens a host connection of the customer; undefined when there is none with this id. @throws AzureError */
export type OpenConnection = (
  services: Services,
  connection: { customerId: string; hostConnectionId: string },
) => Promise<OpenedConnection | undefined>;
