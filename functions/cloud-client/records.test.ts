/** Performance samples, and what local administrators did: stored once, by the server they belong to. */
import { gunzipSync } from 'node:zlib';
import { auditLog } from '../../tests/support/logs';
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { FABRIKAM } from '../../tests/support/test-issuer';
import { newId } from '../../shared/ids';

let test: RecordingServerTest;
let serverId: string;

beforeAll(async () => {
  test = await startRecordingServerTest();
});
beforeEach(async () => {
  test.newCustomer();
  serverId = await test.register();
});
afterAll(() => test.close());

const sample = (seconds: number) => ({ time: test.time(seconds), cpuPercent: 12.5, memoryPercent: 40 });

interface StoredBatch {
  type: string;
  ttl?: number;
  sampleCount: number;
  packed: string;
}

async function storedBatches(container: string): Promise<StoredBatch[]> {
  const documents = (await test.storedOf(container)).map((text) => JSON.parse(text) as StoredBatch);
  return documents.filter(({ type }) => type.endsWith('-samples'));
}

it('CCL-5: samples of a server are stored once, packed, for 90 days', async () => {
  const body = { batchId: newId(), serverId, samples: [sample(-10), sample(-5)] };
  for (let repetition = 0; repetition < 3; repetition++)
    expect((await test.send('sendPerformanceSamples', { body })).status).toBe(204);
  const [batch, ...others] = await storedBatches('telemetry');
  expect(others).toEqual([]);
  expect(batch).toMatchObject({ type: 'server-samples', ttl: 90 * 86_400, sampleCount: 2 });
  const unpacked: unknown = JSON.parse(gunzipSync(Buffer.from(batch?.packed ?? '', 'base64')).toString());
  expect(unpacked).toEqual(body.samples);
});

it('CCL-5: samples of a session are stored with the session, and their times are corrected', async () => {
  // The server's clock is ten minutes ahead, which registration and heartbeat have shown.
  const ahead = await test.register({ machineId: 'ahead', clientTime: test.time(600) });
  const sessionId = await test.startSession(ahead, { startedAt: test.time(600) });
  const body = { batchId: newId(), serverId: ahead, sessionId, samples: [sample(590)] };
  expect((await test.send('sendPerformanceSamples', { body })).status).toBe(204);
  const [batch] = await storedBatches('session-data');
  expect(batch).toMatchObject({ type: 'session-samples', at: test.time(-10) });
  expect(await storedBatches('telemetry')).toEqual([]);
});

it('CCL-5: samples for a server or session of others, without samples, or of a session elsewhere are refused', async () => {
  const sessionId = await test.startSession(serverId);
  const other = await test.register({ machineId: 'other' });
  const samples = [sample(0)];
  const statuses = await Promise.all([
    test.send('sendPerformanceSamples', { body: { batchId: newId(), serverId: newId(), samples } }),
    test.send('sendPerformanceSamples', { body: { batchId: newId(), serverId, samples } }, FABRIKAM),
    test.send('sendPerformanceSamples', { body: { batchId: newId(), serverId: other, sessionId, samples } }),
    test.send('sendPerformanceSamples', { body: { batchId: newId(), serverId, samples: [] } }),
    test.send('sendPerformanceSamples', {
      body: { batchId: newId(), serverId, samples: [{ ...sample(0), cpuPercent: 101 }] },
    }),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([404, 404, 404, 400, 400]);
});

describe('what local administrators did', () => {
  const record = (more: object = {}) => ({
    id: newId(),
    time: test.time(-60),
    action: 'server.changeRollOver',
    by: 'CONTOSO\\ada',
    old: '50',
    new: '100',
    ...more,
  });
  const send = (records: object[], customerId?: string) =>
    test.send('sendLocalChanges', { params: { serverId }, body: { records } }, customerId);

  it('LOG-1: becomes an entry of the administrator log, once', async () => {
    const records = [record(), record({ authorised: false })];
    for (let repetition = 0; repetition < 2; repetition++) expect((await send(records)).status).toBe(204);
    const entries = (await auditLog(test.services, test.customerId)).filter(
      ({ action }) => action === 'server.changeRollOver',
    );
    expect(entries).toHaveLength(2);
    expect(entries).toContainEqual(
      expect.objectContaining({
        at: test.time(-60),
        category: 'configuration',
        by: { id: 'CONTOSO\\ada', name: 'CONTOSO\\ada', kind: 'localAdministrator' },
        serverId,
        outcome: 'succeeded',
        old: '50',
        new: '100',
      }),
    );
    expect(entries.map(({ outcome }) => outcome).toSorted()).toEqual(['failed', 'succeeded']);
  });

  it('LOG-1: is refused for the server of another customer, and when it is older than a year', async () => {
    expect((await send([record()], FABRIKAM)).status).toBe(404);
    expect((await send([record({ time: test.time(-400 * 86_400) })])).status).toBe(400);
  });
});
