/**
 * Settings of host.json that are real but do nothing on one machine: a deployment may need them, so they are checked,
 * accepted and remarked upon. Sources: https://learn.microsoft.com/azure/azure-functions/functions-host-json,
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#host-json,
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook#hostjson-settings.
 */
import { z } from 'zod';
import { timeSpan } from './time-span';

const flag = z.boolean();
const count = z.int().min(0);
const text = z.string();

const sampling = z.strictObject({
  isEnabled: flag.optional(),
  maxTelemetryItemsPerSecond: z.number().optional(),
  evaluationInterval: timeSpan.optional(),
  initialSamplingPercentage: z.number().optional(),
  samplingPercentageIncreaseTimeout: timeSpan.optional(),
  samplingPercentageDecreaseTimeout: timeSpan.optional(),
  minSamplingPercentage: z.number().optional(),
  maxSamplingPercentage: z.number().optional(),
  movingAverageRatio: z.number().optional(),
  excludedTypes: text.optional(),
  includedTypes: text.optional(),
});

const applicationInsights = z.strictObject({
  samplingSettings: sampling.optional(),
  dependencyTrackingOptions: z
    .strictObject({ enableSqlCommandTextInstrumentation: flag.optional() })
    .optional(),
  enableLiveMetrics: flag.optional(),
  enableLiveMetricsFilters: flag.optional(),
  enableDependencyTracking: flag.optional(),
  enablePerformanceCountersCollection: flag.optional(),
  httpAutoCollectionOptions: z.record(z.string(), flag).optional(),
  snapshotConfiguration: z.record(z.string(), z.unknown()).optional(),
});

/** `type` of the Durable Task Scheduler is spelt in two ways by Microsoft's own samples. */
const storageProvider = z.strictObject({
  type: z.enum(['AzureStorage', 'azureManaged', 'durabletask-scheduler', 'mssql', 'netherite']).optional(),
  connectionName: text.optional(),
  connectionStringName: text.optional(),
  trackingStoreConnectionName: text.optional(),
  trackingStoreConnectionStringName: text.optional(),
  trackingStoreNamePrefix: text.optional(),
  controlQueueBatchSize: count.optional(),
  controlQueueBufferThreshold: count.optional(),
  controlQueueVisibilityTimeout: timeSpan.optional(),
  workItemQueueVisibilityTimeout: timeSpan.optional(),
  maxQueuePollingInterval: timeSpan.optional(),
  partitionCount: z.int().min(1).max(16).optional(),
  fetchLargeMessagesAutomatically: flag.optional(),
  queueClientMessageEncoding: z.enum(['UTF8', 'Base64']).optional(),
  useLegacyPartitionManagement: flag.optional(),
  useTablePartitionManagement: flag.optional(),
});

const eventGrid = z.strictObject({
  topicEndpoint: text.optional(),
  keySettingName: text.optional(),
  publishRetryCount: count.optional(),
  publishRetryInterval: timeSpan.optional(),
  publishEventTypes: z.array(text).optional(),
});

const anywhere = {
  aggregator: z.strictObject({ batchSize: count.optional(), flushTimeout: timeSpan.optional() }),
  concurrency: z.strictObject({
    dynamicConcurrencyEnabled: flag.optional(),
    snapshotPersistenceEnabled: flag.optional(),
  }),
  healthMonitor: z.strictObject({
    enabled: flag.optional(),
    healthCheckInterval: timeSpan.optional(),
    healthCheckWindow: timeSpan.optional(),
    healthCheckThreshold: count.optional(),
    counterThreshold: z.number().optional(),
  }),
  singleton: z.strictObject({
    lockPeriod: timeSpan.optional(),
    listenerLockPeriod: timeSpan.optional(),
    listenerLockRecoveryPollingInterval: timeSpan.optional(),
    lockAcquisitionTimeout: timeSpan.optional(),
    lockAcquisitionPollingInterval: timeSpan.optional(),
  }),
  telemetryMode: z.enum(['ApplicationInsights', 'OpenTelemetry']),
  watchDirectories: z.array(text),
  watchFiles: z.array(text),
};

const logging = {
  fileLoggingMode: z.enum(['never', 'always', 'debugOnly']),
  console: z.strictObject({ isEnabled: flag.optional(), disableColors: flag.optional() }),
  applicationInsights,
};

const http = {
  maxOutstandingRequests: z.int().min(-1),
  maxConcurrentRequests: z.int().min(-1),
  dynamicThrottlesEnabled: flag,
  customHeaders: z.record(z.string(), text),
  hsts: z.strictObject({
    isEnabled: flag.optional(),
    maxAge: text.optional(),
    includeSubDomains: flag.optional(),
    preload: flag.optional(),
  }),
};

const durableTask = {
  storageProvider,
  tracing: z.strictObject({
    traceInputsAndOutputs: flag.optional(),
    traceReplayEvents: flag.optional(),
    distributedTracingEnabled: flag.optional(),
    version: z.enum(['V1', 'V2', 'None']).optional(),
  }),
  notifications: z.strictObject({ eventGrid: eventGrid.optional() }),
  httpSettings: z.strictObject({
    defaultAsyncRequestSleepTimeMilliseconds: count.optional(),
    useForwardedHost: flag.optional(),
  }),
  defaultVersion: text,
  versionMatchStrategy: z.enum(['None', 'Strict', 'CurrentOrOlder']),
  versionFailureStrategy: z.enum(['Reject', 'Fail']),
  maxConcurrentEntityFunctions: count,
  maxEntityOperationBatchSize: count,
  maxOrchestrationActions: count,
  extendedSessionsEnabled: flag,
  extendedSessionIdleTimeoutInSeconds: count,
  useAppLease: flag,
  useGracefulShutdown: flag,
  logReplayEvents: flag,
  storeInputsInOrchestrationHistory: flag,
};

/** By the place in host.json where they may stand. */
export const WITHOUT_EFFECT = {
  '': optional(anywhere),
  logging: optional(logging),
  'extensions.http': optional(http),
  'extensions.durableTask': optional(durableTask),
};

/** The paths of those that are set in this host.json, which has been checked before. */
export function settingsWithoutEffect(hostJson: unknown): string[] {
  return Object.entries(WITHOUT_EFFECT).flatMap(([place, shape]) => {
    const section = place === '' ? hostJson : at(hostJson, place.split('.'));
    return Object.keys(shape)
      .filter((name) => at(section, [name]) !== undefined)
      .map((name) => (place === '' ? name : `${place}.${name}`));
  });
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (section, name) =>
      typeof section === 'object' && section !== null && Object.hasOwn(section, name)
        ? (section as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}

type Optional<S extends Record<string, z.ZodType>> = { [K in keyof S]: z.ZodOptional<S[K]> };

function optional<S extends Record<string, z.ZodType>>(shape: S): Optional<S> {
  return Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [name, schema.optional()]),
  ) as Optional<S>;
}
