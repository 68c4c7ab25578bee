/** The Windows services that administrators check and restart, and those whose logs they upload (TRB-1, TRB-3). */
import { z } from 'zod';

export const SERVICE_NAMES = [
  'IIS',
  'CitrixSsRecAnalyticsService',
  'CitrixSsRecStorageManager',
  'CitrixSsRecCloudClientMonitorService',
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export const LOG_SERVICE_NAMES = [...SERVICE_NAMES, 'CitrixSsRecCloudClientService'] as const;
export type LogServiceName = (typeof LOG_SERVICE_NAMES)[number];

const SERVICE_STATES = ['running', 'stopped', 'starting', 'stopping', 'paused', 'notInstalled'] as const;

export const serviceName = z
  .enum(SERVICE_NAMES)
  .describe(
    '`IIS` is the World Wide Web Publishing Service (W3SVC); the others are names of Windows services',
  );

export const logServiceNames = z
  .array(z.enum(LOG_SERVICE_NAMES))
  .min(1)
  .max(LOG_SERVICE_NAMES.length)
  .refine((names) => new Set(names).size === names.length, 'Give each service once.')
  .describe('Services whose logs to upload');

export const serviceState = z
  .strictObject({
    name: serviceName,
    state: z.enum(SERVICE_STATES),
    reason: z.string().min(1).max(2_000).optional().describe('Why it is not running, where that is known'),
  })
  .meta({ id: 'ServiceState', description: 'A Windows service of a recording server' });

export type ServiceState = z.output<typeof serviceState>;
