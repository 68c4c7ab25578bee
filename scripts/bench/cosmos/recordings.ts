/** Recordings such as a large customer has, loaded through the SDK: what the gateway is measured with. */
import type { Container, OperationInput } from '@azure/cosmos';
import { v7 } from 'uuid';
import { type Recording, recordingType } from '../../../functions/recordings/recording';
import { toWire } from '../../../shared/cosmos/document-type';
import { recordingId } from '../../../shared/ids';
import { Random } from '../../../infra/local/stand-in-support/random';

export const CUSTOMER = 'contoso';
/** Months and the number of recordings in each, the newest first. */
export const MONTHS: readonly (readonly [string, number])[] = [
  ['2026-11', 60_000],
  ['2026-10', 10_000],
  ['2026-09', 10_000],
  ['2026-08', 10_000],
  ['2026-07', 10_000],
];

const SITES = 20;
const SERVERS = 200;
const USERS = 5_000;
const GROUPS = 300;
const MONTH_MILLISECONDS = 28 * 86_400_000;
/** The service's limit for one batch. */
const BATCH = 100;

/** One in this many is waiting: what sweeps look for. */
const SHARE_DUE = 0.002;

export interface LoadedRecordings {
  /** Ids of the largest month, in order. */
  readonly ids: readonly string[];
  readonly sites: readonly string[];
  /** The user with the fewest recordings. */
  readonly rareUser: string;
}

/** What the recordings of today carry, and what a search by permission and a sweep need besides. */
type Stored = Recording & { scopeKeys: string[]; dueAt?: string };

export async function loadRecordings(container: Container, seed: number): Promise<LoadedRecordings> {
  const random = new Random(seed);
  const names = {
    sites: Array.from({ length: SITES }, () => random.uuid()),
    servers: Array.from({ length: SERVERS }, () => random.uuid()),
  };
  const ids: string[] = [];
  const recordingsOfUser = new Map<string, number>();
  for (const [month, count] of MONTHS) {
    const start = Date.parse(`${month}-01T00:00:00Z`);
    for (let first = 0; first < count; first += BATCH) {
      const recordings = Array.from({ length: BATCH }, (_, i) =>
        recording(random, names, new Date(start + Math.floor((MONTH_MILLISECONDS * (first + i)) / count))),
      );
      await commit(container, month, recordings);
      if (month !== MONTHS[0]?.[0]) continue;
      for (const { id, userKey } of recordings) {
        ids.push(id);
        recordingsOfUser.set(userKey, (recordingsOfUser.get(userKey) ?? 0) + 1);
      }
    }
  }
  const [rarest] = [...recordingsOfUser].sort(([, a], [, b]) => a - b);
  return { ids: ids.sort(), sites: names.sites, rareUser: rarest?.[0] ?? '' };
}

async function commit(container: Container, month: string, recordings: readonly Stored[]): Promise<void> {
  const operations = recordings.map((body): OperationInput => ({
    operationType: 'Create',
    resourceBody: toWire(recordingType, body, { customerId: CUSTOMER, month }) as never,
  }));
  const { code } = await container.items.batch(operations, [CUSTOMER, month]);
  if (code !== 200) throw new Error(`A batch of recordings was answered with ${code}`);
}

function recording(random: Random, names: { sites: string[]; servers: string[] }, start: Date): Stored {
  const sessionId = v7({
    msecs: start.getTime(),
    random: Uint8Array.from({ length: 16 }, () => random.below(256)),
  });
  const account = `user${String(random.below(USERS)).padStart(4, '0')}`;
  const site = random.below(SITES);
  const group = () => `g:group${random.below(GROUPS)}`;
  return {
    id: recordingId(sessionId, 1),
    sessionId,
    part: 1,
    siteId: names.sites[site] ?? '',
    serverId: random.pick(names.servers),
    container: 'webm',
    state: random.chance(0.97) ? 'complete' : 'damaged',
    userName: `CONTOSO\\${account}`,
    userKey: `contoso\\${account}`,
    accountKey: account,
    application: random.pick(['SAP GUI', 'Outlook', 'Remote Desktop', 'Putty']),
    deliveryGroup: `Group ${random.below(30)}`,
    machine: `VDA-${random.below(2_000)}`,
    clientName: `PC-${random.below(5_000)}`,
    clientAddress: `10.1.${random.below(256)}.${random.below(256)}`,
    startedAt: start.toISOString(),
    endedAt: new Date(start.getTime() + random.below(14_400_000)).toISOString(),
    sizeBytes: random.below(200_000_000),
    verifiedAt: start.toISOString(),
    manifestHash: random.uuid(),
    scopeKeys: [`u:${account}`, group(), group(), `m:VDA-${random.below(2_000)}`],
    ...(random.chance(SHARE_DUE) ? { dueAt: start.toISOString() } : {}),
  };
}
