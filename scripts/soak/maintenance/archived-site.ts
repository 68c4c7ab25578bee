/** A site whose recordings are archived by schedule: how it is set up, and what has become of its recordings. */
import { BlobServiceClient } from '@azure/storage-blob';
import { recordingType } from '../../../functions/recordings/recording';
import { tenantIdOf } from '../../../infra/local/azure/login/directory-ids';
import type { Stack } from '../../../infra/local/stack/stack';
import { ARCHIVE_CONTAINER, type BlobContainer } from '../../../shared/blobs/blob-containers';
import { appCredential } from '../../../shared/credential';
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
  const sources = await filesIn('recordings', services, customerId);
  const copies = await filesIn(ARCHIVE_CONTAINER, services, customerId);
  const counted = (what: string, { size }: { size: number }, expected: number): string[] =>
    size === expected ? [] : [`${size} ${what} instead of ${expected}`];
  return [
    ...counted('recordings', states, ids.length),
    ...counted('copies', copies, ids.length),
    ...counted('sources', sources, 0),
    ...ids.flatMap((id) => {
      const name = `${customerId}/${id}.webm`;
      const state = states.get(id);
      if (state === 'archived' && copies.has(name) && !sources.has(name)) return [];
      return [`${id}: ${state}, copy ${copies.has(name)}, source ${sources.has(name)}`];
    }),
  ];
}

/** The names of all media files of the customer. */
async function filesIn(
  container: BlobContainer,
  { config }: Pick<Services, 'config'>,
  customerId: string,
): Promise<Set<string>> {
  const blobs = new BlobServiceClient(config.storage.blobEndpoint, appCredential(config)).getContainerClient(
    container,
  );
  const names = new Set<string>();
  for await (const { name } of blobs.listBlobsFlat({ prefix: `${customerId}/` }))
    if (name.endsWith('.webm')) names.add(name);
  return names;
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
