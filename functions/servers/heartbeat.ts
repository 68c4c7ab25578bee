/** Heartbeats: what a server tells of itself every minute. Only the last one is kept here. */
import { z } from 'zod';
import { days, documentType } from '../../shared/cosmos/document-type';

export const HEARTBEAT_SECONDS = 60;
/** A server that misses three heartbeats is offline (SRV-3). */
export const OFFLINE_AFTER_SECONDS = 3 * HEARTBEAT_SECONDS;

const percent = z.number().min(0).max(100);
const sizeBytes = z.number().int().nonnegative();

export const machineStateSchema = z.object({
  services: z
    .enum(['running', 'degraded', 'stopped'])
    .describe('All of the recording services run, some of them, or none'),
  cpuPercent: percent,
  memoryPercent: percent,
  networkSendKbps: z.number().nonnegative(),
  networkReceiveKbps: z.number().nonnegative(),
  storage: z
    .array(z.strictObject({ path: z.string().min(1).max(1_024), usedBytes: sizeBytes, freeBytes: sizeBytes }))
    .max(100)
    .describe('Locations where recordings are stored'),
  liveSessions: z.int().nonnegative().describe('Sessions that it records at this moment'),
});

export const clientTime = z.iso
  .datetime({ offset: true })
  .describe("The server's clock when it sends the request: the service measures how far it is off");

export const heartbeatSchema = z
  .strictObject({ ...machineStateSchema.shape, clientTime })
  .meta({ id: 'Heartbeat' });

export type MachineState = z.output<typeof machineStateSchema>;

export interface Heartbeat {
  /** One per server. */
  id: 'last';
  lastSeenAt: string;
  /** When the server counts as silent; absent once that was dealt with. */
  dueAt?: string | undefined;
  /** To be added to the server's times. */
  skewMilliseconds: number;
  /** Absent between registration and first heartbeat. */
  state?: MachineState | undefined;
}

export const heartbeatType = documentType<Heartbeat>('heartbeat', { ttlSeconds: days(90) });

/** The document of a sign of life at `now`. */
export function heartbeatAt(now: Date, skewMilliseconds: number, state: MachineState | undefined): Heartbeat {
  return {
    id: 'last',
    lastSeenAt: now.toISOString(),
    dueAt: new Date(now.getTime() + OFFLINE_AFTER_SECONDS * 1000).toISOString(),
    skewMilliseconds,
    state,
  };
}
