/** A recording on its way: recorded live, watched, completed, played with a justification, found in the playback log. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tenantIdOf } from '../../infra/local/azure/login/directory-ids';
import { type AuditEntry, auditEntryType } from '../../shared/audit/audit-entry';
import { loadConfig } from '../../shared/config';
import { readLog } from '../../shared/log/read-log';
import { openServices } from '../../shared/services';
import { type CloudClient } from '../../scripts/cloud-client/cloud-client';
import { testClient } from '../../scripts/cloud-client/testing/test-client';
import { REAL_WEBM } from '../support/real-media';
import { type Api, eventually, startService, type TestService } from '../support/service';

jest.setTimeout(60_000);

let service: TestService;
let administrator: Api;
let folder: string;
let client: CloudClient;
let serverId: string;

interface Segment {
  offset: number;
  sizeBytes: number;
}
interface Played {
  recording: { id: string; state: string };
  media?: { url: string; expiresAt: string; contentType: string; sizeBytes?: number };
  live?: { segments: Segment[]; nextSequence: number };
  session: { position: number; count: number };
}

beforeAll(async () => {
  service = await startService();
  administrator = await service.as();
  folder = mkdtempSync(path.join(tmpdir(), 'playback-'));
  const database = { instance: 'SQL01', name: 'Recording' };
  await administrator('POST', '/api/v1/sites', { body: { name: 'Paris', database } });
  const { body: identity } = await administrator<{ clientId: string; secret: string }>(
    'POST',
    '/api/v1/secureClients',
    { body: { name: 'servers' } },
  );
  client = testClient({
    serviceUrl: service.url,
    folder: path.join(folder, 'state'),
    credentials: { clientId: identity.clientId, clientSecret: identity.secret },
    machine: {
      machineId: 'm',
      hostName: 'REC01',
      operatingSystem: 'Windows Server 2022',
      timeZone: 'UTC',
      serverVersion: '24.2.0.100',
      clientVersion: '7.42.15010.4',
      database,
    },
  });
  serverId = await client.start();
}, 60_000);

afterAll(async () => {
  await client?.stop();
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const play = (recordingId: string, body?: object) =>
  administrator<Played & { code?: string }>('POST', `/api/v1/recordings/${recordingId}/playback`, {
    ...(body && { body }),
  });

async function read(url: string, range: string) {
  const response = await fetch(url, { headers: { range } });
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
}

test('RCD-1, RCD-4: a recording is watched while it is made, and played as it was once it is complete', async () => {
  const file = path.join(folder, 'screen.webm');
  // Long enough ago for the first segment to be due.
  const startedAt = new Date(Date.now() - 15_000).toISOString();
  const recording = { sessionKey: 'ada', part: 1, container: 'webm' as const, startedAt, file };
  const facts = { user: { name: 'CONTOSO\\ada', groups: [] }, machine: 'VDA07', tags: [] };
  client.startSession({ sessionKey: 'ada', startedAt, facts });
  await client.delivered();

  // The recorder has written its first clusters.
  writeFileSync(file, REAL_WEBM.subarray(0, 5_000));
  await eventually('the first segment', async () => {
    await client.uploadGrowing(recording);
    const { body } = await administrator<{ value: { id: string }[] }>('GET', '/api/v1/recordings');
    return body.value[0] && (await play(body.value[0].id)).body.live?.segments[0];
  });
  const { body: listed } = await administrator<{ value: { id: string }[] }>('GET', '/api/v1/recordings');
  const recordingId = listed.value[0]?.id ?? '';
  const { body: live } = await play(recordingId);
  expect(live).toMatchObject({ recording: { state: 'uploading' }, media: { contentType: 'video/webm' } });
  const url = live.media?.url ?? '';
  const [first] = live.live?.segments ?? [];
  const watched = await read(url, `bytes=0-${(first?.sizeBytes ?? 0) - 1}`);
  expect(watched).toEqual({ status: 206, bytes: REAL_WEBM.subarray(0, first?.sizeBytes) });

  // More arrives: it is visible at once, as a segment of two seconds.
  appendFileSync(file, REAL_WEBM.subarray(5_000, 12_000));
  const arrived = await eventually('the second segment', async () => {
    await client.uploadGrowing(recording);
    const next = await administrator<{ segments: Segment[]; isComplete: boolean }>(
      'GET',
      `/api/v1/recordings/${recordingId}/segments?from=1`,
    );
    return next.body.segments[0];
  });
  const end = arrived.offset + arrived.sizeBytes;
  const more = await read(url, `bytes=${arrived.offset}-${end - 1}`);
  expect(more.bytes).toEqual(REAL_WEBM.subarray(arrived.offset, end));

  // The recorder ends; the cloud client delivers the rest.
  appendFileSync(file, REAL_WEBM.subarray(12_000));
  client.addRecording({ ...recording, endedAt: new Date().toISOString() });
  client.endSession('ada', new Date().toISOString());
  await client.delivered();
  await eventually('the verification', async () => {
    const { body } = await administrator('GET', `/api/v1/recordings/${recordingId}`);
    return body['state'] === 'complete' ? true : undefined;
  });
  const { body: played } = await play(recordingId);
  expect(played).toMatchObject({
    media: { contentType: 'video/webm', sizeBytes: REAL_WEBM.length },
    session: { position: 1, count: 1 },
  });
  expect(played.live).toBeUndefined();
  const whole = await fetch(played.media?.url ?? '');
  expect(whole.headers.get('content-type')).toBe('video/webm');
  expect(Buffer.from(await whole.arrayBuffer())).toEqual(REAL_WEBM);
  const part = await read(played.media?.url ?? '', 'bytes=4742-11065');
  expect(part).toEqual({ status: 206, bytes: REAL_WEBM.subarray(4_742, 11_066) });
  expect((await fetch(played.media?.url ?? '', { method: 'DELETE' })).status).toBe(403);

  // From now on the server asks for a justification.
  const settings = `/api/v1/servers/${serverId}/settings`;
  const { headers } = await administrator('GET', settings);
  await administrator('PATCH', settings, {
    body: { playback: { requireJustification: true } },
    headers: { 'if-match': headers.get('etag') ?? '' },
  });
  const refused = await play(recordingId);
  expect([refused.status, refused.body.code]).toEqual([400, 'justification-required']);
  const justification = 'Complaint 4711 of the finance department';
  expect((await play(recordingId, { justification })).status).toBe(200);
  const newest = (await playbackLog(recordingId)).slice(0, 3);
  expect(newest).toMatchObject([
    { outcome: 'attempted', justification, by: { kind: 'fullAdmin' }, serverId },
    { outcome: 'failed', reason: 'justification-required' },
    { outcome: 'attempted' },
  ]);
});

/** The entries of the playback log about a recording, newest first. */
async function playbackLog(recordingId: string): Promise<AuditEntry[]> {
  const services = openServices(loadConfig(service.stack.env));
  const customerId = tenantIdOf('contoso');
  const entries = await readLog(services, customerId, auditEntryType, { limit: 100 });
  return entries.filter(({ category, target }) => category === 'playback' && target?.id === recordingId);
}
