/** A site whose recordings are archived by schedule: how it is set up, and what has become of its recordings. */
import { recordingType } from '../../../functions/recordings/recording';
import { tenantIdOf } from '../../../infra/local/azure/login/directory-ids';
import type { Stack } from '../../../infra/local/stack/stack';
import { ARCHIVE_CONTAINER } from '../../../shared/blobs/blob-containers';
import { monthKeys } from '../../../shared/months/buckets';
import { listedMonths } from '../../../shared/months/customer-months';
import type { Services } from '../../../shared/services';
import { AdministratorApi } from '../../demo/administrator';

const CUSTOMER = 'maintenance';
const ROWS_OF_A_PAGE = 1_000;
/** Enough for the settings to be saved before that minute begins. */
const LEAD_MILLISECONDS = 70_000;

export interface SeededSite {
  customerId: string;
  siteId: string;
  /** A full administrator, with a fresh token. */
  administrator(): Promise<AdministratorApi>;
  /** Has everything older than 30 days archived, from a minute to come on. */
  schedule(): Promise<void>;
  /** What is not as it must be once all recordings are archived, each once. */
  differences(ids: readonly string[]): Promise<string[]>;
}

/** Creates the site of a customer of its own. */
export async function archivedSite(stack: Stack, services: Services): Promise<SeededSite> {
  const customerId = tenantIdOf(CUSTOMER);
  // A token is not valid for as long as a run takes.
  const administrator = () => AdministratorApi.signIn(stack.url, CUSTOMER);
  const { body } = await (
    await administrator()
  ).call<{ id: string }>('POST', '/sites', { name: 'Maintenance' });
  const { id: siteId } = body;
  return {
    customerId,
    siteId,
    administrator,
    schedule: async () => {
      const time = new Date(Date.now() + LEAD_MILLISECONDS).toISOString().slice(11, 16);
      const storageMaintenance = { enabled: true, time, timeZone: 'UTC', archiveAfterDays: 30 };
      const api = await administrator();
      await api.call('PATCH', `/sites/${siteId}/settings`, { storageMaintenance }, { 'if-match': '*' });
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
