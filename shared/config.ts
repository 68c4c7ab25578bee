/** The configuration of the app: the only place that reads the environment. */
import { z } from 'zod';

const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/$/, ''));
const flag = z.stringbool().default(false);
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);

/** `NAME=TIER`, or `NAME=TIER@BLOB-ENDPOINT` in another storage account. */
const archiveLocation = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,31}=(Cool|Cold)(@https:\/\/[^@\s]+)?$/,
    'Must be NAME=Cool or NAME=Cold@https://….',
  )
  .transform((text) => {
    const [, name = '', tier, endpoint] = /^([^=]+)=(Cool|Cold)(?:@(.+?)\/?)?$/.exec(text) ?? [];
    return { name, tier: tier === 'Cold' ? ('Cold' as const) : ('Cool' as const), blobEndpoint: endpoint };
  });

const perMinute = z.coerce.number<string>().int().min(1);

/** Every one is described in docs/configuration.md. */
const environment = z.object({
  PUBLIC_URL: url,
  ADMIN_ISSUER: z
    .string()
    .includes('{tenantid}')
    .default('https://login.microsoftonline.com/{tenantid}/v2.0'),
  ADMIN_AUDIENCE: list.pipe(z.array(z.string()).min(1)),
  ADMIN_JWKS_URL: url.default('https://login.microsoftonline.com/common/discovery/v2.0/keys'),
  ADMIN_TENANTS: list.transform((tenants) => tenants.map((tenant) => tenant.toLowerCase())),
  AZURE_TENANT_ID: z.string().optional(),
  AZURE_CLIENT_ID: z.string().optional(),
  AZURE_CLIENT_SECRET: z.string().optional(),
  AZURE_AUTHORITY_HOST: url.optional(),
  AZURE_DISABLE_INSTANCE_DISCOVERY: flag,
  COSMOS_ENDPOINT: url,
  COSMOS_DATABASE: z.string().default('session-recording'),
  STORAGE_BLOB_ENDPOINT: url,
  STORAGE_QUEUE_ENDPOINT: url,
  ARCHIVE_LOCATIONS: list
    .default(['archive=Cool'])
    .pipe(z.array(archiveLocation).min(1))
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'Names must differ.'),
  KEY_VAULT_URL: url,
  KEY_VAULT_DISABLE_CHALLENGE_VERIFICATION: flag,
  EVENT_GRID_TOPIC_ENDPOINT: z.url(),
  RETAIL_PRICES_URL: z.union([url, z.literal('')]).default('https://prices.azure.com'),
  RESOURCE_MANAGER_URL: url.default('https://management.azure.com'),
  CLOUD_CLIENT_PACKAGE_URL: url.optional(),
  CLOUD_CLIENT_PACKAGE_SHA256: z
    .string()
    .regex(/^[0-9A-Fa-f]{64}$/)
    .optional(),
  /** Front ends time out after this: Azure's closes a connection after 230 s. */
  REQUEST_DEADLINE_SECONDS: z.coerce.number<string>().min(0.1).max(200).default(20),
  /** Of each administrator, and of all of a customer together, on each instance. */
  ADMIN_REQUESTS_PER_MINUTE: perMinute.default(1_200),
  CUSTOMER_REQUESTS_PER_MINUTE: perMinute.default(6_000),
  /** Of each recording server, and of all of a customer together, on each instance. */
  SERVER_REQUESTS_PER_MINUTE: perMinute.default(1_200),
  CUSTOMER_SERVER_REQUESTS_PER_MINUTE: perMinute.default(6_000),
  SERVER_EVENTS_PER_MINUTE: perMinute.default(30_000),
  CUSTOMER_EVENTS_PER_MINUTE: perMinute.default(120_000),
  /** Of each customer, on each instance: requests at the same time, and processor time of worker threads. */
  CUSTOMER_CONCURRENT_REQUESTS: z.coerce.number<string>().int().min(1).default(8),
  CUSTOMER_MATCHING_MS_PER_MINUTE: perMinute.default(15_000),
  CUSTOMER_POLICY_MS_PER_MINUTE: perMinute.default(15_000),
  REFUSAL_DELAY_MS: z.coerce.number<string>().int().min(0).max(10_000).default(1_000),
  /** The part of each minute in which the heartbeats of all servers come. */
  HEARTBEAT_WINDOW_SECONDS: z.coerce.number<string>().int().min(1).max(60).default(15),
  SLOW_REQUEST_SECONDS: z.coerce.number<string>().positive().default(2),
  SMTP_ALLOWED_PORTS: list
    .default(['465', '587'])
    .pipe(z.array(z.coerce.number<string>().int().min(1).max(65_535))),
  SMTP_ALLOW_PRIVATE_HOSTS: flag,
  /** Set by the platform. */
  WEBSITE_SITE_NAME: z.string().optional(),
});

/** The names of all variables that the app reads. */
export const CONFIGURATION_NAMES: readonly string[] = Object.keys(environment.shape);

export type Config = Readonly<ReturnType<typeof toConfig>>;

function toConfig(env: z.infer<typeof environment>) {
  return {
    /** Public URL of the service; the base of every link in responses. */
    publicUrl: env.PUBLIC_URL,
    administrators: {
      issuerTemplate: env.ADMIN_ISSUER,
      audiences: env.ADMIN_AUDIENCE,
      jwksUrl: env.ADMIN_JWKS_URL,
      /** Customers that are accepted, or `*` for all. */
      tenants: env.ADMIN_TENANTS,
    },
    /** The identity of the app itself: a managed identity unless a client secret is given. */
    identity: {
      tenantId: env.AZURE_TENANT_ID,
      clientId: env.AZURE_CLIENT_ID,
      clientSecret: env.AZURE_CLIENT_SECRET,
      authorityHost: env.AZURE_AUTHORITY_HOST,
      disableInstanceDiscovery: env.AZURE_DISABLE_INSTANCE_DISCOVERY,
    },
    cosmos: { endpoint: env.COSMOS_ENDPOINT, database: env.COSMOS_DATABASE },
    storage: {
      blobEndpoint: env.STORAGE_BLOB_ENDPOINT,
      queueEndpoint: env.STORAGE_QUEUE_ENDPOINT,
      /** Where recordings can be archived to; without an endpoint in the same account. The first is the default. */
      archiveLocations: env.ARCHIVE_LOCATIONS,
    },
    keyVault: {
      url: env.KEY_VAULT_URL,
      disableChallengeVerification: env.KEY_VAULT_DISABLE_CHALLENGE_VERIFICATION,
    },
    eventGrid: { topicEndpoint: env.EVENT_GRID_TOPIC_ENDPOINT },
    deployment: {
      /** URL of the Azure Retail Prices API; not called when empty. */
      retailPricesUrl: env.RETAIL_PRICES_URL || undefined,
      /** URL from which new machines download the installer of the cloud client. */
      cloudClientPackageUrl: env.CLOUD_CLIENT_PACKAGE_URL,
      /** SHA-256 of that installer in hexadecimal digits; without it machines require a valid signature. */
      cloudClientPackageSha256: env.CLOUD_CLIENT_PACKAGE_SHA256?.toUpperCase(),
    },
    /** Of customers' subscriptions; their applications sign in where the app's own identity does. */
    hostConnections: { resourceManagerUrl: env.RESOURCE_MANAGER_URL },
    requests: {
      /** A request that is not completed by then gets a 503, unless its operation has its own deadline. */
      deadlineSeconds: env.REQUEST_DEADLINE_SECONDS,
      /** A request that takes longer is logged. */
      slowSeconds: env.SLOW_REQUEST_SECONDS,
      /** Requests of one administrator, on one instance; ten seconds' worth of them may come at once. */
      administratorPerMinute: env.ADMIN_REQUESTS_PER_MINUTE,
      /** The same for all administrators of a customer. */
      customerPerMinute: env.CUSTOMER_REQUESTS_PER_MINUTE,
      /** The same for each recording server, and for all of a customer. */
      serverPerMinute: env.SERVER_REQUESTS_PER_MINUTE,
      customerServersPerMinute: env.CUSTOMER_SERVER_REQUESTS_PER_MINUTE,
      /** Events of a server, and of all of a customer; a minute's worth of them may come at once. */
      serverEventsPerMinute: env.SERVER_EVENTS_PER_MINUTE,
      customerEventsPerMinute: env.CUSTOMER_EVENTS_PER_MINUTE,
      /** Requests of a customer's administrators, and of its servers, that are in work at the same time. */
      customerConcurrentRequests: env.CUSTOMER_CONCURRENT_REQUESTS,
      /** Processor time for matching the events of a customer, and for its administrators' operations on policies. */
      customerMatchingMsPerMinute: env.CUSTOMER_MATCHING_MS_PER_MINUTE,
      customerPolicyMsPerMinute: env.CUSTOMER_POLICY_MS_PER_MINUTE,
      /** Servers send their heartbeats in this part of each minute. */
      heartbeatWindowSeconds: env.HEARTBEAT_WINDOW_SECONDS,
      /** How much later a 429 is sent: who repeats requests without a pause is slowed down by it. */
      refusalDelayMs: env.REFUSAL_DELAY_MS,
    },
    /** For what operators should know of the platform: the app does the same everywhere. */
    runsInAzure: env.WEBSITE_SITE_NAME !== undefined,
    smtp: { allowedPorts: env.SMTP_ALLOWED_PORTS, allowPrivateHosts: env.SMTP_ALLOW_PRIVATE_HOSTS },
  };
}

/**
 * Reads the configuration.
 * @throws Error naming every variable that is missing or malformed.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const result = environment.safeParse(env);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The configuration is not complete:\n  ${problems.join('\n  ')}`);
  }
  return toConfig(result.data);
}
