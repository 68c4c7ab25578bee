/** One very large customer in the gateway, written as the service writes, and what its logical partitions hold. */
import { containers } from '../../../functions/containers';
import { countServers } from '../../../functions/servers';
import { statusChanges } from '../../../functions/servers/change-status';
import { type Server, serverType } from '../../../functions/servers/server';
import { type EventResponse, eventResponseType } from '../../../functions/responses/event-response';
import { startTestCosmos } from '../../../infra/local/cosmos/testing';
import { type AuditEntry, auditEntryType } from '../../../shared/audit/audit-entry';
import type { Clock } from '../../../shared/clock';
import { Database, provisionDatabase } from '../../../shared/cosmos/database';
import { type Change, change, type Partition } from '../../../shared/cosmos/partition';
import { derivedId, newSessionId, timedId } from '../../../shared/ids';
import { moveLogEntries } from '../../../shared/log/move-log-entries';
import { monthKey, monthKeys, type Month } from '../../../shared/months/buckets';
import { openMonth, sessionMonthKey } from '../../../shared/months/customer-months';
import { prepareMonths } from '../../../shared/months/prepare-months';
import { lineLog } from '../../../shared/telemetry/telemetry';

export interface Numbers {
  /** Entries of the administrator log in one month. */
  logEntries: number;
  /** Servers, each of which changes its status once. */
  servers: number;
  /** Responses to events at one site in one month. */
  responses: number;
}

/** What one container holds of the customer. */
export interface Contents {
  container: string;
  buckets: number;
  documents: number;
  /** Of the partition with the most documents. */
  mostDocuments: number;
  mostBytes: number;
  /** What one partition would hold without buckets and without the container `log`. */
  documentsWithout: number;
}

const CUSTOMER = 'contoso';
const SERVERS_PER_SITE = 250;
const BUSY_SITE = derivedId('site', '0');
const BATCH = 100;
/** Documents whose size stands for that of a partition's. */
const SAMPLE = 50;

interface Loading {
  database: Database;
  clock: Clock & { set(time: string): void };
  month: Month;
}

/** Writes a customer of this size and reads what its partitions hold. @throws Error when something was lost */
export async function loadCustomer(numbers: Numbers): Promise<Contents[]> {
  let time = new Date('2030-01-26T00:00:00.000Z');
  const clock = {
    now: () => time,
    set: (text: string) => {
      time = new Date(text);
    },
  };
  const cosmos = await startTestCosmos();
  try {
    await provisionDatabase(cosmos.client, 'scale', containers);
    const database = new Database(cosmos.client, 'scale');
    await openMonth({ database }, CUSTOMER, '2030-01');
    await createServers(database, numbers.servers);
    await prepareMonths({ database, clock }, stopOnErrors, countServers);
    clock.set('2030-02-03T00:00:00.000Z');
    const loading = { database, clock, month: await openMonth({ database }, CUSTOMER, '2030-02') };
    await changeStatuses(loading);
    await writeLog(loading, numbers.logEntries);
    await writeResponses(loading, numbers.responses);
    await moveAll(loading, numbers.servers);
    return await contentsOf(loading, numbers);
  } finally {
    await cosmos.close();
  }
}

async function createServers(database: Database, count: number): Promise<void> {
  const control = database.control(CUSTOMER);
  const servers = Array.from({ length: count }, (_, index) => change.create(serverType, server(index)));
  await commitAll(control, servers);
}

function server(index: number): Server {
  const then = '2030-01-20T00:00:00.000Z';
  return {
    id: derivedId('server', String(index)),
    machineId: derivedId('machine', String(index)),
    siteId: derivedId('site', String(Math.floor(index / SERVERS_PER_SITE))),
    hostName: `REC${index}`,
    description: '',
    operatingSystem: 'Windows Server 2022',
    timeZone: 'Europe/Paris',
    serverVersion: '24.2.0.100',
    clientVersion: '7.42.15010.4',
    database: { instance: `SQL${index % 100}\\RECORDING`, name: 'CitrixSessionRecording' },
    status: 'available',
    statusSince: then,
    registeredAt: then,
    lastSeenAt: then,
  };
}

/** All servers are silent at once. */
async function changeStatuses({ database, clock }: Loading): Promise<void> {
  const control = database.control(CUSTOMER);
  for (let after: string | undefined, more = true; more;) {
    const servers = await control.list(serverType, { after, limit: BATCH / 2 });
    after = servers.at(-1)?.id;
    more = servers.length === BATCH / 2;
    const silent = { event: 'silent' as const, lastSeenAt: clock.now().toISOString() };
    const changes = servers.flatMap((one) => statusChanges(one, silent, clock.now(), stopOnErrors));
    if (changes.length > 0) await control.commit(changes);
  }
}

async function writeLog({ database, month }: Loading, count: number): Promise<void> {
  const perKey = new Map<string, Change[]>();
  for (let index = 0; index < count; index += 1) {
    const entry = auditEntry(index);
    await add(perKey, monthKey(month, entry.id), change.create(auditEntryType, entry), (key) =>
      database.log(CUSTOMER, key),
    );
  }
  for (const [key, changes] of perKey) await commitAll(database.log(CUSTOMER, key), changes);
}

function auditEntry(index: number): AuditEntry {
  const at = new Date(Date.UTC(2030, 1, 1) + index * 100);
  return {
    id: timedId(at, String(index)),
    at: at.toISOString(),
    category: 'playback',
    action: 'recording.play',
    by: { id: derivedId('administrator', String(index % 50)), name: 'Ada Lovelace', kind: 'fullAdmin' },
    address: '192.0.2.1',
    authorised: index % 10 !== 0,
    outcome: index % 10 === 0 ? 'failed' : 'succeeded',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    target: { type: 'recording', id: derivedId('recording', String(index)), name: 'CONTOSO\\grace' },
  };
}

async function writeResponses({ database }: Loading, count: number): Promise<void> {
  const perKey = new Map<string, Change[]>();
  for (let index = 0; index < count; index += 1) {
    const response = responseTo(index);
    const key = await sessionMonthKey({ database }, CUSTOMER, response.sessionId);
    await add(perKey, key, change.create(eventResponseType, response), (bucket) =>
      database.responses(CUSTOMER, BUSY_SITE, bucket),
    );
  }
  for (const [key, changes] of perKey) await commitAll(database.responses(CUSTOMER, BUSY_SITE, key), changes);
}

function responseTo(index: number): EventResponse {
  const startedAt = new Date(Date.UTC(2030, 1, 1) + index * 700);
  const actions = (['startScreenRecording', 'sendEmail', 'lockSession'] as const).map((kind) => ({
    kind,
    state: 'done' as const,
    attempts: 1,
    finishedAt: startedAt.toISOString(),
    commandId: derivedId(kind, String(index)),
  }));
  return {
    id: derivedId('event', String(index)),
    siteId: BUSY_SITE,
    sessionId: newSessionId(startedAt),
    serverId: derivedId('server', String(index % SERVERS_PER_SITE)),
    eventType: 'appStart',
    eventTime: startedAt.toISOString(),
    at: startedAt.toISOString(),
    policyId: derivedId('policy'),
    policyVersion: 3,
    ruleId: derivedId('rule'),
    ruleName: 'Registry editors',
    triggers: [{ position: 0, description: 'A registry editor was started', actions: ['sendEmail'] }],
    recipients: ['soc@contoso.example'],
    recordingOptions: { minutesAfter: 5, secondsBefore: 10, lossy: false },
    operationDelaySeconds: 0,
    actions,
    searchedBy: ['startScreenRecording', 'sendEmail', 'lockSession', 'done'],
  };
}

/** Runs the mover until nothing waits. */
async function moveAll({ database, clock }: Loading, entries: number): Promise<void> {
  clock.set('2030-02-03T00:05:00.000Z');
  for (let run = 0; run <= entries / 1_000 + 1; run += 1) {
    await moveLogEntries({ database, clock }, stopOnErrors);
    const [waiting] = await database
      .control(CUSTOMER)
      .query<number>(`SELECT VALUE COUNT(1) FROM c WHERE c.type IN ('audit', 'feed-event')`);
    if (waiting === 0) return;
  }
  throw new Error('log entries still wait in control');
}

async function contentsOf({ database, month }: Loading, numbers: Numbers): Promise<Contents[]> {
  const { logEntries, servers, responses } = numbers;
  const keys = monthKeys(month);
  const control = await measure('control', [database.control(CUSTOMER)], servers * 2 + logEntries);
  const log = await measure(
    'log',
    keys.map((key) => database.log(CUSTOMER, key)),
    logEntries + servers,
  );
  const ofSite = await measure(
    'responses',
    keys.map((key) => database.responses(CUSTOMER, BUSY_SITE, key)),
    responses,
  );
  for (const { container, documents, documentsWithout } of [log, ofSite])
    if (documents !== documentsWithout)
      throw new Error(`${container} holds ${documents} documents of ${documentsWithout}`);
  return [control, log, ofSite];
}

async function measure(
  container: string,
  partitions: readonly Partition[],
  documentsWithout: number,
): Promise<Contents> {
  const contents = { container, buckets: partitions.length, documentsWithout };
  let [documents, mostDocuments, mostBytes] = [0, 0, 0];
  for (const partition of partitions) {
    const [count = 0] = await partition.query<number>('SELECT VALUE COUNT(1) FROM c');
    const sample = await partition.query<unknown>(`SELECT TOP ${SAMPLE} * FROM c`);
    const bytes = sample.reduce<number>((sum, one) => sum + JSON.stringify(one).length, 0);
    documents += count;
    mostDocuments = Math.max(mostDocuments, count);
    mostBytes = Math.max(mostBytes, Math.ceil((bytes / Math.max(1, sample.length)) * count));
  }
  return { ...contents, documents, mostDocuments, mostBytes };
}

/** Collects writes of a partition and commits them when they are as many as a transaction takes. */
async function add(
  perKey: Map<string, Change[]>,
  key: string,
  write: Change,
  partitionOf: (key: string) => Partition,
): Promise<void> {
  const known = perKey.get(key) ?? [];
  perKey.set(key, known);
  known.push(write);
  if (known.length === BATCH) await partitionOf(key).commit(known.splice(0));
}

async function commitAll(partition: Partition, changes: readonly Change[]): Promise<void> {
  for (let start = 0; start < changes.length; start += BATCH)
    await partition.commit(changes.slice(start, start + BATCH));
}

const stopOnErrors = lineLog((line) => {
  throw new Error(line);
});
