/** Live recordings: appended, indexed, watched, completed; with answers lost and processes killed in between. */
import { call } from '../../../tests/support/call';
import { REAL_MP4 } from '../../../tests/support/real-media';
import { type RecordingServerTest, startRecordingServerTest } from '../../../tests/support/recording-server';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { sha256Hex } from '../../../shared/ids';
import { lineLog } from '../../../shared/telemetry/telemetry';
import { maintainUploads, verifyRecording } from '..';
import { DEFAULT_SETTINGS, serverSettingsType } from '../../servers/settings/server-settings';
import { playbackOperations } from '../playback/operations';
import { findRecording } from '../store';

let test: RecordingServerTest;
let serverId: string;
let sessionId: string;
let recordingId: string;

beforeEach(async () => {
  test = await startRecordingServerTest();
  serverId = await test.register();
  sessionId = await test.startSession(serverId);
  recordingId = String((await begin()).body['recordingId']);
});
afterEach(() => test.close());

const log = lineLog(() => undefined);
const begin = (more: Record<string, unknown> = {}) =>
  test.send('beginRecording', {
    body: { sessionId, part: 1, container: 'mp4', startedAt: test.time(), live: true, ...more },
  });
const blob = () => `incoming/${CONTOSO}/${recordingId}.live`;
/** Where the fragments of the file begin, and where it ends. */
const CUTS = [0, 3_094, 4_924, REAL_MP4.length];
const segmentOf = (sequence: number) => {
  const [offset = 0, end = 0] = [CUTS[sequence], CUTS[sequence + 1]];
  return { sequence, offset, sizeBytes: end - offset, durationSeconds: 2, startsWithKeyframe: true };
};
const append = (sequence: number) => {
  const { offset, sizeBytes } = segmentOf(sequence);
  return test.blobs.append(blob(), offset, REAL_MP4.subarray(offset, offset + sizeBytes));
};
const add = (...segments: object[]) =>
  test.send('addSegments', { params: { recordingId }, body: { segments } });
const complete = (content = REAL_MP4) => {
  const blocks = [{ blockId: 'MDAw', sizeBytes: content.length, sha256: sha256Hex(content) }];
  return test.send('completeRecording', { params: { recordingId }, body: { endedAt: test.time(6), blocks } });
};
const state = async () => (await findRecording(test.services, CONTOSO, recordingId))?.state;
const verify = () => verifyRecording(test.services, { customerId: CONTOSO, recordingId });

async function ask(id: 'playRecording' | 'listSegments', query = '') {
  const operation = playbackOperations.find((item) => item.id === id);
  if (!operation) throw new Error(`there is no operation ${id}`);
  const token = await test.issuer.token();
  return call(test.services, operation, { token, params: { recordingId }, query });
}
const watch = (from = 0) => ask('listSegments', `?from=${from}`);

describe('a live upload', () => {
  it('RCD-1: begins with a URL that permits appending to one blob, and nothing else', async () => {
    const { body } = await begin();
    expect(body).toMatchObject({
      state: 'uploading',
      live: { appendedBytes: 0, nextSequence: 0, nextOffset: 0, segmentSeconds: 10 },
    });
    expect(JSON.stringify(body['live'])).toContain(`/recordings/${blob()}?sp=a&se=900`);
    expect(body['upload']).toBeUndefined();
  });

  it('RCD-1: goes on at the end of the blob when the answer to an append was lost', async () => {
    append(0);
    expect(append(0)).toBe(false);
    expect((await begin()).body['live']).toMatchObject({ appendedBytes: CUTS[1], nextOffset: 0 });
  });

  it('RCD-1: may index what was appended before a crash', async () => {
    append(0);
    append(1);
    const { live } = (await begin()).body as { live: { appendedBytes: number; nextOffset: number } };
    const sizeBytes = live.appendedBytes - live.nextOffset;
    expect(await add({ ...segmentOf(0), sizeBytes, durationSeconds: 4 })).toMatchObject({
      status: 200,
      body: { nextSequence: 1, nextOffset: CUTS[2] },
    });
  });

  it('RCD-1: takes repeated segments once', async () => {
    append(0);
    append(1);
    const end = { nextSequence: 2, nextOffset: CUTS[2], segmentSeconds: 10 };
    expect((await add(segmentOf(0), segmentOf(1))).body).toEqual(end);
    expect((await add(segmentOf(0), segmentOf(1))).body).toEqual(end);
    expect((await add(segmentOf(1))).body).toEqual(end);
    expect((await watch()).body).toMatchObject({ segments: [segmentOf(0), segmentOf(1)], nextSequence: 2 });
  });

  it('RCD-1: takes concurrent requests with the same segments once', async () => {
    for (const sequence of [0, 1, 2]) append(sequence);
    const answers = await Promise.all([
      add(segmentOf(0), segmentOf(1)),
      add(segmentOf(0), segmentOf(1)),
      add(segmentOf(0)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await watch()).body).toMatchObject({ segments: [segmentOf(0), segmentOf(1)] });
  });

  it.each([
    ['a gap', () => [segmentOf(1)]],
    ['an overlap', () => [segmentOf(0), { ...segmentOf(1), offset: 3_000 }]],
    ['another order', () => [segmentOf(1), segmentOf(0)]],
  ])('RCD-1: refuses %s, and says where to go on', async (_what, segments) => {
    for (const sequence of [0, 1, 2]) append(sequence);
    const { status, body } = await add(...segments());
    expect([status, body.code]).toEqual([409, 'conflict']);
    expect(body).toMatchObject({ nextSequence: 0, nextOffset: 0 });
    expect((await watch()).body['segments']).toEqual([]);
  });

  it('RCD-1: refuses segments that are not appended', async () => {
    append(0);
    const { status, body } = await add(segmentOf(0), segmentOf(1));
    expect([status, body.code]).toEqual([409, 'upload-incomplete']);
    expect(body['appendedBytes']).toBe(CUTS[1]);
  });

  it('RCD-1: has an index of thousands of segments that is read from any of them', async () => {
    const count = 1_250;
    const content = Buffer.alloc(count * 10);
    test.blobs.append(blob(), 0, content);
    const all = Array.from({ length: count }, (_, sequence) => ({
      sequence,
      offset: sequence * 10,
      sizeBytes: 10,
      durationSeconds: 2,
      startsWithKeyframe: sequence % 2 === 0,
    }));
    for (let start = 0; start < count; start += 333) await add(...all.slice(start, start + 333));
    const first = (await watch()).body;
    expect(first).toMatchObject({ segments: all.slice(0, 1_000), nextSequence: 1_000 });
    expect((await watch(1_000)).body).toMatchObject({ segments: all.slice(1_000), nextSequence: count });
    expect((await watch(1_249)).body['segments']).toEqual(all.slice(1_249));
    expect((await watch(count)).body).toMatchObject({ segments: [], nextSequence: count });
  });

  it('is not for events', async () => {
    expect(await begin({ container: 'events', part: 2 })).toMatchObject({ status: 400 });
  });
});

describe('a live recording', () => {
  it('RCD-1: is played while it grows, and its recorder learns that somebody watches', async () => {
    append(0);
    expect((await add(segmentOf(0))).body['segmentSeconds']).toBe(10);
    const { status, body } = await ask('playRecording');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      recording: { state: 'uploading' },
      media: { contentType: 'video/mp4' },
      live: { isComplete: false, segments: [segmentOf(0)], nextSequence: 1 },
    });
    expect(JSON.stringify(body['media'])).toContain(`/recordings/${blob()}?sp=r&se=1800`);
    append(1);
    expect((await add(segmentOf(1))).body['segmentSeconds']).toBe(2);
    expect((await watch(1)).body).toMatchObject({ segments: [segmentOf(1)], nextSequence: 2 });
    test.clock.advanceSeconds(31);
    append(2);
    expect((await add(segmentOf(2))).body['segmentSeconds']).toBe(10);
  });

  it('RCD-4: is not played where its server does not allow it', async () => {
    const { playback, ...others } = DEFAULT_SETTINGS;
    const settings = { ...others, playback: { ...playback, live: false } };
    await test.services.database
      .control(CONTOSO)
      .upsert(serverSettingsType, { id: serverId, version: 1, settings });
    for (const id of ['playRecording', 'listSegments'] as const) {
      const { status, body } = await ask(id);
      expect([status, body.code]).toEqual([409, 'playback-unavailable']);
      expect(body['detail']).toContain('playback.live');
    }
  });

  it('RCD-1: becomes a verified copy, which later appends do not reach', async () => {
    for (const sequence of [0, 1, 2]) append(sequence);
    await add(segmentOf(0), segmentOf(1), segmentOf(2));
    expect(await complete()).toMatchObject({ status: 202, body: { state: 'verifying' } });
    test.blobs.append(blob(), REAL_MP4.length, Buffer.from('<script>'));
    await verify();
    expect(await findRecording(test.services, CONTOSO, recordingId)).toMatchObject({
      state: 'complete',
      sha256: sha256Hex(REAL_MP4),
      blobName: `${CONTOSO}/${recordingId}.mp4`,
    });
    expect(test.blobs.blobs.get(`recordings/${CONTOSO}/${recordingId}.mp4`)).toEqual(REAL_MP4);
    expect((await add(segmentOf(2))).status).toBe(409);
    expect((await watch(2)).body).toMatchObject({ isComplete: true, segments: [segmentOf(2)] });
    test.clock.advanceSeconds(1_500);
    await maintainUploads(test.services, log);
    expect(test.blobs.blobs.has(`recordings/${blob()}`)).toBe(false);
  });

  it('RCD-1: is not complete before all of it is appended, nor when more is', async () => {
    append(0);
    const short = await complete();
    expect([short.status, short.body.code]).toEqual([409, 'upload-incomplete']);
    expect(short.body['appendedBytes']).toBe(CUTS[1]);
    expect(await state()).toBe('uploading');
    expect((await complete(REAL_MP4.subarray(0, 100))).body.code).toBe('upload-incomplete');
  });

  it('RCD-1: is damaged when what was appended is not what was announced', async () => {
    test.blobs.append(blob(), 0, Buffer.from(REAL_MP4).fill(0, 5_000, 5_010));
    await complete();
    await verify();
    expect(await state()).toBe('damaged');
  });

  it('RCD-1: may go on in blocks, when its recorder has changed what it had appended', async () => {
    append(0);
    const { body } = await begin({ live: false });
    expect(body['live']).toBeUndefined();
    expect(body['upload']).toBeDefined();
    expect((await add(segmentOf(0))).status).toBe(409);
    test.blobs.stageBlock(`incoming/${CONTOSO}/${recordingId}`, 'MDAw', REAL_MP4);
    await complete();
    await verify();
    expect(await state()).toBe('complete');
    test.clock.advanceSeconds(1_500);
    await maintainUploads(test.services, log);
    expect(test.blobs.blobs.has(`recordings/${blob()}`)).toBe(false);
  });
});
