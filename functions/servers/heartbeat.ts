/** Heartbeats: the state that a server reports every minute. Only the last one is stored. */
import { z } from 'zod';
import { days, documentType } from '../../shared/cosmos/document-type';
import { instant } from '../../shared/http/fields';
import { amount, wholeAmount } from '../../shared/pure/amounts';
import { measureSkewMilliseconds, skewToUse, withMeasurement } from './clock-skew';

export const HEARTBEAT_SECONDS = 60;
/** A server that misses three heartbeats is offline (SRV-3). */
export const OFFLINE_AFTER_SECONDS = 3 * HEARTBEAT_SECONDS;

const percent = z.number().min(0).max(100);

/** A machine certificate that could sign recordings, or does. */
const machineCertificate = z
  .strictObject({
    thumbprint: z
      .string()
      .regex(/^[0-9A-Fa-f]{40}$/)
      .toUpperCase()
      .meta({
        description: 'SHA-1, 40 hexadecimal digits',
        examples: ['9F2B0C6D4A1E8B7C5D3F2A1B0C9D8E7F6A5B4C3D'],
      }),
    subject: z.string().max(1_024),
    validUntil: instant,
    signing: z.boolean().describe('Whether it signs recordings now'),
  })
  .meta({ id: 'MachineCertificate' });

const machineProblem = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('storageUnreachable'), path: z.string().min(1).max(1_024) }),
    z.strictObject({ kind: z.literal('recordingFileLost'), path: z.string().min(1).max(1_024) }),
    z.strictObject({ kind: z.literal('signatureInvalid'), path: z.string().min(1).max(1_024) }),
  ])
  .meta({ id: 'MachineProblem' });

export type MachineCertificate = z.output<typeof machineCertificate>;
export type MachineProblem = z.output<typeof machineProblem>;

export const machineStateSchema = z.object({
  services: z
    .enum(['running', 'degraded', 'stopped'])
    .describe('Whether all, some or none of the recording services are running'),
  cpuPercent: percent,
  memoryPercent: percent,
  networkSendKbps: amount,
  networkReceiveKbps: amount,
  storage: z
    .array(
      z.strictObject({ path: z.string().min(1).max(1_024), usedBytes: wholeAmount, freeBytes: wholeAmount }),
    )
    .max(100)
    .describe('Locations where recordings are stored; sizes of 2^53 bytes and more count as 2^53 - 1'),
  liveSessions: wholeAmount.describe('Sessions being recorded now'),
  administratorLogging: z
    .enum(['ok', 'failing'])
    .optional()
    .describe('Whether the administrator log of the server can be written; absent: it is off'),
  certificates: z
    .array(machineCertificate)
    .max(50)
    .optional()
    .describe('Machine certificates with a private key'),
  problems: z
    .array(machineProblem)
    .max(100)
    .optional()
    .describe('What is wrong with recordings and storage now'),
});

export const clientTime = instant.describe(
  "The server's clock when it sends the request, used to measure its clock skew",
);

export const heartbeatSchema = z
  .strictObject({ ...machineStateSchema.shape, clientTime })
  .meta({ id: 'Heartbeat' });

export type MachineState = z.output<typeof machineStateSchema>;

export interface Heartbeat {
  /** One per server. */
  id: 'last';
  lastSeenAt: string;
  /** When the server counts as silent; absent once that was handled. */
  dueAt?: string | undefined;
  /** Correction to add to the server's times. */
  skewMilliseconds: number;
  /** The last measurements, of which it is made, the newest last; absent in older documents. */
  measuredSkews?: number[] | undefined;
  /** Absent between registration and first heartbeat. */
  state?: MachineState | undefined;
  /** Whether a command may be open; absent when it is not known. What queues a command sets it in the same transaction. */
  mayHaveCommands?: boolean | undefined;
}

export const heartbeatType = documentType<Heartbeat>('heartbeat', { ttlSeconds: days(90) });

/**
 * The heartbeat document for a server seen at `now`, after the last one.
 * @param clientTime the server's clock, RFC 3339
 */
export function heartbeatAt(
  now: Date,
  clientTime: string,
  last: Heartbeat | undefined,
  state: MachineState | undefined,
): Heartbeat {
  const earlier = last?.measuredSkews ?? (last ? [last.skewMilliseconds] : []);
  const measuredSkews = withMeasurement(earlier, measureSkewMilliseconds(clientTime, now));
  return {
    id: 'last',
    lastSeenAt: now.toISOString(),
    dueAt: new Date(now.getTime() + OFFLINE_AFTER_SECONDS * 1000).toISOString(),
    skewMilliseconds: skewToUse(measuredSkews),
    measuredSkews,
    state,
  };
}
