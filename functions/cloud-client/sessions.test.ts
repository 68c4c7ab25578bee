/** Sessions and their events: every request repeated as recording servers repeat them. */
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  ADA_AT_WORK,
  type RecordingServerTest,
  startRecordingServerTest,
} from '../../tests/support/recording-server';
import { FABRIKAM } from '../../tests/support/test-issuer';
import { change } from '../../shared/cosmos/partition';
import { newId } from '../../shared/ids';
import { sessionType } from '../sessions/session';
import { serverType } from '../servers/server';

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

const start = (more: Record<string, unknown> = {}) =>
  test.send('startSession', {
    body: { serverId, sessionKey: 'logon 1', startedAt: test.time(), facts: ADA_AT_WORK, ...more },
  });
const session = (id: string) =>
  test.services.database.recordings(test.customerId, '2030-01').read(sessionType, id);
const appStart = (seconds = 0) => ({
  id: newId(),
  type: 'appStart',
  time: test.time(seconds),
  data: { appName: 'regedit.exe', commandLine: 'regedit /s' },
});
/** As the last two heartbeats tell: a single one is not believed. */
const skewTheClock = async (seconds: number) => {
  const machine = { services: 'running', cpuPercent: 1, memoryPercent: 1, storage: [], liveSessions: 0 };
  const body = { ...machine, networkSendKbps: 0, networkReceiveKbps: 0, clientTime: test.time(-seconds) };
  for (let n = 0; n < 2; n++) await test.send('sendHeartbeat', { params: { serverId }, body });
};

describe('the start of a session', () => {
  it('CCL-5: is one session with one decision, however often and at once it is sent', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => start()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const documents = await test.storedOf('recordings');
    expect(documents.filter((document) => document.includes('"type":"session"'))).toHaveLength(1);
    expect((await test.storedOf('session-data')).length).toBe(1);
  }, 20_000);

  it('answers what the policies decide: by default nothing is recorded', async () => {
    const { body } = await start();
    expect(body['decision']).toMatchObject({ action: 'disable', record: 'none', eventTypes: [] });
  });

  it('keeps its first decision', async () => {
    const first = await start();
    const id = String(first.body['sessionId']);
    const known = await session(id);
    if (!known) throw new Error('there is no session');
    const decision = { ...known.decision, ruleName: 'As it was' };
    await test.services.database
      .recordings(test.customerId, '2030-01')
      .replace(sessionType, { ...known, decision });
    expect((await start()).body['decision']).toMatchObject({ ruleName: 'As it was' });
  });

  it("CCL-5: is corrected by the skew of the server's clock, and never later than its receipt", async () => {
    await skewTheClock(3_600);
    const startedAt = test.time(-3_700);
    expect((await start({ startedAt })).body['startedAt']).toBe(test.time(-100));
    const future = await start({ sessionKey: 'logon 2', startedAt: test.time(50) });
    expect(future.body['startedAt']).toBe(test.time());
  });

  it('is found by the month of the start, and of another month for another key', async () => {
    const id = await test.startSession(serverId, { sessionKey: 'old', startedAt: '2029-12-31T23:59:59Z' });
    expect(
      await test.services.database.recordings(test.customerId, '2029-12').read(sessionType, id),
    ).toBeDefined();
    expect((await test.storedOf('control')).join()).toContain('2029-12');
  });

  it('is refused for a server that is unknown, of another customer, or without a site', async () => {
    expect((await start({ serverId: newId() })).status).toBe(404);
    const foreign = await test.register({}, FABRIKAM);
    expect((await start({ serverId: foreign })).status).toBe(404);
    const bare = await test.register({ machineId: 'b', serverVersion: undefined, database: undefined });
    expect(await start({ serverId: bare })).toMatchObject({
      status: 409,
      body: { code: 'server-without-site' },
    });
  });

  it('CCL-8: is refused with a key that is no well-formed text: two such keys could be taken for one session', async () => {
    for (const sessionKey of ['0\ud800', '0\ud801'])
      expect(await start({ sessionKey })).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
    const [one, other] = await Promise.all(
      ['0\u{1f600}', '0\u{1f601}'].map((sessionKey) => start({ sessionKey })),
    );
    expect(one?.body['sessionId']).not.toBe(other?.body['sessionId']);
  });

  it('is refused when it lies more than a year back', async () => {
    const answer = await start({ startedAt: '1969-12-31T00:00:00Z' });
    expect(answer.body.errors).toMatchObject([{ pointer: '/startedAt' }]);
  });

  it('SRV-5: goes on to the site that the server belonged to, when the server is moved meanwhile', async () => {
    const id = String((await start()).body['sessionId']);
    const before = (await session(id))?.siteId;
    const control = test.services.database.control(test.customerId);
    const server = await control.read(serverType, serverId);
    if (!server) throw new Error('there is no server');
    await control.commit([change.replace(serverType, { ...server, siteId: newId() })]);
    await start();
    expect((await session(id))?.siteId).toBe(before);
  });
});

describe('CCL-5: the end of a session', () => {
  it('stays as it was reported first', async () => {
    const sessionId = await test.startSession(serverId);
    test.clock.advanceSeconds(120);
    const end = (secondsAgo: number) =>
      test.send('endSession', { params: { sessionId }, body: { endedAt: test.time(-secondsAgo) } });
    const endedAt = test.time(-60);
    expect((await end(60)).body['endedAt']).toBe(endedAt);
    expect((await end(30)).body['endedAt']).toBe(endedAt);
    expect(await session(sessionId)).toMatchObject({ state: 'ended', endedAt });
  });

  it('is not after its report', async () => {
    const sessionId = await test.startSession(serverId);
    const { body } = await test.send('endSession', {
      params: { sessionId },
      body: { endedAt: '2099-01-01T00:00:00Z' },
    });
    expect(body['endedAt']).toBe(test.time());
  });

  it('is not before its start', async () => {
    const sessionId = await test.startSession(serverId);
    const request = { params: { sessionId }, body: { endedAt: test.time(-60) } };
    expect((await test.send('endSession', request)).body['endedAt']).toBe(test.time());
  });

  it('ends its roll-overs', async () => {
    const sessionId = await test.startSession(serverId);
    const rollOver = (part: number) =>
      test.send('rollOverSession', { params: { sessionId }, body: { part } });
    const first = await rollOver(2);
    expect(first.body).toMatchObject({ outcome: 'notRecorded', showNotification: false });
    expect((await rollOver(3)).status).toBe(200);
    expect((await rollOver(2)).body.code).toBe('conflict');
    await test.send('endSession', { params: { sessionId }, body: { endedAt: test.time() } });
    expect((await rollOver(3)).status).toBe(200);
    expect((await rollOver(4)).body.code).toBe('session-ended');
  });
});

describe('a batch of events', () => {
  const batchOf = (sessionId: string, events: unknown[]) => ({ batchId: newId(), sessionId, events });

  it('is kept once, as one document, however often it comes', async () => {
    const sessionId = await test.startSession(serverId);
    const before = (await test.storedOf('session-data')).length;
    const body = batchOf(sessionId, [appStart(), appStart(1)]);
    const answers = await Promise.all([1, 2, 3].map(() => test.send('sendEvents', { body })));
    for (const { status, body: answer } of answers) {
      expect(status).toBe(202);
      expect(answer).toMatchObject({ receivedEvents: 2, publishedEvents: 0, pollCommandsSeconds: 0 });
    }
    expect((await test.storedOf('session-data')).length).toBe(before + 1);
  });

  it('CCL-5: has no event later than its receipt, and keeps the times of the first one', async () => {
    const sessionId = await test.startSession(serverId);
    const events = [{ ...appStart(), time: '2099-01-01T00:00:00Z' }, appStart(30), appStart(-30)];
    const body = batchOf(sessionId, events);
    const kept = async () => {
      const documents = (await test.storedOf('session-data')).filter((text) => text.includes(body.batchId));
      const [{ packed }] = documents.map((text) => JSON.parse(text) as { packed: string }) as [
        { packed: string },
      ];
      const unpacked = JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString()) as { time: string }[];
      return unpacked.map(({ time }) => time);
    };
    const expected = [test.time(), test.time(), test.time(-30)];
    expect((await test.send('sendEvents', { body })).status).toBe(202);
    expect(await kept()).toEqual(expected);
    test.clock.advanceSeconds(60);
    expect((await test.send('sendEvents', { body })).status).toBe(202);
    expect(await kept()).toEqual(expected);
  });

  it('may be packed with gzip', async () => {
    const sessionId = await test.startSession(serverId);
    const packed = gzipSync(JSON.stringify(batchOf(sessionId, [appStart()])));
    const request = { body: packed, headers: { 'content-encoding': 'gzip' } };
    expect((await test.send('sendEvents', request)).status).toBe(202);
  });

  it('of a megabyte that compresses badly fits into a document', async () => {
    const sessionId = await test.startSession(serverId);
    const noise = () =>
      Array.from({ length: 980 }, () => String.fromCharCode(33 + Math.floor(Math.random() * 90))).join('');
    const events = Array.from({ length: 800 }, () => {
      const data = { appName: 'a.exe', commandLine: noise().replaceAll(/["\\]/g, 'x') };
      return { ...appStart(), data };
    });
    const answer = await test.send('sendEvents', { body: batchOf(sessionId, events) });
    expect(answer.body).toMatchObject({ receivedEvents: 800 });
    const lengths = (await test.storedOf('session-data')).map((document) => document.length);
    expect(Math.max(...lengths)).toBeGreaterThan(800_000);
    expect(Math.max(...lengths)).toBeLessThan(2_000_000);
  }, 30_000);

  it('is refused when it is empty, too long, too large, or has an event that is none', async () => {
    const sessionId = await test.startSession(serverId);
    const send = async (events: unknown[]) =>
      (await test.send('sendEvents', { body: batchOf(sessionId, events) })).status;
    expect(await send([])).toBe(400);
    expect(await send(Array.from({ length: 1_001 }, () => appStart()))).toBe(400);
    expect(await send([{ ...appStart(), data: { color: 'red' } }])).toBe(400);
    const large = { appName: 'x'.repeat(32_000) };
    expect(await send(Array.from({ length: 40 }, () => ({ ...appStart(), data: large })))).toBe(413);
  });

  it('is answered with 404 for a session that is unknown or of another customer', async () => {
    const sessionId = await test.startSession(serverId);
    const body = batchOf(sessionId, [appStart()]);
    expect((await test.send('sendEvents', { body }, FABRIKAM)).status).toBe(404);
    expect((await test.send('sendEvents', { body: batchOf(newId(), [appStart()]) })).status).toBe(404);
  });
});
