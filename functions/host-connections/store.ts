/** Reads host connections. */
import type { Stored } from '../../shared/cosmos/document-type';
import { isUuid } from '../../shared/ids';
import type { Services } from '../../shared/services';
import { type HostConnection, hostConnectionType } from './host-connection';

/** The connection, or undefined when the customer has none with this id. */
export async function findHostConnection(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  id: string,
): Promise<Stored<HostConnection> | undefined> {
  return isUuid(id) ? database.control(customerId).read(hostConnectionType, id) : undefined;
}
