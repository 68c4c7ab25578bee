/** What a page of a search costs among 10,000 and 1,000,000 recordings, counted in what the database does, and in time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startTestCosmos } from '../../../infra/local/cosmos/testing';
import type { Middleware } from '../../../infra/local/cosmos/message';
import type { ReadCounts } from '../../../infra/local/cosmos/store/read-counts';
import { openDatabase } from '../../../infra/local/stand-in-support/database';
import { FULL_ACCESS } from '../../../functions/recordings/access/recording-access';
import { containers } from '../../../functions/containers';
import type { RecordingFilter } from '../../../functions/recordings/search/recording-filter';
import { type Key, searchRecordings } from '../../../functions/recordings/search/search-recordings';
import { DEFAULT_STATES } from '../../../functions/recordings/search/states';
import { Database, provisionDatabase } from '../../../shared/cosmos/database';
import { customerMonthsType } from '../../../shared/months/customer-months';
import { median } from '../statistics';
import { figure, type Table } from '../table';
import { CUSTOMER, MONTHS, RARE, seedRecordings } from './seed';

const SIZES = [10_000, 1_000_000];
const ROUNDS = 15;
const PAGE = 50;
/** So few rows that the hundredth page lies in the newest month at every size. */
const ROWS_OF_HUNDREDTH = 20;
const EMPTY_MONTHS = 60;
const NOW = new Date('2026-11-30T12:00:00.000Z');
const DATABASE = 'bench';

interface Cost extends ReadCounts {
  queries: number;
  partitions: number;
}

interface Measured {
  name: string;
  rows: number;
  cost: Cost;
  milliseconds: number;
  note: string;
}

/** Throws when a page costs more at the larger size. */
export async function benchRecordings(seed: number): Promise<Table> {
  const results: Measured[][] = [];
  for (const size of SIZES) results.push(await measureSize(size, seed));
  const [small = [], large = []] = results;
  const worse = small.flatMap(({ name, cost, note }, i) => {
    // A page that time has ended costs what fits into it.
    if (note !== '') return [];
    const [one, other] = [cost, large[i]?.cost].map((costs) => JSON.stringify(costs));
    return one === other ? [] : [`${name}: ${one} and ${other}`];
  });
  if (worse.length > 0) throw new Error(`Pages cost differently among more recordings. ${worse.join('; ')}`);
  return report(small, large);
}

async function measureSize(size: number, seed: number): Promise<Measured[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'session-recording-bench-'));
  try {
    const file = path.join(folder, 'cosmos.sqlite');
    await seedFile(file, size, seed);
    return await measureFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Rows are written to a container without indexes, which are then made all at once. */
async function seedFile(file: string, size: number, seed: number): Promise<void> {
  const cosmos = await startTestCosmos({ data: file });
  const bare = containers.map((definition) => ({
    ...definition,
    indexingPolicy: {
      indexingMode: 'consistent' as const,
      includedPaths: [],
      excludedPaths: [{ path: '/*' }],
    },
  }));
  await provisionDatabase(cosmos.client, DATABASE, bare);
  await cosmos.close();
  const database = openDatabase(file, '');
  const row = database.prepare("SELECT rid FROM containers WHERE id='recordings'").get([]) as { rid: number };
  database.close();
  seedRecordings(file, `docs_${row.rid}`, size, seed);
}

async function measureFile(file: string): Promise<Measured[]> {
  const counter = new Counter();
  const cosmos = await startTestCosmos({ data: file, reads: counter.reads, middleware: counter.middleware });
  try {
    await provisionDatabase(cosmos.client, DATABASE, containers);
    const database = new Database(cosmos.client, DATABASE);
    const services = { database, clock: { now: () => NOW } };
    await database.control(CUSTOMER).create(customerMonthsType, { id: 'all', months: MONTHS });
    await openEmptyMonths(database);
    const results: Measured[] = [];
    for (const side of await sidesOver(services)) results.push(await measure(side, counter));
    return results;
  } finally {
    await cosmos.close();
  }
}

type Services = Parameters<typeof searchRecordings>[0];
type Page = Awaited<ReturnType<typeof searchRecordings>>;

interface Side {
  name: string;
  call: () => Promise<Page>;
}

const EMPTY_CUSTOMER = '22222222-2222-4222-8222-222222222222';

async function openEmptyMonths(database: Database): Promise<void> {
  const months = Array.from({ length: EMPTY_MONTHS }, (_, i) =>
    new Date(Date.UTC(2026, 10 - i)).toISOString().slice(0, 7),
  );
  await database
    .control(EMPTY_CUSTOMER)
    .create(customerMonthsType, { id: 'all', months: months.toReversed() });
}

async function sidesOver(services: Services): Promise<Side[]> {
  const page = (more: Partial<RecordingFilter>, limit = PAGE, after?: Key, customer = CUSTOMER) => {
    const filter = { access: FULL_ACCESS, restricted: false, states: DEFAULT_STATES, ...more };
    const request = {
      filter,
      sortBy: 'startedAt',
      direction: 'descending',
      limit: limit + 1,
      after,
    } as const;
    return searchRecordings(services, customer, request);
  };
  let after: Key | undefined;
  for (let turn = 1; turn < 100; turn += 1) {
    const last = (await page({}, ROWS_OF_HUNDREDTH, after)).recordings.at(ROWS_OF_HUNDREDTH - 1);
    after = last && { value: last.startedAt, id: last.id };
  }
  return [
    { name: 'first page', call: () => page({}) },
    { name: 'hundredth page', call: () => page({}, ROWS_OF_HUNDREDTH, after) },
    { name: 'one user', call: () => page({ userName: RARE.user }) },
    { name: 'word of an event', call: () => page({ words: [RARE.word] }) },
    { name: 'type of event', call: () => page({ eventType: RARE.type }) },
    { name: `${EMPTY_MONTHS} empty months`, call: () => page({}, PAGE, undefined, EMPTY_CUSTOMER) },
  ];
}

async function measure({ name, call }: Side, counter: Counter): Promise<Measured> {
  // Indexes that are made when a query first asks for them are made here.
  await call();
  const { result, cost } = await counter.during(call);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    await call();
    times.push(performance.now() - startedAt);
  }
  const { recordings, stoppedAt } = result;
  const note = stoppedAt ? `searched back to ${String(stoppedAt.value).slice(0, 10)}` : '';
  return { name, rows: recordings.length, cost, milliseconds: median(times), note };
}

/** Counts what the gateway is asked and what it reads. */
class Counter {
  readonly reads: ReadCounts = { documents: 0, indexEntries: 0 };
  private queries = 0;
  private partitions = new Set<string>();

  readonly middleware: Middleware = (request, next) => {
    const key = request.headers['x-ms-documentdb-partitionkey'];
    if (request.headers['x-ms-documentdb-isquery'] !== undefined && key !== undefined) {
      this.queries += 1;
      this.partitions.add(key);
    }
    return next(request);
  };

  async during<T>(work: () => Promise<T>): Promise<{ result: T; cost: Cost }> {
    this.queries = 0;
    this.partitions = new Set();
    Object.assign(this.reads, { documents: 0, indexEntries: 0 });
    const result = await work();
    const cost = { queries: this.queries, partitions: this.partitions.size, ...this.reads };
    return { result, cost };
  }
}

function report(small: readonly Measured[], large: readonly Measured[]): Table {
  return {
    title: 'Search of recordings',
    note:
      `A page of ${PAGE} (the hundredth: of ${ROWS_OF_HUNDREDTH}) among ${SIZES.map((size) => figure(size)).join(' and ')} recordings in ` +
      `${MONTHS.length} months; each sparse filter matches the same number at both sizes. Counted work is equal at both.`,
    columns: [
      '',
      'rows',
      'queries',
      'partitions',
      'documents',
      'index entries',
      ...SIZES.map((size) => `${figure(size)} (ms)`),
      '',
    ],
    rows: small.map(({ name, rows, cost, milliseconds, note }, i) => [
      name,
      figure(rows),
      ...[cost.queries, cost.partitions, cost.documents, cost.indexEntries].map((count) => figure(count)),
      figure(milliseconds, 1),
      figure(large[i]?.milliseconds ?? 0, 1),
      note,
    ]),
  };
}
