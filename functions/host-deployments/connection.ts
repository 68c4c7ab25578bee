/** What a deployment needs of host connections: the subscription that one opens. */
import type { Services } from '../../shared/services';
import { findHostConnection, openSubscription } from '../host-connections';
import type { AzureAccess } from './azure-access';
import { azureClient } from './azure-client';

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

export const openConnection: OpenConnection = async (services, { customerId, hostConnectionId }) => {
  const connection = await findHostConnection(services, customerId, hostConnectionId);
  if (!connection) return undefined;
  const subscription = await openSubscription(services, connection);
  return { subscriptionId: subscription.subscriptionId, azure: azureClient(subscription) };
};
