/** host.json: the settings that the local host supports, with the real host's defaults. */
import { cpus } from 'node:os';
import { z } from 'zod';
import { settingsWithoutEffect, WITHOUT_EFFECT } from './settings-without-effect';
import { timeSpan } from './time-span';

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
    ...WITHOUT_EFFECT['extensions.durableTask'],
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

/** Only the level of `default` has an effect; the others are those of categories, such as `Function.health`. */
const logLevels = z
  .record(z.string(), logLevel)
  .prefault({})
  .transform((levels) => ({ ...levels, default: levels.default ?? ('information' as const) }));

/** Names that the real host does not know are refused, and so are extensions that this one does not have. */
const hostJson = z.strictObject({
  ...WITHOUT_EFFECT[''],
  version: z.literal('2.0'),
  /** In milliseconds; `-1` is none. */
  functionTimeout: z.union([z.literal('-1').transform(() => undefined), timeSpan]).optional(),
  extensions: z
    .strictObject({
      http: z
        .strictObject({ ...WITHOUT_EFFECT['extensions.http'], routePrefix: z.string().default('api') })
        .prefault({}),
      queues,
      durableTask,
    })
    .prefault({}),
  logging: z.strictObject({ ...WITHOUT_EFFECT.logging, logLevel: logLevels }).prefault({}),
  // The extensions that Azure loads; those of this host are built in.
  extensionBundle: z.strictObject({ id: z.string(), version: z.string() }).optional(),
});

export type HostSettings = z.infer<typeof hostJson>;
export type QueueSettings = HostSettings['extensions']['queues'];
export type DurableSettings = HostSettings['extensions']['durableTask'];

/** Reads the text of a host.json. Throws with the JSON path of what is wrong. */
export function parseHostJson(text: string): HostSettings {
  return checkHostJson(text).settings;
}

/** As `parseHostJson`, with the paths of the settings that do nothing on one machine. */
export function checkHostJson(text: string): { settings: HostSettings; withoutEffect: readonly string[] } {
  const json: unknown = JSON.parse(text);
  const result = hostJson.safeParse(json);
  if (!result.success) throw new Error(`host.json: ${z.prettifyError(result.error)}`);
  return { settings: result.data, withoutEffect: settingsWithoutEffect(json) };
}
