/** host.json: the settings that the local host supports, with the real host's defaults. */
import { cpus } from 'node:os';
import { z } from 'zod';

/** `[d.]hh:mm:ss[.fff]`, as .NET writes a TimeSpan; the value is in milliseconds. */
const timeSpan = z
  .string()
  .regex(/^(\d+\.)?\d{1,2}:\d{2}:\d{2}(\.\d+)?$/)
  .transform((text) => {
    const [, days = '0', hours, minutes, seconds] =
      /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text) ?? [];
    return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  });

const queues = z
  .strictObject({
    batchSize: z.int().min(1).max(32).default(16),
    newBatchThreshold: z.int().min(0).optional(),
    maxDequeueCount: z.int().min(1).default(5),
    visibilityTimeout: timeSpan.default(0),
    maxPollingInterval: timeSpan.default(60_000),
    messageEncoding: z.enum(['base64', 'none']).default('base64'),
  })
  .prefault({})
  .transform(({ newBatchThreshold, visibilityTimeout, maxPollingInterval, ...rest }) => ({
    ...rest,
    newBatchThreshold: newBatchThreshold ?? Math.floor(rest.batchSize / 2) * cpus().length,
    visibilityTimeoutMs: visibilityTimeout,
    maxPollingIntervalMs: maxPollingInterval,
  }));

const durableTask = z
  .strictObject({
    hubName: z.string().default('TestHubName'),
    maxConcurrentActivityFunctions: z
      .int()
      .min(1)
      .default(10 * cpus().length),
    maxConcurrentOrchestratorFunctions: z
      .int()
      .min(1)
      .default(10 * cpus().length),
  })
  .prefault({});

const logLevel = z
  .string()
  .transform((level) => level.toLowerCase())
  .pipe(z.enum(['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none']));

/** Other settings are refused, since they would have no effect. */
const hostJson = z.strictObject({
  version: z.literal('2.0'),
  functionTimeout: timeSpan.optional(),
  extensions: z
    .strictObject({
      http: z.strictObject({ routePrefix: z.string().default('api') }).prefault({}),
      queues,
      durableTask,
    })
    .prefault({}),
  logging: z
    .object({ logLevel: z.object({ default: logLevel.default('information') }).prefault({}) })
    .prefault({}),
  // The extensions that Azure loads; those of this host are built in.
  extensionBundle: z.unknown().optional(),
});

export type HostSettings = z.infer<typeof hostJson>;
export type QueueSettings = HostSettings['extensions']['queues'];
export type DurableSettings = HostSettings['extensions']['durableTask'];

/** Reads the text of a host.json. Throws with the JSON path of what is wrong. */
export function parseHostJson(text: string): HostSettings {
  const result = hostJson.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  throw new Error(`host.json: ${z.prettifyError(result.error)}`);
}
