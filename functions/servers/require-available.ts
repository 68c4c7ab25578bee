/** What only an available server can do: be examined, repaired and configured. */
import { Problem } from '../../shared/problem';
import type { Server } from './server';
import { STATUS_LABELS } from './server-status';

/** @throws Problem `server-not-available` with the status of the server, and its reason */
export function requireAvailable({ hostName, status, statusReason }: Server): void {
  if (status === 'available') return;
  const reason = statusReason === undefined ? '' : ` ${statusReason}`;
  throw new Problem(
    'server-not-available',
    `This needs a server that is Available; ${hostName} is ${STATUS_LABELS[status]}.${reason}`,
    { extensions: { serverStatus: status } },
  );
}
