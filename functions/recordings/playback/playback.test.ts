/** Playback: what it answers, when it is refused, and that every call is logged. */
import { call, type TestRequest } from '../../../tests/support/call';
import { auditLog } from '../../../tests/support/logs';
import { type RecordingServerTest, startRecordingServerTest } from '../../../tests/support/recording-server';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { recordingId as recordingIdOf } from '../../../shared/ids';
import { defaultSettings, siteSettingsType } from '../../sites/site-settings';
import {
  DEFAULT_SETTINGS,
  type ServerSettings,
  serverSettingsType,
} from '../../servers/settings/server-settings';
import { serverType } from '../../servers/server';
import { sessionPartition } from '../../sessions';
import { type Recording, RECORDING_STATES, recordingType } from '../recording';
import { playbackOperations } from './operations';

let test: RecordingServerTest;
let serverId: string;
let siteId: string;
let sessionId: string;

beforeEach(async () => {
  test = await startRecordingServerTest();
  serverId = await test.register();
  siteId = (await test.services.database.control(CONTOSO).read(serverType, serverId))?.siteId ?? '';
  sessionId = await test.startSession(serverId);
});
afterEach(() => test.close());

const READER = { roles: ['SessionRecording.ReadOnlyAdmin'] };

async function recorded(more: Partial<Recording> = {}): Promise<string> {
  const part = more.part ?? 1;
  const id = recordingIdOf(sessionId, part);
  const partition = await sessionPartition(test.services, CONTOSO, sessionId);
  await partition.create(recordingType, {
    id,
    sessionId,
    part,
    siteId,
    serverId,
    container: 'mp4',
    state: 'complete',
    userName: 'CONTOSO\\ada',
    userKey: 'contoso\\ada',
    accountKey: 'ada',
    startedAt: test.time(),
    endedAt: test.time(60),
    durationSeconds: 60,
    sizeBytes: 6_728,
    blobName: `${CONTOSO}/${id}.mp4`,
    ...more,
  });
  return id;
}

async function play(recordingId: string, { token, ...request }: TestRequest = {}) {
  const [operation] = playbackOperations;
  if (!operation) throw new Error('there is no such operation');
  const given = token ?? (await test.issuer.token(READER));
  return call(test.services, operation, { token: given, params: { recordingId }, ...request });
}

async function settings(change: (settings: ServerSettings) => ServerSettings, id = serverId) {
  await test.services.database
    .control(CONTOSO)
    .upsert(serverSettingsType, { id, version: 1, settings: change(DEFAULT_SETTINGS) });
}
const withJustification = (loggingToo = true) =>
  settings((known) => ({
    ...known,
    playback: { ...known.playback, requireJustification: true },
    logging: { ...known.logging, administratorLogging: loggingToo },
  }));

const playbackLog = async () =>
  (await auditLog(test.services)).filter(({ category }) => category === 'playback');

it('RCD-4: the answer has a URL for reading this one file for half an hour, and what belongs to it', async () => {
  const id = await recorded();
  const { status, body } = await play(id);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    recording: { id, state: 'complete', userName: 'CONTOSO\\ada', durationSeconds: 60 },
    session: { id: sessionId, startedAt: test.time(), position: 1, count: 1 },
    media: {
      url: `https://blob.test/recordings/${CONTOSO}/${id}.mp4?sp=r&se=1800`,
      contentType: 'video/mp4',
      sizeBytes: 6_728,
    },
    links: {
      events: `/api/v1/recordings/${id}/events`,
      comments: `/api/v1/recordings/${id}/comments`,
      idlePeriods: `/api/v1/recordings/${id}/idlePeriods`,
    },
  });
});

it('RCD-4: previous and next are the recordings of the session that the caller can see', async () => {
  const restricted = { restrictedAt: test.time(), restrictedBy: { id: 'ada', name: 'ada' } };
  const ids = [
    await recorded({ part: 1 }),
    await recorded({ part: 2, ...restricted }),
    await recorded({ part: 3 }),
    await recorded({ part: 4 }),
  ];
  const seen = (await play(ids[2] ?? '')).body['session'];
  expect(seen).toMatchObject({ position: 2, count: 3, previous: ids[0], next: ids[3] });
  const token = await test.issuer.token();
  const all = (await play(ids[2] ?? '', { token })).body['session'];
  expect(all).toMatchObject({ position: 3, count: 4, previous: ids[1], next: ids[3] });
  expect((await play(ids[1] ?? '')).status).toBe(404);
});

it('RCD-4: a recording of events only has no file', async () => {
  const id = await recorded({ container: 'events' });
  const { status, body } = await play(id);
  expect([status, body['media']]).toEqual([200, undefined]);
});

it('RCD-4: an archived recording is played from its archive location', async () => {
  const id = await recorded({ state: 'archived', blobLocation: 'cold' });
  const { status, body } = await play(id);
  expect(status).toBe(200);
  expect(body['media']).toMatchObject({
    url: `https://blob.test/recording-archive/${CONTOSO}/${id}.mp4?sp=r&se=1800`,
  });
  const lost = await recorded({ part: 2, state: 'archived', blobLocation: 'elsewhere' });
  const refused = await play(lost);
  expect([refused.status, refused.body.code]).toEqual([409, 'playback-unavailable']);
  expect(refused.body['detail']).toContain('elsewhere');
});

it('RCD-9: a file on a server that has registered no hashes of it answers 409 and says how to play it', async () => {
  const id = await recorded({ blobName: undefined, storage: 'server', serverPath: 'D:\\1.mp4' });
  const { status, body } = await play(id);
  expect([status, body.code]).toEqual([409, 'playback-unavailable']);
  expect(body['detail']).toContain('on-premises player');
});

it('RCD-4: a recording whose archiving has failed is not played for as long as that blocks it', async () => {
  const id = await recorded({ archiveBlockedUntil: test.time(60) });
  const { status, body } = await play(id);
  expect([status, body.code]).toEqual([409, 'playback-unavailable']);
  expect(body['detail']).toContain(test.time(60));
  test.clock.advanceSeconds(61);
  expect((await play(id)).status).toBe(200);
});

it('MNG-1: a recording that is being deleted is not found', async () => {
  expect((await play(await recorded({ state: 'deleting' }))).status).toBe(404);
});

const PLAYED_OR_HIDDEN: readonly string[] = ['complete', 'archived', 'deleting'];
it.each(RECORDING_STATES.filter((state) => !PLAYED_OR_HIDDEN.includes(state)))(
  'RCD-4: a recording that is %s is not played, and the answer says why',
  async (state) => {
    const id = await recorded({ state, stateReason: 'Block 3 is wrong.' });
    const { status, body } = await play(id);
    expect([status, body.code]).toEqual([409, 'playback-unavailable']);
    expect(body['detail']).toMatch(/^Its? .*\. Block 3 is wrong\.$/);
  },
);

it('RCD-4: a site whose cloud player is off answers 409 and says what to do', async () => {
  const control = test.services.database.control(CONTOSO);
  const off = { ...defaultSettings(siteId), players: { cloud: false, onPremises: true } };
  await control.upsert(siteSettingsType, off);
  const { status, body } = await play(await recorded());
  expect([status, body.code]).toEqual([409, 'playback-unavailable']);
  expect(body['detail']).toMatch(/can't be played from the cloud.*players\.cloud/);
});

describe('a justification', () => {
  it('RCD-4: is required where the server asks for one', async () => {
    await withJustification();
    const id = await recorded();
    const refused = await play(id);
    expect([refused.status, refused.body.code]).toEqual([400, 'justification-required']);
    expect(refused.body.errors).toMatchObject([{ pointer: '/justification' }]);
    expect((await play(id, { body: { justification: ' ' } })).status).toBe(400);
    expect((await play(id, { body: { justification: 'Complaint 4711' } })).status).toBe(200);
  });

  it('SET-2: is not asked for while administrator logging is off', async () => {
    await withJustification(false);
    expect((await play(await recorded())).status).toBe(200);
  });

  it('SET-2: is not asked for in a site with a server below 2212', async () => {
    await withJustification();
    await test.register({ machineId: '7d1a5cf2-0c57-4f6b-9c8e-1b1f2f7f8a02', serverVersion: '22.11.0.1' });
    expect((await play(await recorded())).status).toBe(200);
  });
});

describe('the playback log', () => {
  it('RCD-4: has an entry for each call, also for one that is refused', async () => {
    await withJustification();
    const id = await recorded();
    await play(id);
    await play(id, { body: { justification: 'Complaint 4711' } });
    const target = { type: 'recording', id, name: 'CONTOSO\\ada' };
    const common = { action: 'recording.play', siteId, serverId, target };
    const [attempted, refused, played, ...more] = await playbackLog();
    expect(attempted).toMatchObject({ ...common, outcome: 'attempted' });
    expect(refused).toMatchObject({ ...common, outcome: 'failed', reason: 'justification-required' });
    expect(played).toMatchObject({ ...common, outcome: 'attempted', justification: 'Complaint 4711' });
    expect(more).toEqual([]);
  });

  it('RCD-4: is written before a URL is made: without the entry there is none', async () => {
    const id = await recorded();
    test.injectFault(async (request, next) =>
      request.path.includes('/colls/log/') && request.method === 'POST'
        ? { status: 403, headers: {}, body: '{}' }
        : next(request),
    );
    const { status, text } = await play(id);
    test.injectFault(undefined);
    expect(status).toBeGreaterThanOrEqual(500);
    expect(text).not.toContain('blob.test');
  });

  it('RCD-4: the answer with the URL is kept nowhere', async () => {
    const id = await recorded();
    const headers = { 'idempotency-key': 'once' };
    expect((await play(id, { headers })).status).toBe(200);
    expect((await test.stored('people')).join()).not.toContain('sp=r');
    expect(await play(id, { headers })).toMatchObject({
      status: 409,
      body: { code: 'idempotency-response-not-kept' },
    });
  });
});
