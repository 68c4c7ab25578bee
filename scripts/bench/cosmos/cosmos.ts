/** What reads of the local Cosmos DB gateway cost in a store of 100,000 documents, through the SDK. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startTestCosmos } from '../../../infra/local/cosmos/testing';
import { recordingIndexes } from '../../../functions/recordings/indexes';
import { recordingType } from '../../../functions/recordings/recording';
import { defineContainers, filterIndex, listIndex } from '../../../shared/cosmos/containers';
import { Database, provisionDatabase } from '../../../shared/cosmos/database';
import type { ListOptions } from '../../../shared/cosmos/partition';
import { median, quantile, summarise } from '../statistics';
import { figure, ratio, type Table, withSpread } from '../table';
import { CUSTOMER, type LoadedRecordings, loadRecordings, MONTHS } from './recordings';

const ROUNDS = 9;
const CALLS_PER_ROUND = 10;
const DATABASE = 'bench';
const PAGE = 50;
/** Those of the app, and what a search by permission and a sweep of recordings need besides. */
const MEASURED_INDEXES = [
  ...recordingIndexes,
  listIndex('recordings', 'sessionId', 'scopeKeys/[]'),
  filterIndex('recordings', 'dueAt'),
];

interface Side {
  readonly name: string;
  /** One call; resolves with the number of documents or rows that came. */
  readonly call: (turn: number) => Promise<number>;
}

/** Every side is asked in turn, round by round; client and gateway share a thread, and the store is a file. */
export async function benchCosmos(seed: number): Promise<Table> {
  const folder = await mkdtemp(path.join(tmpdir(), 'session-recording-bench-'));
  const cosmos = await startTestCosmos({ data: path.join(folder, 'cosmos.sqlite') });
  try {
    await provisionDatabase(cosmos.client, DATABASE, defineContainers(MEASURED_INDEXES));
    const container = cosmos.client.database(DATABASE).container('recordings');
    const loaded = await loadRecordings(container, seed);
    const sides = sidesOver(new Database(cosmos.client, DATABASE), loaded);
    return report(await measure(sides));
  } finally {
    await cosmos.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function sidesOver(database: Database, { ids, sites, rareUser }: LoadedRecordings): Side[] {
  const [[month, size] = ['', 0]] = MONTHS;
  const partition = database.recordings(CUSTOMER, month);
  const idAt = (share: number) => ids[Math.floor(share * (ids.length - 1))] ?? '';
  const list = (where?: string, parameters?: ListOptions['parameters'], after?: string) => async () => {
    const options = { order: 'descending', limit: PAGE, after } as const;
    const condition = where === undefined ? {} : { where, ...(parameters && { parameters }) };
    return (await partition.list(recordingType, { ...options, ...condition })).length;
  };
  const rows = (query: string, name: string, value: string) => async () =>
    (await partition.query(query, [{ name, value }])).length;
  return [
    {
      name: 'point read',
      call: async (turn) => ((await partition.read(recordingType, ids[(turn * 7919) % size] ?? '')) ? 1 : 0),
    },
    { name: 'newest 50 of a month', call: list() },
    { name: '50 in the middle of a month', call: list(undefined, undefined, idAt(0.5)) },
    {
      name: '50 of a site, complete',
      call: list(`c.state IN ('complete') AND c.siteId = @site`, { site: sites[0] ?? '' }),
    },
    {
      name: '50 of users by prefix',
      call: list('(STARTSWITH(c.userKey, @user) OR STARTSWITH(c.accountKey, @user))', { user: 'user42' }),
    },
    {
      name: 'all of a rare user',
      call: list('(STARTSWITH(c.userKey, @user) OR STARTSWITH(c.accountKey, @user))', { user: rareUser }),
    },
    { name: 'all of a session', call: list('c.sessionId = @session', { session: idAt(0.1).slice(0, 36) }) },
    {
      name: '50 of an hour',
      call: list('c.startedAt >= @from AND c.startedAt < @to', {
        from: `${month}-03T10:00:00.000Z`,
        to: `${month}-03T11:00:00.000Z`,
      }),
    },
    { name: '50 that a group may see', call: list('ARRAY_CONTAINS(c.scopeKeys, @key)', { key: 'g:group7' }) },
    {
      name: 'all that one user may see',
      call: list('ARRAY_CONTAINS(c.scopeKeys, @key)', { key: 'u:user0007' }),
    },
    {
      name: '50 that a group may see, EXISTS',
      call: list('EXISTS(SELECT VALUE k FROM k IN c.scopeKeys WHERE k = @key)', { key: 'g:group7' }),
    },
    {
      name: '50 by text within, case ignored',
      call: list('CONTAINS(c.userKey, @text, true)', { text: 'USER42' }),
    },
    {
      name: 'count of a month',
      call: rows('SELECT VALUE COUNT(1) FROM c WHERE c.state = @state', '@state', 'damaged'),
    },
    {
      name: 'sweep over all partitions',
      call: async () => {
        const query = 'SELECT c.id FROM c WHERE c.dueAt <= @now';
        const parameters = [{ name: '@now', value: '2026-07-20T00:00:00.000Z' }];
        let found = 0;
        for await (const _row of database.sweep('recordings', query, parameters)) found++;
        return found;
      },
    },
  ];
}

interface Result {
  readonly side: Side;
  readonly documents: number;
  readonly milliseconds: number[];
}

async function measure(sides: readonly Side[]): Promise<Result[]> {
  // Indexes that are made when a query first asks for them are made here.
  const results = await inTurn(sides, async (side) => ({
    side,
    documents: await side.call(0),
    milliseconds: [] as number[],
  }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { side, milliseconds } of results) {
      for (let call = 0; call < CALLS_PER_ROUND; call++) {
        const startedAt = performance.now();
        await side.call(round * CALLS_PER_ROUND + call);
        milliseconds.push(performance.now() - startedAt);
      }
    }
  }
  return results;
}

async function inTurn<Item, Out>(items: readonly Item[], work: (item: Item) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

function report(results: readonly Result[]): Table {
  const base = median(results[0]?.milliseconds ?? []);
  return {
    title: 'Local Cosmos DB gateway',
    note: `${figure(MONTHS.reduce((sum, [, count]) => sum + count, 0))} recordings of one customer, ${figure(MONTHS[0]?.[1] ?? 0)} in the month asked for; ${ROUNDS} rounds of ${CALLS_PER_ROUND} calls in turn, through the SDK in process.`,
    columns: ['', 'documents', 'p50 (ms)', 'p95 (ms)', 'ratio to a point read'],
    rows: results.map(({ side, documents, milliseconds }) => [
      side.name,
      figure(documents),
      withSpread(summarise(milliseconds), 2),
      figure(quantile(milliseconds, 0.95), 2),
      ratio(median(milliseconds), base),
    ]),
  };
}
