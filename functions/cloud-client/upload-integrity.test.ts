/** What an upload URL can do and what a crash leaves behind: neither changes a recording that was verified. */
import { call } from '../../tests/support/call';
import { activityFeed } from '../../tests/support/logs';
import { EVENTS, mp4 } from '../../tests/support/media-files';
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { CONTOSO } from '../../tests/support/test-issuer';
import type { BlobStore } from '../../shared/blobs/blob-store';
import { sha256Hex } from '../../shared/ids';
import { lineLog } from '../../shared/telemetry/telemetry';
import { recordingOperations, maintainUploads, verifyRecording } from '../recordings';
import { findRecording } from '../recordings/store';
import { restrictSession } from '../recordings/restrictions/restrict-session';

let test: RecordingServerTest;
let serverId: string;
let sessionId: string;
let part = 0;

beforeAll(async () => {
  test = await startRecordingServerTest();
  serverId = await test.register();
});

beforeEach(async () => {
  part = 0;
  test.queues.sent.length = 0;
  sessionId = await test.startSession(serverId, { sessionKey: expect.getState().currentTestName });
});

afterAll(() => test.close());

const CONTENT = mp4();
const BLOCKS = [CONTENT.subarray(0, 100), CONTENT.subarray(100)];
const blockId = (index: number) => Buffer.from(String(index).padStart(6, '0')).toString('base64');
const manifestOf = (blocks: Buffer[]) =>
  blocks.map((block, index) => ({
    blockId: blockId(index),
    sizeBytes: block.length,
    sha256: sha256Hex(block),
  }));
const MANIFEST = manifestOf(BLOCKS);

const log = lineLog(() => undefined);
const incoming = (recordingId: string) => `incoming/${CONTOSO}/${recordingId}`;
const kept = (recordingId: string, extension = 'mp4') =>
  test.blobs.blobs.get(`recordings/${CONTOSO}/${recordingId}.${extension}`);
const stored = async (recordingId: string) => {
  const recording = await findRecording(test.services, CONTOSO, recordingId);
  if (!recording) throw new Error('there is no such recording');
  return recording;
};
const begin = async (container = 'mp4', number = ++part) => {
  const body = { sessionId, part: number, container, startedAt: test.time() };
  return (await test.send('beginRecording', { body })).body;
};
/** A recording with these blocks staged. */
const staged = async (blocks = BLOCKS, container = 'mp4') => {
  const recordingId = String((await begin(container))['recordingId']);
  blocks.forEach((block, index) => test.blobs.stageBlock(incoming(recordingId), blockId(index), block));
  return recordingId;
};
const complete = (recordingId: string, blocks: unknown = MANIFEST) =>
  test.send('completeRecording', { params: { recordingId }, body: { endedAt: test.time(), blocks } });
const verify = (recordingId: string, services = test.services) =>
  verifyRecording(services, { customerId: CONTOSO, recordingId });
const end = () => test.send('endSession', { params: { sessionId }, body: { endedAt: test.time() } });

describe('RCD-1: a verified recording', () => {
  it('is not what lies where it was uploaded to: nothing written there changes it', async () => {
    const recordingId = await staged();
    await complete(recordingId);
    await verify(recordingId);
    test.blobs.overwrite(incoming(recordingId), Buffer.from('<script>'));
    test.blobs.stageBlock(incoming(recordingId), blockId(0), Buffer.from('<script>'));
    await verify(recordingId);
    expect(kept(recordingId)).toEqual(CONTENT);
    expect(await stored(recordingId)).toMatchObject({
      state: 'complete',
      blobName: `${CONTOSO}/${recordingId}.mp4`,
      sha256: sha256Hex(CONTENT),
      sizeBytes: CONTENT.length,
    });
    expect((await complete(recordingId)).body).toMatchObject({ sha256: sha256Hex(CONTENT) });
    const [, show] = recordingOperations;
    if (!show) throw new Error('there is no such operation');
    const token = await test.issuer.token();
    const shown = await call(test.services, show, { token, params: { recordingId } });
    expect(shown.body).toMatchObject({ state: 'complete', sha256: sha256Hex(CONTENT) });
  });

  it.each(['before the copy', 'during the copy'])(
    'is never one whose upload was changed %s: it is damaged',
    async (when) => {
      const recordingId = await staged();
      await complete(recordingId);
      const overwrite = () => test.blobs.overwrite(incoming(recordingId), mp4(Buffer.from('other')));
      if (when === 'before the copy') overwrite();
      const blobs = hooked((name) => {
        if (name === 'copyOnce' && when === 'during the copy') overwrite();
      });
      await verify(recordingId, { ...test.services, blobs });
      expect(await stored(recordingId)).toMatchObject({
        state: 'damaged',
        stateReason: expect.stringContaining('was changed') as string,
      });
      expect(kept(recordingId)).toBeUndefined();
    },
  );

  it('is kept when blocks that are known are staged again, late', async () => {
    const recordingId = await staged();
    await complete(recordingId);
    const blobs = hooked((name) => {
      if (name === 'copyOnce') test.blobs.stageBlock(incoming(recordingId), blockId(1), BLOCKS[1] ?? CONTENT);
    });
    await verify(recordingId, { ...test.services, blobs });
    expect((await stored(recordingId)).state).toBe('complete');
  });

  it('has nothing left of its upload once the last URL has expired', async () => {
    const recordingId = await staged();
    await complete(recordingId);
    await verify(recordingId);
    expect(test.blobs.blobs.has(`recordings/${incoming(recordingId)}`)).toBe(true);
    test.blobs.lease(incoming(recordingId));
    test.clock.advanceSeconds(900 + 300);
    await maintainUploads(test.services, log);
    expect(test.blobs.blobs.has(`recordings/${incoming(recordingId)}`)).toBe(false);
    expect(kept(recordingId)).toEqual(CONTENT);
    expect((await stored(recordingId)).dueAt).toBeUndefined();
  });
});

describe('completing', () => {
  it('is answered with 202 once and 409 for the rest when the manifests differ', async () => {
    const recordingId = await staged();
    const manifests = Array.from({ length: 8 }, (_, index) =>
      MANIFEST.map((block) => ({ ...block, sha256: sha256Hex(`${index} ${block.blockId}`) })),
    );
    manifests[3] = MANIFEST.toReversed();
    const answers = await Promise.all(manifests.map((blocks) => complete(recordingId, blocks)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, ...Array<number>(7).fill(409)]);
  });

  it('is answered with 409 while somebody has a lease on the upload', async () => {
    const recordingId = await staged();
    test.blobs.overwrite(incoming(recordingId), Buffer.from('x'));
    test.blobs.lease(incoming(recordingId));
    expect(await complete(recordingId)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await stored(recordingId)).state).toBe('uploading');
  });

  it.each([
    ['events whose later line is HTML', 'events', [EVENTS, Buffer.from('<script>alert(1)</script>\n')]],
    ['an MP4 file of 12 bytes', 'mp4', [Buffer.from('\0\0\0\x0cftypisom', 'latin1')]],
  ])('%s are damaged', async (_what, container, blocks) => {
    const recordingId = await staged(blocks, container);
    await complete(recordingId, manifestOf(blocks));
    await verify(recordingId);
    expect(await stored(recordingId)).toMatchObject({ state: 'damaged' });
  });
});

describe('a crash or a lost answer', () => {
  /** Runs complete and verification, each again after a failure, and returns how many calls were made. */
  const play = async (recordingId: string, fails: (call: number) => boolean, lost: boolean) => {
    let calls = 0;
    const failing = () => {
      if (fails(++calls)) throw new Error('the process dies');
    };
    const blobs = hooked(lost ? () => undefined : failing, lost ? failing : () => undefined);
    const services = { ...test.services, blobs };
    test.injectFault(async (request, next) => {
      if (!fails(++calls)) return next(request);
      if (lost) await next(request);
      return {
        status: 503,
        headers: {},
        body: JSON.stringify({ code: 'ServiceUnavailable', message: 'injected' }),
      };
    });
    const again = async (work: () => Promise<unknown>) => {
      for (let attempt = 1; attempt < 4; attempt++) {
        try {
          return await work();
        } catch {
          // As the client or the queue does: once more.
        }
      }
      throw new Error('it fails again and again');
    };
    await again(async () => {
      const body = { endedAt: test.time(), blocks: MANIFEST };
      const answer = await test.send(
        'completeRecording',
        { params: { recordingId }, body },
        CONTOSO,
        services,
      );
      if (answer.status !== 202) throw new Error(`answered ${answer.status}`);
    });
    await again(() => verify(recordingId, services));
    test.injectFault(undefined);
    return calls;
  };

  it.each([
    ['before each call', false],
    ['after each call', true],
  ])('%s ends with the recording complete, when it is asked for again', async (_when, lost) => {
    const calls = await play(await staged(), () => false, lost);
    expect(calls).toBeGreaterThan(10);
    for (let failed = 1; failed <= calls; failed++) {
      const recordingId = await staged();
      await play(recordingId, (number) => number === failed, lost);
      expect([failed, (await stored(recordingId)).state]).toEqual([failed, 'complete']);
      expect(kept(recordingId)).toEqual(CONTENT);
    }
  });

  it('that loses the message of a verification is made up for within two hours', async () => {
    const recordingId = await staged();
    await complete(recordingId);
    test.queues.sent.length = 0;
    test.clock.advanceSeconds(3_600);
    await maintainUploads(test.services, log);
    expect(test.queues.sent).toContainEqual({
      queue: 'verify-recordings',
      message: { customerId: CONTOSO, recordingId },
    });
  });

  it('duplicate verifications at once do no harm', async () => {
    const recordingId = await staged();
    await complete(recordingId);
    await Promise.all(Array.from({ length: 5 }, () => verify(recordingId)));
    expect((await stored(recordingId)).state).toBe('complete');
    expect(kept(recordingId)).toEqual(CONTENT);
  });
});

describe('RCD-1: an upload that nobody continues', () => {
  const DAY = 86_400;
  const restrict = () =>
    restrictSession(test.services, {
      customerId: CONTOSO,
      sessionId,
      by: { id: 'ada', name: 'Ada' },
      at: test.time(),
    });

  it('RCD-3: keeps an ended session from being restricted for a day, and no longer', async () => {
    await staged();
    await end();
    await expect(restrict()).rejects.toMatchObject({ code: 'conflict' });
    test.clock.advanceSeconds(DAY);
    expect(await restrict()).toBe(true);
  });

  it('is abandoned a day after its session has ended, which the feed tells once, and removed after a week', async () => {
    const recordingId = await staged();
    await end();
    test.clock.advanceSeconds(DAY);
    await maintainUploads(test.services, log);
    await maintainUploads(test.services, log);
    expect(await stored(recordingId)).toMatchObject({
      state: 'abandoned',
      stateReason: expect.stringContaining('not uploaded in full') as string,
    });
    const feed = await activityFeed(test.services);
    expect(feed.filter(({ details }) => details?.['recordingId'] === recordingId)).toHaveLength(1);
    expect((await test.blobs.stagedBlocks('recordings', incoming(recordingId))).length).toBe(2);
    test.clock.advanceSeconds(6 * DAY);
    await maintainUploads(test.services, log);
    expect(await test.blobs.stagedBlocks('recordings', incoming(recordingId))).toEqual([]);
  });

  it('is not abandoned while its session is live, or somebody asks for a URL', async () => {
    const recordingId = await staged();
    test.clock.advanceSeconds(DAY);
    await maintainUploads(test.services, log);
    expect((await stored(recordingId)).state).toBe('uploading');
    await end();
    test.clock.advanceSeconds(DAY - 60);
    await begin('mp4', 1);
    test.clock.advanceSeconds(60);
    await maintainUploads(test.services, log);
    expect((await stored(recordingId)).state).toBe('uploading');
  });

  it('CCL-6: is continued by whoever comes back later, with the blocks that have arrived, under the restriction', async () => {
    const recordingId = await staged();
    await end();
    test.clock.advanceSeconds(DAY);
    await maintainUploads(test.services, log);
    await restrict();
    const begun = await begin('mp4', 1);
    expect(begun).toMatchObject({ state: 'uploading', upload: { stagedBlocks: [{}, {}] } });
    expect((await complete(recordingId)).status).toBe(202);
    await verify(recordingId);
    const recording = await stored(recordingId);
    expect(recording).toMatchObject({ state: 'complete', restrictedAt: expect.any(String) as string });
    expect(recording.stateReason).toBeUndefined();
  });
});

/** The blob store with something that happens before and after each call. */
function hooked(before: (name: string) => void, after: (name: string) => void = () => undefined): BlobStore {
  return new Proxy(test.blobs.asStore(), {
    get: (store, name: keyof BlobStore) => {
      const method: unknown = Reflect.get(store, name);
      return async (...values: unknown[]) => {
        before(name);
        const result: unknown = await (method as (...given: unknown[]) => unknown).apply(store, values);
        after(name);
        return result;
      };
    },
  });
}
