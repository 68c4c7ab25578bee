/** What only an available server can do: be examined, repaired and configured; also to be diagnosed. */
import { Problem } from '../../shared/problem';
import type { Server } from './server';
import { STATUS_LABELS } from './server-status';

/** @throws Problem `server-not-available` with the status of the server, and its reason */
export function requireAvailable(server: Server): void {
  if (server.status !== 'available') throw notAvailable(server, 'Available');
}

/**
 * Diagnostics are needed most where an installation has failed; a machine that never registered has nobody to make them.
 * @throws Problem `server-not-available` with the status of the server, and its reason
 */
export function requireDiagnosable(server: Server): void {
  const { status, clientVersion } = server;
  if (status === 'available' || (status === 'installationFailed' && clientVersion !== undefined)) return;
  throw notAvailable(server, 'Available, or whose installation failed after its cloud client had registered');
}

function notAvailable({ hostName, status, statusReason }: Server, needed: string): Problem {
  const reason = statusReason === undefined ? '' : ` ${statusReason}`;
  return new Problem(
    'server-not-available',
    `This needs a server that is ${needed}; ${hostName} is ${STATUS_LABELS[status]}.${reason}`,
    { extensions: { serverStatus: status } },
  );
}
