/** Whoever has an upload URL, against the running service: what it can write never becomes or changes a recording. */
import { createHash, randomUUID } from 'node:crypto';
import { BlockBlobClient } from '@azure/storage-blob';
import { createTestCustomer, type TestCustomer } from '../support/customer-requests';
import { eventually, startService, type TestService } from '../support/service';

let service: TestService;
let customer: TestCustomer;

beforeAll(async () => {
  service = await startService();
  customer = await createTestCustomer(service, 'contoso');
}, 120_000);
afterAll(() => service.stop());

const cloudClient = '/api/cloud-client/v1';
const CONTENT = Buffer.from('{"type":"appStart"}\n{"type":"appEnd"}\n');
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const BLOCK = 'MDAwMDAw';
const manifest = (hash = sha256(CONTENT)) => [{ blockId: BLOCK, sizeBytes: CONTENT.length, sha256: hash }];

/** A recording whose only block is staged. */
async function staged(content = CONTENT) {
  const { server, serverId } = customer;
  const now = new Date().toISOString();
  const facts = { user: { name: 'CONTOSO\\bob', groups: [] }, machine: 'VDA01', tags: [] };
  const session = await server<{ sessionId: string }>('POST', `${cloudClient}/sessions`, {
    body: { serverId, sessionKey: randomUUID(), startedAt: now, facts },
  });
  const begun = await server<{ recordingId: string; upload: { url: string } }>(
    'POST',
    `${cloudClient}/recordings`,
    { body: { sessionId: session.body.sessionId, part: 1, container: 'events', startedAt: now } },
  );
  const upload = new BlockBlobClient(begun.body.upload.url);
  await upload.stageBlock(BLOCK, content, content.length);
  return { recordingId: begun.body.recordingId, upload };
}
const complete = (recordingId: string, blocks: object[] = manifest()) =>
  customer.server<{ code?: string }>('POST', `${cloudClient}/recordings/${recordingId}/complete`, {
    body: { endedAt: new Date().toISOString(), blocks },
  });
const show = async (recordingId: string) =>
  (await customer.administrator('GET', `/api/v1/recordings/${recordingId}`)).body;
const verified = (recordingId: string) =>
  eventually('The verification', async () => {
    const recording = await show(recordingId);
    return recording['state'] === 'verifying' ? undefined : recording;
  });

test('RCD-1: a verified recording stays complete, whatever is written by the URL of its upload', async () => {
  const { recordingId, upload } = await staged();
  expect((await complete(recordingId)).status).toBe(202);
  const expected = { state: 'complete', sha256: sha256(CONTENT), sizeBytes: CONTENT.length };
  expect(await verified(recordingId)).toMatchObject(expected);
  await upload.upload('<script>', 8);
  await upload.stageBlock(BLOCK, '<script>', 8);
  await upload.commitBlockList([BLOCK]);
  expect((await complete(recordingId)).body).toMatchObject(expected);
  expect(await show(recordingId)).toMatchObject(expected);
}, 60_000);

test('RCD-1: of eight manifests at once one is accepted, the others are conflicts', async () => {
  const { recordingId } = await staged();
  const hashes = Array.from({ length: 8 }, (_, index) => sha256(Buffer.from(String(index))));
  const answers = await Promise.all(hashes.map((hash) => complete(recordingId, manifest(hash))));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, ...Array<number>(7).fill(409)]);
}, 60_000);

test('RCD-1: a leased upload is a conflict, until the lease is released', async () => {
  const { recordingId, upload } = await staged();
  await upload.commitBlockList([BLOCK]);
  const lease = upload.getBlobLeaseClient();
  await lease.acquireLease(60);
  expect(await complete(recordingId)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  await lease.releaseLease();
  expect((await complete(recordingId)).status).toBe(202);
  expect(await verified(recordingId)).toMatchObject({ state: 'complete' });
}, 60_000);

test('RCD-1: events whose later line is HTML are damaged', async () => {
  const content = Buffer.from('{"type":"appStart"}\n<script>alert(1)</script>\n');
  const { recordingId } = await staged(content);
  await complete(recordingId, [{ blockId: BLOCK, sizeBytes: content.length, sha256: sha256(content) }]);
  expect(await verified(recordingId)).toMatchObject({
    state: 'damaged',
    stateReason: expect.stringContaining('line 2') as string,
  });
}, 60_000);
