/** Live uploads of the reference client: pieces, lost answers, kills in between, files that change. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHttpHeaders, type PipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { REAL_MP4, REAL_WEBM } from '../../tests/support/real-media';
import { RejectedError } from './connection';
import { type AppendedPrefixes, LiveUploads } from './live-uploads';
import { beginsPiece, wholePieces } from './media-pieces';
import { PersistentMap } from './persistent-map';

describe('a growing file', () => {
  it.each([
    ['mp4', REAL_MP4, 5_000, 4_924],
    ['mp4', REAL_MP4, 4_924, 4_924],
    ['mp4', REAL_MP4, 3_000, 0],
    ['webm', REAL_WEBM, 5_000, 4_742],
    ['webm', REAL_WEBM, 4_745, 361],
    ['webm', REAL_WEBM, 20, 0],
  ] as const)('is cut where a player can begin: %s', (container, file, sizeBytes, cut) => {
    expect(wholePieces(file.subarray(0, sizeBytes), container)).toBe(cut);
    expect(beginsPiece(file.subarray(cut, cut + 8), cut)).toBe(true);
    expect(beginsPiece(file.subarray(10, 18), 10)).toBe(false);
  });
});

/** A service with one recording and one append blob. */
class Service {
  blob = Buffer.alloc(0);
  segments: { sequence: number; offset: number; sizeBytes: number }[] = [];
  completed: { sizeBytes: number; sha256: string }[] | undefined;
  /** What happens to the next appends: the answer is lost, or nothing is done. */
  faults: ('answerLost' | 'refused')[] = [];
  now = Date.parse('2030-01-15T12:00:00Z');
  segmentSeconds = 2;

  readonly clock = { now: () => this.now, serviceNow: () => this.now };
  readonly wait = () => Promise.resolve();
  readonly http = { sendRequest: (request: PipelineRequest) => Promise.resolve(this.append(request)) };

  call = (_method: string, url: string, options: { body?: object } = {}) => {
    const body = options.body as Record<string, never> & { segments: []; blocks: [] };
    return Promise.resolve({ status: 200, etag: undefined, body: this.answer(url, body) as never });
  };

  private answer(url: string, body: { segments: Service['segments']; blocks: [] }) {
    const end = this.segments.at(-1);
    const index = {
      nextSequence: this.segments.length,
      nextOffset: end ? end.offset + end.sizeBytes : 0,
      segmentSeconds: this.segmentSeconds,
    };
    if (url === '/recordings') {
      const expiresAt = new Date(this.now + 900_000).toISOString();
      const live = {
        url: 'https://blob.test/live?sig=x',
        expiresAt,
        appendedBytes: this.blob.length,
        ...index,
      };
      return { recordingId: 'r', ...(this.completed ? {} : { live }) };
    }
    if (url.endsWith('/complete')) this.completed = body.blocks;
    else
      for (const segment of body.segments) {
        if (segment.sequence !== this.segments.length || segment.offset !== index.nextOffset)
          throw new RejectedError(409, 'conflict', 'a gap');
        this.segments.push(segment);
      }
    return { ...index, nextSequence: this.segments.length, nextOffset: this.blob.length };
  }

  private append(request: PipelineRequest): PipelineResponse {
    const answer = (status: number) => ({ request, status, headers: createHttpHeaders(), bodyAsText: '' });
    const fault = this.faults.shift();
    if (fault === 'refused') return answer(503);
    if (Number(request.headers.get('x-ms-blob-condition-appendpos')) !== this.blob.length) return answer(412);
    this.blob = Buffer.concat([this.blob, request.body as unknown as Buffer]);
    return answer(fault === 'answerLost' ? 500 : 201);
  }
}

let folder: string;
let service: Service;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'live-uploads-'));
  service = new Service();
});
afterEach(() => rmSync(folder, { recursive: true }));

const { signal } = new AbortController();
const recording = () => ({
  sessionId: 's',
  part: 1,
  container: 'mp4' as const,
  startedAt: '2030-01-15T11:59:00Z',
  endedAt: '2030-01-15T12:01:00Z',
  file: path.join(folder, 'screen.mp4'),
});
/** As after a start of the client. */
const uploads = () =>
  new LiveUploads(
    service as never,
    new PersistentMap<AppendedPrefixes>(path.join(folder, 'live-uploads.json')),
  );
const grown = (sizeBytes: number) => writeFileSync(recording().file, REAL_MP4.subarray(0, sizeBytes));

it('RCD-1: appends whole pieces as they are due, and the rest at the end', async () => {
  const live = uploads();
  grown(3_200);
  expect(await live.grow(recording(), signal)).toBe(true);
  expect(service.segments).toMatchObject([
    { sequence: 0, offset: 0, sizeBytes: 3_094, startsWithKeyframe: true },
  ]);
  grown(5_000);
  await live.grow(recording(), signal);
  expect(service.blob.length).toBe(3_094);
  service.now += 2_000;
  await live.grow(recording(), signal);
  expect(service.blob.length).toBe(4_924);
  grown(REAL_MP4.length);
  expect(await live.complete(recording(), signal)).toBe('r');
  expect(service.blob).toEqual(readFileSync(recording().file));
  expect(service.completed).toMatchObject([{ sizeBytes: REAL_MP4.length }]);
  expect(service.segments.map(({ offset }) => offset)).toEqual([0, 3_094, 4_924]);
});

it.each(['answerLost', 'refused'] as const)('RCD-1: appends once when an append is %s', async (fault) => {
  service.faults = [fault];
  grown(5_000);
  expect(await uploads().grow(recording(), signal)).toBe(true);
  expect(service.blob).toEqual(REAL_MP4.subarray(0, 4_924));
  expect(service.segments).toHaveLength(1);
});

it('RCD-1: goes on after it was killed between the append and the index', async () => {
  grown(5_000);
  const call = service.call;
  service.call = (method, url, options) =>
    url.endsWith('/segments') ? Promise.reject(new Error('killed')) : call(method, url, options);
  await expect(uploads().grow(recording(), signal)).rejects.toThrow('killed');
  service.call = call;
  grown(REAL_MP4.length);
  expect(await uploads().complete(recording(), signal)).toBe('r');
  expect(service.blob).toEqual(REAL_MP4);
  expect(service.segments).toMatchObject([{ offset: 0, sizeBytes: REAL_MP4.length }]);
});

it('RCD-1: leaves a file whose beginning has changed to an upload in blocks', async () => {
  grown(5_000);
  await uploads().grow(recording(), signal);
  writeFileSync(recording().file, Buffer.from(REAL_MP4).fill(1, 100, 110));
  expect(await uploads().complete(recording(), signal)).toBeUndefined();
  expect(service.completed).toBeUndefined();
  expect(await uploads().grow(recording(), signal)).toBe(false);
});

it('leaves what was never live to an upload in blocks', async () => {
  grown(REAL_MP4.length);
  expect(await uploads().complete(recording(), signal)).toBeUndefined();
  expect(service.blob.length).toBe(0);
});
