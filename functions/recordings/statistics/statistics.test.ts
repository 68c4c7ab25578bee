/** Statistics of a recording, through the API. */
import fc from 'fast-check';
import { newSessionId, recordingId } from '../../../shared/ids';
import { openMonth } from '../../../shared/months/customer-months';
import { call } from '../../../tests/support/call';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import type { SessionEvent } from '../../policies/engine';
import { sessionPartition } from '../../sessions';
import { keepEventBatch } from '../../sessions/event-batch';
import { commandSearchOperations } from '../command-searches/operations';
import { recordingType } from '../recording';
import { eventAt } from '../testing/events';
import { statisticsOperations } from './operations';

const START = Date.UTC(2030, 0, 15, 12);
const at = (seconds: number) => START + seconds * 1000;
const time = (seconds: number) => new Date(at(seconds)).toISOString();

let test: TestServices;
let sessionId: string;

beforeEach(async () => {
  test = await startTestServices();
  sessionId = newSessionId(new Date(START));
  await openMonth(test.services, CONTOSO, '2030-01');
  const partition = await sessionPartition(test.services, CONTOSO, sessionId);
  const common = {
    sessionId,
    siteId: 'site',
    serverId: 'server',
    container: 'mp4',
    state: 'complete',
  } as const;
  const user = { userName: 'CONTOSO\\ada', userKey: 'contoso\\ada', accountKey: 'ada' };
  const parts = [
    [0, 100],
    [100, 200],
  ] as const;
  for (const [index, [from, to]] of parts.entries())
    await partition.create(recordingType, {
      ...common,
      ...user,
      id: recordingId(sessionId, index + 1),
      part: index + 1,
      startedAt: time(from),
      endedAt: time(to),
    });
});
afterEach(() => test.close());

async function receive(...events: SessionEvent[]): Promise<void> {
  const batch = { id: events[0]?.id ?? '', receivedAt: time(0), policyVersion: null, events };
  await keepEventBatch(test.services, CONTOSO, sessionId, batch);
}

async function show(operationId: string, part: number, query = '') {
  const operation = statisticsOperations.find(({ id }) => id === operationId);
  if (!operation) throw new Error(`There is no operation ${operationId}`);
  const params = { recordingId: recordingId(sessionId, part) };
  const answer = await call(test.services, operation, { token: await test.issuer.token(), params, query });
  return answer.body;
}

it('RCD-6: the window that was in focus when a part began is known from the part before', async () => {
  await receive(
    eventAt(at(10), 'topMost', { appName: 'excel.exe' }),
    eventAt(at(150), 'topMost', { appName: 'cmd.exe' }),
  );
  expect(await show('getScreenTime', 1)).toMatchObject({ unknownSeconds: 10, durationSeconds: 100 });
  expect(await show('getScreenTime', 2)).toMatchObject({
    unknownSeconds: 0,
    applications: [
      { appName: 'cmd.exe', totalSeconds: 50, intervals: [{ positionSeconds: 50, durationSeconds: 50 }] },
      { appName: 'excel.exe', totalSeconds: 50, intervals: [{ positionSeconds: 0, startedAt: time(100) }] },
    ],
  });
});

it('RCD-6: screen time is limited to applications in focus for a range of time', async () => {
  await receive(
    eventAt(at(0), 'topMost', { appName: 'excel.exe' }),
    eventAt(at(60), 'topMost', { appName: 'cmd.exe' }),
  );
  const names = async (query: string) =>
    ((await show('getScreenTime', 1, query))['applications'] as { appName: string }[]).map(
      ({ appName }) => appName,
    );
  expect(await names('?durationFromSeconds=50')).toEqual(['excel.exe']);
  expect(await names('?durationToSeconds=40')).toEqual(['cmd.exe']);
  expect(await show('getScreenTime', 1, '?durationFromSeconds=2&durationToSeconds=1')).toMatchObject({
    status: 400,
  });
});

it('RCD-6: commands are listed in pages and searched by texts and saved searches, combined with OR', async () => {
  const command = (seconds: number, appName: string, data: object) =>
    eventAt(at(seconds), 'appStart', { appName, ...data });
  await receive(
    command(1, 'cmd.exe', { commandLine: 'cmd', processId: 5 }),
    command(2, 'net.exe', { commandLine: 'net user eve', processId: 6, parentProcessId: 5 }),
    command(3, 'whoami.exe', { commandLine: 'whoami /all', processId: 7, parentProcessId: 5 }),
    command(4, 'excel.exe', { commandLine: 'excel net user', processId: 8, parentProcessId: 1 }),
    command(120, 'tar.exe', { commandLine: 'tar -cf x', processId: 9, parentProcessId: 5 }),
  );
  const linesOf = (body: Record<string, unknown>) =>
    (body['value'] as { commandLine: string }[]).map(({ commandLine }) => commandLine);
  const first = await show('listCommands', 1, '?top=2');
  expect(linesOf(first)).toEqual(['cmd', 'net user eve']);
  const next = new URL(String(first['nextLink'])).search;
  expect(linesOf(await show('listCommands', 1, next))).toEqual(['whoami /all']);
  expect(linesOf(await show('listCommands', 2))).toEqual(['tar -cf x']);

  const [save] = commandSearchOperations.filter(({ id }) => id === 'createCommandSearch');
  if (!save) throw new Error('Searches cannot be saved.');
  const token = await test.issuer.token();
  const { body } = await call(test.services, save, {
    token,
    body: { name: 'Accounts', terms: ['NET USER'] },
  });
  const query = `?search=whoami%0A%0Atar&commandSearchId=${String(body['id'])}`;
  expect(linesOf(await show('listCommands', 1, query))).toEqual(['net user eve', 'whoami /all']);
  expect(
    await show('listCommands', 1, '?commandSearchId=0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55'),
  ).toMatchObject({
    status: 400,
    errors: [{ parameter: 'commandSearchId' }],
  });
});

it('RCD-6: whatever the parameters are, they are answered or refused', async () => {
  await receive(
    eventAt(at(0), 'topMost', { appName: 'excel.exe' }),
    eventAt(at(60), 'fileTransfer', { fileSource: 'host' }),
    eventAt(at(61), 'appStart', { appName: 'cmd.exe' }),
  );
  const names = statisticsOperations.flatMap(({ query }) => Object.keys(query?.shape ?? {}));
  const values = fc.oneof(
    fc.constantFrom('0', '1', '-1', '1e9', '60', 'hour', 'all', 'UTC', 'Europe/Paris', 'true', ''),
    fc.string({ unit: 'binary' }),
    fc.uuid(),
  );
  const parameters = fc.array(fc.tuple(fc.constantFrom(...names), values), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...statisticsOperations), parameters, async ({ id }, pairs) => {
      const body = await show(id, 1, `?${new URLSearchParams(pairs).toString()}`);
      expect(body['status'] ?? 200).toBeLessThan(500);
    }),
    { numRuns: 300 },
  );
});

it('RCD-6: file transfers and events are those within the recording', async () => {
  const transfer = (seconds: number, fileSource: string, fileSizeBytes: number) =>
    eventAt(at(seconds), 'fileTransfer', { fileSource, fileSizeBytes });
  await receive(transfer(5, 'host', 10), transfer(65, 'client', 20), transfer(150, 'host', 30));
  expect(await show('getFileTransfers', 1, '?interval=hour&direction=hostToClient')).toEqual({
    total: { hostToClient: { files: 1, sizeBytes: 10 }, clientToHost: { files: 0, sizeBytes: 0 } },
    unknownDirectionFiles: 0,
    buckets: [
      {
        startedAt: time(0),
        hostToClient: { files: 1, sizeBytes: 10 },
        clientToHost: { files: 0, sizeBytes: 0 },
      },
    ],
  });
  expect(await show('getFileTransfers', 1)).toMatchObject({
    buckets: [{ startedAt: time(0) }, { startedAt: time(60) }],
  });
  expect(await show('getEventStatistics', 2)).toEqual({
    total: 1,
    types: [{ type: 'fileTransfer', label: 'File transfer', count: 1, share: 1 }],
  });
});
