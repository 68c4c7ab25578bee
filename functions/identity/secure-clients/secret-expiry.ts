/** Warns of secure-client secrets that expire soon: once per day and secret, in the activity feed (IAM-7). */
import type { Activity } from '../../../shared/activity/activity-event';
import { reportActivity } from '../../../shared/activity/report-activity';
import { DocumentGone, DocumentStale } from '../../../shared/cosmos/errors';
import { sha256Hex } from '../../../shared/ids';
import { ensureSchedule, type ScheduleKind } from '../../../shared/schedules/run-schedules';
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import {
  type ClientSecret,
  type SecureClient,
  secureClientType,
  WATCHED_SCHEMA_VERSION,
} from '../../../shared/identity/secure-client';

const WARNING_DAYS = 30;
const DAY_MILLISECONDS = 86_400_000;
const CLIENTS_OF_A_PAGE = 100;

/** The daily check of all secure clients of a customer. */
export const secretExpiryWarnings: ScheduleKind = {
  name: 'secretExpiryWarnings',
  run: (services, { customerId }) => warnOfExpiringSecrets(services, customerId),
};

type Scheduling = Pick<Services, 'database' | 'clock'>;

/** Call before a secret gets an expiry: from then on the customer's secrets are checked daily. */
export async function watchSecretExpiry(services: Scheduling, customerId: string): Promise<void> {
  const { name: kind } = secretExpiryWarnings;
  // Customers are spread over the hour.
  const minute = Number.parseInt(sha256Hex(customerId).slice(0, 8), 16) % 60;
  const at = `06:${String(minute).padStart(2, '0')}`;
  await ensureSchedule(services, customerId, {
    id: kind,
    kind,
    recurrence: { every: 'day', at, timeZone: 'UTC' },
  });
}

/**
 * Enables the check for clients that were created before it existed: each is stored in the current schema
 * version, so that the next sweep skips it.
 */
export async function watchOlderClients(services: Scheduling, log: Log): Promise<void> {
  const older = services.database.sweep<{ customerId: string; id: string }>(
    'control',
    `SELECT c.customerId, c.id FROM c WHERE c.type = 'secure-client' AND c.schemaVersion < @watched`,
    [{ name: '@watched', value: WATCHED_SCHEMA_VERSION }],
  );
  for await (const { customerId, id } of older) {
    const clientId = id.slice(`${secureClientType.name}:`.length);
    try {
      await watchOlderClient(services, customerId, clientId);
    } catch (error) {
      log.error('secure-client.not-watched', error, { customerId, clientId });
    }
  }
}

async function watchOlderClient(services: Scheduling, customerId: string, clientId: string): Promise<void> {
  const control = services.database.control(customerId);
  const client = await control.read(secureClientType, clientId);
  if (!client) return;
  if (client.secrets.some(({ expiresAt }) => expiresAt !== undefined))
    await watchSecretExpiry(services, customerId);
  try {
    await control.replace(secureClientType, client);
  } catch (error) {
    // The concurrent change stored it in the current version.
    if (!(error instanceof DocumentStale || error instanceof DocumentGone)) throw error;
  }
}

async function warnOfExpiringSecrets(services: Scheduling, customerId: string): Promise<void> {
  const control = services.database.control(customerId);
  const now = services.clock.now();
  let after: string | undefined;
  do {
    const clients = await control.list(secureClientType, { after, limit: CLIENTS_OF_A_PAGE });
    for (const client of clients) {
      for (const secret of client.secrets) {
        const warning = warningOf(client, secret, now);
        if (warning) await reportActivity(services, customerId, warning);
      }
    }
    after = clients.length === CLIENTS_OF_A_PAGE ? clients.at(-1)?.id : undefined;
  } while (after !== undefined);
}

/** The event of the day, identical when repeated on that day; undefined when there is nothing to warn of. */
function warningOf(
  { id, name }: SecureClient,
  { id: secretId, hint, expiresAt }: ClientSecret,
  now: Date,
): Activity | undefined {
  if (expiresAt === undefined) return undefined;
  const leftMs = Date.parse(expiresAt) - now.getTime();
  if (leftMs <= 0 || leftMs > WARNING_DAYS * DAY_MILLISECONDS) return undefined;
  const days = Math.floor(leftMs / DAY_MILLISECONDS);
  const when = days === 0 ? 'within a day' : days === 1 ? 'in 1 day' : `in ${days} days`;
  return {
    at: new Date(now.toISOString().slice(0, 10)),
    key: secretId,
    kind: 'secureClient.secretExpiring',
    severity: 'warning',
    message:
      `The secret ending in ${hint} of secure client "${name}" expires ${when}, on ${expiresAt}. ` +
      'Add another secret, and give it to the recording servers that use this one.',
    details: { clientId: id, secretId, expiresAt },
  };
}
