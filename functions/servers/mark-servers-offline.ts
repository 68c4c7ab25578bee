/** Finds servers that have missed their heartbeats; the cost depends only on their number (SRV-3). */
import { DocumentStale } from '../../shared/cosmos/errors';
import type { Services } from '../../shared/services';
import type { SweepRun } from '../../shared/sweeps/run-sweep';
import type { Log } from '../../shared/telemetry/telemetry';
import { changeStatus, wouldChange } from './change-status';
import { heartbeatType, OFFLINE_AFTER_SECONDS } from './heartbeat';
import { heartbeatOf } from './record-heartbeat';

type Sweeping = Pick<Services, 'database' | 'clock'>;

interface SilentServer {
  customerId: string;
  serverId: string;
}

/**
 * Marks every silent server offline, once. Silence counts only while the service was receiving: after its own outage,
 * servers have a full period to send a heartbeat.
 */
export async function markServersOffline(
  services: Sweeping,
  log: Log,
  { receivingSince }: SweepRun,
): Promise<void> {
  const receivingMs = services.clock.now().getTime() - receivingSince.getTime();
  if (receivingMs < OFFLINE_AFTER_SECONDS * 1000) return;
  const silent = services.database.sweep<SilentServer>(
    'presence',
    `SELECT c.customerId, c.serverId FROM c WHERE c.type = 'heartbeat' AND c.dueAt <= @now`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  for await (const { customerId, serverId } of silent) {
    try {
      await markOffline(services, log, customerId, serverId);
    } catch (error) {
      // A failure of one server must not block the others; the next run retries it.
      log.error('server.not-marked-offline', error, { customerId, serverId });
    }
  }
}

function offlineReason(lastSeenAt: string): string {
  return `No heartbeat since ${lastSeenAt}: check that the machine is running, that its cloud client service is started, and that it reaches this service through HTTPS.`;
}

async function markOffline(services: Sweeping, log: Log, customerId: string, serverId: string) {
  const presence = services.database.presence(customerId, serverId);
  const heartbeat = await presence.read(heartbeatType, 'last');
  if (!heartbeat?.dueAt || heartbeat.dueAt > services.clock.now().toISOString()) return;
  const { lastSeenAt, dueAt: _done, ...rest } = heartbeat;
  const change = { services, log, customerId, serverId };
  await changeStatus({
    ...change,
    happening: (server) => ({
      event: 'silent',
      reason: wouldChange(server, 'silent') ? offlineReason(lastSeenAt) : undefined,
      lastSeenAt,
    }),
  });
  try {
    await presence.replace(heartbeatType, { ...rest, lastSeenAt });
  } catch (error) {
    if (!(error instanceof DocumentStale)) throw error;
    // A heartbeat arrived meanwhile.
    const now = services.clock.now().toISOString();
    await changeStatus({ ...change, happening: (server) => heartbeatOf(server, now) });
  }
}
