/** A site whose recordings are archived by schedule: how it is set up, and what has become of its recordings. */
import { recordingType } from '../../../functions/recordings/recording';
import { tenantIdOf } from '../../../infra/local/azure/login/directory-ids';
import type { Stack } from '../../../infra/local/stack/stack';
import { ARCHIVE_CONTAINER } from '../../../shared/blobs/blob-containers';
import { monthKeys } from '../../../shared/months/buckets';
import { listedMonths } from '../../../shared/months/customer-months';
import type { Services } from '../../../shared/services';

const CUSTOMER = 'maintenance';
const ROWS_OF_A_PAGE = 1_000;
/** Enough for the settings to be saved before that minute begins. */
const LEAD_MILLISECONDS = 70_000;

export interface SeededSite {
  customerId: string;
  siteId: string;
  /** Calls the API as a full administrator; the body of the answer. @throws Error for an error status */
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Has everything older than 30 days archived, from a minute to come on. */
  schedule(): Promise<void>;
  /** What is not as it must be once all recordings are archived, each once. */
  differences(ids: readonly string[]): Promise<string[]>;
}

/** Creates the site of a customer of its own. */
export async function archivedSite(stack: Stack, services: Services): Promise<SeededSite> {
  const customerId = tenantIdOf(CUSTOMER);
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const query = new URLSearchParams({ role: 'FullAdmin', customer: CUSTOMER });
    const answer = await fetch(`${stack.url}/local/token?${query.toString()}`);
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const response = await fetch(`${stack.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
        ...(method === 'PATCH' ? { 'if-match': '*' } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  const { id: siteId } = await call<{ id: string }>('POST', '/api/v1/sites', { name: 'Maintenance' });
  return {
    customerId,
    siteId,
    call,
    schedule: async () => {
      const time = new Date(Date.now() + LEAD_MILLISECONDS).toISOString().slice(11, 16);
      const storageMaintenance = { enabled: true, time, timeZone: 'UTC', archiveAfterDays: 30 };
      await call('PATCH', `/api/v1/sites/${siteId}/settings`, { storageMaintenance });
    },
    differences: (ids) => differencesOf(services, customerId, ids),
  };
}

async function differencesOf(
  services: Services,
  customerId: string,
  ids: readonly string[],
): Promise<string[]> {
  const states = await statesOf(services, customerId);
  const archive = services.archives.all[0];
  const kept = await services.blobs.namesOf('recordings', `${customerId}/`);
  const sources = new Set(kept.filter((name) => name.endsWith('.webm')));
  const copies = new Set(await archive?.store.namesOf(ARCHIVE_CONTAINER, `${customerId}/`));
  return [
    ...(states.size === ids.length ? [] : [`${states.size} recordings instead of ${ids.length}`]),
    ...ids.flatMap((id) => {
      const name = `${customerId}/${id}.webm`;
      const state = states.get(id);
      if (state === 'archived' && copies.has(name) && !sources.has(name)) return [];
      return [`${id}: ${state}, copy ${copies.has(name)}, source ${sources.has(name)}`];
    }),
  ];
}

async function statesOf(services: Services, customerId: string): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  for (const month of await listedMonths(services, customerId))
    for (const key of monthKeys(month)) {
      const partition = services.database.recordings(customerId, key);
      let after: string | undefined;
      do {
        const page = await partition.list(recordingType, { limit: ROWS_OF_A_PAGE, after });
        for (const { id, state } of page) states.set(id, state);
        after = page.length < ROWS_OF_A_PAGE ? undefined : page.at(-1)?.id;
      } while (after !== undefined);
    }
  return states;
}
