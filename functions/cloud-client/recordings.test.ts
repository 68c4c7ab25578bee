/** Uploads: begun, resumed, completed and verified, and recordings as administrators find them. */
import { call } from '../../tests/support/call';
import {
  ADA_AT_WORK,
  type RecordingServerTest,
  startRecordingServerTest,
} from '../../tests/support/recording-server';
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { activityFeed } from '../../tests/support/logs';
import { newId, sha256Hex } from '../../shared/ids';
import { lineLog } from '../../shared/telemetry/telemetry';
import { maintainUploads, recordingOperations } from '../recordings';
import { giveUpVerification, verifyRecording } from '../recordings/verification/verify-recording';

let test: RecordingServerTest;
let serverId: string;
let sessionId: string;

beforeEach(async () => {
  test = await startRecordingServerTest();
  serverId = await test.register();
  sessionId = await test.startSession(serverId);
});

afterEach(() => test.close());

const BLOCKS = ['{"type":"appStart"}\n', '{"type":"appEnd"}\n'].map((text) => Buffer.from(text));
const blockId = (index: number) => Buffer.from(String(index).padStart(6, '0')).toString('base64');
const manifest = BLOCKS.map((block, index) => ({
  blockId: blockId(index),
  sizeBytes: block.length,
  sha256: sha256Hex(block),
}));

const begin = (more: Record<string, unknown> = {}) =>
  test.send('beginRecording', {
    body: { sessionId, part: 1, container: 'events', startedAt: test.time(), ...more },
  });
const complete = (recordingId: string, blocks: unknown = manifest) =>
  test.send('completeRecording', { params: { recordingId }, body: { endedAt: test.time(90), blocks } });
const stage = (recordingId: string, ...indexes: number[]) => {
  for (const index of indexes)
    test.blobs.stageBlock(
      `incoming/${CONTOSO}/${recordingId}`,
      blockId(index),
      BLOCKS[index] ?? Buffer.alloc(0),
    );
};
const toVerify = () =>
  test.queues.sent.filter(({ queue }) => queue === 'verify-recordings').map(({ message }) => message);
const verify = async () => {
  const messages = toVerify();
  test.queues.sent.length = 0;
  for (const message of messages as { customerId: string; recordingId: string }[])
    await verifyRecording(test.services, message);
};
const upload = async (more: Record<string, unknown> = {}) => {
  const recordingId = String((await begin(more)).body['recordingId']);
  stage(recordingId, 0, 1);
  await complete(recordingId);
  return recordingId;
};

const [listRecordings, getRecording] = recordingOperations;
if (!listRecordings || !getRecording) throw new Error('operations are missing');
const show = async (recordingId: string) => {
  const token = await test.issuer.token();
  return (await call(test.services, getRecording, { token, params: { recordingId } })).body;
};
const list = async (query = '') => {
  const token = await test.issuer.token({ roles: ['SessionRecording.ReadOnlyAdmin'] });
  const { body } = await call(test.services, listRecordings, { token, query });
  return { ids: (body['value'] as { id: string }[]).map(({ id }) => id), next: body['nextLink'] };
};

describe('a file that stays on its server', () => {
  const onServer = { storage: 'server', serverPath: 'D:\\Recordings\\1.ndjson' };

  it('RCD-9: is registered with its facts alone, and repeating that changes nothing', async () => {
    const begun = (await begin(onServer)).body;
    const recordingId = String(begun['recordingId']);
    expect(begun).toEqual({ recordingId, state: 'uploading' });
    expect((await begin(onServer)).body).toEqual(begun);
    expect(await complete(recordingId)).toMatchObject({ status: 202, body: { state: 'complete' } });
    expect(await complete(recordingId)).toMatchObject({ status: 202, body: { state: 'complete' } });
    expect(await show(recordingId)).toMatchObject({ state: 'complete', storage: 'server', sizeBytes: 38 });
    // Nothing is verified; its events are counted.
    expect(new Set(test.queues.sent.map(({ queue }) => queue))).toEqual(new Set(['rate-recordings']));
  });

  it('RCD-9: is not uploaded as well, and says where it lies', async () => {
    await begin(onServer);
    expect(await begin()).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await begin({ part: 2, storage: 'server' })).status).toBe(400);
    expect((await begin({ part: 2, serverPath: 'D:\\1' })).status).toBe(400);
    expect((await begin({ ...onServer, part: 2, container: 'mp4', live: true })).status).toBe(400);
  });
});

describe('an upload', () => {
  it('RCD-1: begins with a URL for one blob, and begins again with the blocks that have arrived', async () => {
    const first = await begin();
    expect(first.body).toMatchObject({ state: 'uploading', upload: { stagedBlocks: [] } });
    const recordingId = String(first.body['recordingId']);
    expect(JSON.stringify(first.body)).toContain(`/incoming/${CONTOSO}/${recordingId}?sp=w&se=900`);
    stage(recordingId, 0);
    const again = await begin({ startedAt: test.time(5) });
    const stagedBlocks = [{ blockId: blockId(0), sizeBytes: BLOCKS[0]?.length }];
    expect(again.body).toMatchObject({ recordingId, upload: { stagedBlocks } });
    expect((await show(recordingId))['startedAt']).toBe(test.time());
  });

  it('is one part in one container', async () => {
    await begin();
    expect(await begin({ container: 'mp4' })).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await begin({ container: 'mp4', part: 2 })).status).toBe(200);
  });

  it('RCD-1: cannot be completed while blocks are missing, and they are named', async () => {
    const recordingId = String((await begin()).body['recordingId']);
    stage(recordingId, 0);
    const answer = await complete(recordingId);
    expect(answer).toMatchObject({ status: 409, body: { code: 'upload-incomplete' } });
    expect(answer.body.errors).toMatchObject([{ pointer: '/blocks/1' }]);
    expect((await show(recordingId))['state']).toBe('uploading');
    stage(recordingId, 1);
    expect((await complete(recordingId)).body).toMatchObject({ state: 'verifying' });
  });

  it('is complete when every block has its hash, and says so when it is completed again', async () => {
    // Its end is reported as later than the report itself, which counts as the end then.
    const recordingId = await upload({ startedAt: test.time(-90) });
    expect((await complete(recordingId)).body['state']).toBe('verifying');
    await verify();
    expect(await show(recordingId)).toMatchObject({ state: 'complete', durationSeconds: 90, sizeBytes: 38 });
    expect(await complete(recordingId)).toMatchObject({ status: 202, body: { state: 'complete' } });
    expect(toVerify()).toEqual([]);
    expect((await begin()).body).toEqual({ recordingId, state: 'complete' });
  });

  it('is completed once when that is asked for many times at once', async () => {
    const recordingId = String((await begin()).body['recordingId']);
    stage(recordingId, 0, 1);
    const answers = await Promise.all(Array.from({ length: 5 }, () => complete(recordingId)));
    expect(answers.map(({ body }) => body['state'])).toEqual(answers.map(() => 'verifying'));
    await verify();
    expect((await show(recordingId))['state']).toBe('complete');
  });

  it('goes on where it died between commit and record', async () => {
    const recordingId = String((await begin()).body['recordingId']);
    stage(recordingId, 0, 1);
    await test.blobs.commitBlocks(
      'recordings',
      `incoming/${CONTOSO}/${recordingId}`,
      manifest.map((block) => block.blockId),
    );
    expect((await complete(recordingId)).body['state']).toBe('verifying');
    await verify();
    expect((await show(recordingId))['state']).toBe('complete');
  });

  it('is not completed with a different manifest', async () => {
    const recordingId = await upload();
    const other = manifest.toReversed();
    expect(await complete(recordingId, other)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  it('RCD-1: is damaged when a block is not what was announced, which the feed tells once', async () => {
    const recordingId = String((await begin()).body['recordingId']);
    stage(recordingId, 0, 1);
    const [first, second] = manifest;
    await complete(recordingId, [first, { ...second, sha256: '0'.repeat(64) }]);
    const message = { customerId: CONTOSO, recordingId };
    await verifyRecording(test.services, message);
    await verifyRecording(test.services, message);
    expect(await show(recordingId)).toMatchObject({
      state: 'damaged',
      stateReason: expect.stringContaining(blockId(1)) as string,
    });
    const feed = await activityFeed(test.services);
    expect(feed.filter(({ kind }) => kind === 'recording.damaged')).toHaveLength(1);
  });

  it('that could not be verified says so, and a late verification does not change it', async () => {
    const recordingId = await upload();
    const message = { customerId: CONTOSO, recordingId };
    await giveUpVerification(test.services, message);
    await verifyRecording(test.services, message);
    expect(await show(recordingId)).toMatchObject({ state: 'verificationFailed' });
    expect((await list('?state=damaged')).ids).toEqual([recordingId]);
    expect((await list()).ids).toEqual([]);
  });

  it('is answered with 404 for a session or recording that is unknown or of another customer', async () => {
    const recordingId = String((await begin()).body['recordingId']);
    expect((await begin({ sessionId: newId() })).status).toBe(404);
    const foreign = { params: { recordingId }, body: { endedAt: test.time(), blocks: manifest } };
    expect((await test.send('completeRecording', foreign, FABRIKAM)).status).toBe(404);
    expect((await complete(`${sessionId}-0002`)).status).toBe(404);
    expect((await complete('../../etc/passwd')).status).toBe(404);
  });
});

describe('administrators', () => {
  const inMonths = async (...starts: string[]) => {
    const ids: string[] = [];
    for (const startedAt of starts) {
      const user = { name: `CONTOSO\\${startedAt < '2029-12' ? 'grace' : 'ada'}`, groups: [] };
      const facts = { ...ADA_AT_WORK, user };
      sessionId = await test.startSession(serverId, { sessionKey: startedAt, startedAt, facts });
      ids.push(String((await begin({ startedAt })).body['recordingId']));
    }
    return ids;
  };
  const STARTS = [
    '2029-10-15T08:00:00.000Z',
    '2029-10-31T23:00:00.000Z',
    '2029-12-01T00:00:00.000Z',
    '2030-01-10T08:00:00.000Z',
    '2030-01-10T09:00:00.000Z',
  ];

  it('RCD-2: page through all months, newest first, while recordings are added', async () => {
    const ids = await inMonths(...STARTS);
    const seen: string[] = [];
    let query = '?top=2';
    for (;;) {
      const { ids: page, next } = await list(query);
      seen.push(...page);
      if (typeof next !== 'string') break;
      expect(page).toHaveLength(2);
      query = new URL(next).search;
      await inMonths(new Date(Date.parse('2030-01-15T11:00:00Z') + seen.length).toISOString());
    }
    expect(seen).toEqual(ids.toReversed());
  });

  it('RCD-2: filter by user, server, site, state and time', async () => {
    const ids = await inMonths(...STARTS);
    const { siteId } = await show(ids[0] ?? '');
    const expected = async (query: string, ...indexes: number[]) =>
      expect([query, (await list(query)).ids]).toEqual([query, indexes.map((index) => ids[index])]);
    await expected('?userName=GRA', 1, 0);
    await expected('?userName=contoso%5Cada', 4, 3, 2);
    await expected('?userName=da');
    await expected(`?serverId=${serverId}&top=2`, 4, 3);
    await expected(`?serverId=${newId()}`);
    await expected(`?siteId=${String(siteId)}&top=1`, 4);
    await expected('?state=complete');
    await expected('?from=2029-10-31T23:00:00Z&to=2030-01-10T09:00:00Z', 3, 2, 1);
    await expected('?from=2029-11-01T00:00:00%2B01:00&to=2029-12-01T00:00:00Z', 1);
  });

  it('RCD-2: find a recording by its events: once it is verified, and those that come late soon after', async () => {
    const send = (appName: string, seconds: number) =>
      test.send('sendEvents', {
        body: {
          sessionId,
          batchId: newId(),
          events: [{ id: newId(), type: 'appStart', time: test.time(seconds), data: { appName } }],
        },
      });
    await send('Putty.exe', -30);
    const id = await upload({ startedAt: test.time(-90) });
    expect((await list('?eventText=putty')).ids).toEqual([]);
    await verify();
    expect(await show(id)).toMatchObject({
      eventCount: 2,
      eventTypes: ['appStart', 'sessionStart'],
      eventsOnly: true,
    });
    expect((await list('?eventText=EXE%20putty&eventType=appStart')).ids).toEqual([id]);
    expect((await list('?eventText=put')).ids).toEqual([]);

    await send('WinSCP.exe', -20);
    test.clock.advanceSeconds(1_800);
    await maintainUploads(
      test.services,
      lineLog(() => undefined),
    );
    expect((await list('?eventText=winscp')).ids).toEqual([id]);
    expect(await show(id)).toMatchObject({ eventCount: 3 });
  });

  it('see nothing of other customers', async () => {
    const [id = ''] = await inMonths('2030-01-10T08:00:00.000Z');
    const token = await test.issuer.token({ tid: FABRIKAM });
    const theirs = await call(test.services, listRecordings, { token });
    expect(theirs.body['value']).toEqual([]);
    expect((await call(test.services, getRecording, { token, params: { recordingId: id } })).status).toBe(
      404,
    );
  });
});
