/** For each operation on sessions and recordings: a request that succeeds for the customer who owns them. */
import { createHash, randomUUID } from 'node:crypto';
import { AnonymousCredential, AppendBlobClient, BlockBlobClient } from '@azure/storage-blob';
import { insightRequests } from './insight-requests';
import { eventually } from './service';
import type { CustomerRequest, Make, TestCustomer } from './test-customer';

/** Starts a session of the server; resolves with its id. */
export async function startSession({ server, serverId }: TestCustomer): Promise<string> {
  const answer = await server<{ sessionId: string }>('POST', '/api/cloud-client/v1/sessions', {
    body: sessionStart(serverId),
  });
  return answer.body.sessionId;
}

function sessionStart(serverId: string) {
  return {
    serverId,
    sessionKey: randomUUID(),
    startedAt: new Date().toISOString(),
    facts: { user: { name: 'CONTOSO\\bob', groups: [] }, machine: 'VDA01', tags: [] },
  };
}

interface StartedRecording {
  recordingId: string;
  upload: { url: string };
}

function recordingBegin(sessionId: string) {
  return { sessionId, part: 1, container: 'events', startedAt: new Date().toISOString() };
}

async function beginRecording(customer: TestCustomer): Promise<StartedRecording> {
  const body = recordingBegin(await startSession(customer));
  return (await customer.server<StartedRecording>('POST', '/api/cloud-client/v1/recordings', { body })).body;
}

const NEW_COMMENT = { positionSeconds: 1.5, text: 'Opened the salary table.', severity: 'severe' };

/** A recording that has begun. */
async function begunRecording(customer: TestCustomer): Promise<CustomerRequest> {
  return { params: { recordingId: (await beginRecording(customer)).recordingId } };
}

async function completion(customer: TestCustomer): Promise<CustomerRequest> {
  const { recordingId, upload } = await beginRecording(customer);
  const content = Buffer.from('{"id":1}\n');
  const blockId = Buffer.from('000000').toString('base64');
  await new BlockBlobClient(upload.url).stageBlock(blockId, content, content.length);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const blocks = [{ blockId, sizeBytes: content.length, sha256 }];
  return { params: { recordingId }, body: { endedAt: new Date().toISOString(), blocks } };
}

/** A recording that has ended, and can be restricted. */
async function endedRecording(customer: TestCustomer): Promise<CustomerRequest> {
  const { params, body } = await completion(customer);
  const { recordingId = '' } = params;
  await customer.server('POST', `/api/cloud-client/v1/recordings/${recordingId}/complete`, { body });
  const end = { body: { endedAt: new Date().toISOString() } };
  await customer.server('POST', `/api/cloud-client/v1/sessions/${recordingId.slice(0, 36)}/end`, end);
  return { params: {}, body: { recordingIds: [recordingId] } };
}

/** A live recording with one segment that is appended, and not in its index yet. */
async function liveRecording(customer: TestCustomer): Promise<CustomerRequest> {
  const begin = { ...recordingBegin(await startSession(customer)), container: 'mp4', live: true };
  const { body } = await customer.server<{ recordingId: string; live: { url: string } }>(
    'POST',
    '/api/cloud-client/v1/recordings',
    { body: begin },
  );
  await new AppendBlobClient(body.live.url, new AnonymousCredential()).appendBlock('segment', 7);
  const segment = { sequence: 0, offset: 0, sizeBytes: 7, durationSeconds: 2, startsWithKeyframe: true };
  return { params: { recordingId: body.recordingId }, body: { segments: [segment] } };
}

/** A recording that has ended and was verified. */
async function playableRecording(customer: TestCustomer): Promise<CustomerRequest> {
  const { body } = await endedRecording(customer);
  const [recordingId = ''] = (body as { recordingIds: string[] }).recordingIds;
  await eventually('verification', async () => {
    const shown = await customer.administrator('GET', `/api/v1/recordings/${recordingId}`);
    return shown.body['state'] === 'complete' ? true : undefined;
  });
  return { params: { recordingId }, body: { justification: 'Complaint 4711' } };
}

/** A recording whose verification is over, and which can be archived and deleted. */
async function verifiedRecording(customer: TestCustomer): Promise<CustomerRequest> {
  const request = await endedRecording(customer);
  const [recordingId] = (request.body as { recordingIds: string[] }).recordingIds;
  await eventually('the verification', async () => {
    const path = `/api/v1/recordings/${recordingId}`;
    const { body } = await customer.administrator<{ state: string }>('GET', path);
    return ['uploading', 'verifying'].includes(body.state) ? undefined : body;
  });
  return request;
}

/** A body with one event. */
export function eventBatch(sessionId: string) {
  const event = {
    id: randomUUID(),
    type: 'appStart',
    time: new Date().toISOString(),
    data: { appName: 'cmd.exe' },
  };
  return { batchId: randomUUID(), sessionId, events: [event] };
}

export const RECORDING_REQUESTS: Readonly<Record<string, Make>> = {
  getRecording: begunRecording,
  ...insightRequests(begunRecording),
  listRecordingEvents: begunRecording,
  getIdlePeriods: begunRecording,
  getRecordingPerformance: begunRecording,
  listComments: begunRecording,
  createComment: async (customer) => ({ ...(await begunRecording(customer)), body: NEW_COMMENT }),
  deleteComment: async (customer) => {
    const { params } = await begunRecording(customer);
    const comments = `/api/v1/recordings/${params['recordingId'] ?? ''}/comments`;
    const { body } = await customer.administrator<{ id: string }>('POST', comments, { body: NEW_COMMENT });
    return { params: { ...params, commentId: body.id } };
  },
  playRecording: playableRecording,
  listSegments: async (customer) => ({ params: (await liveRecording(customer)).params }),
  listRecordingsOfSession: begunRecording,
  restrictRecordings: endedRecording,
  unrestrictRecordings: endedRecording,
  holdRecordings: async (customer) => {
    const { params, body } = await endedRecording(customer);
    return { params, body: { ...(body as object), reason: 'Investigation' } };
  },
  releaseRecordings: endedRecording,
  archiveRecordings: verifiedRecording,
  deleteRecordings: verifiedRecording,
  startSession: ({ serverId }) => ({ params: {}, body: sessionStart(serverId) }),
  rollOverSession: async (customer) => ({
    params: { sessionId: await startSession(customer) },
    body: { part: 2 },
  }),
  endSession: async (customer) => ({
    params: { sessionId: await startSession(customer) },
    body: { endedAt: new Date().toISOString() },
  }),
  sendEvents: async (customer) => ({ params: {}, body: eventBatch(await startSession(customer)) }),
  beginRecording: async (customer) => ({ params: {}, body: recordingBegin(await startSession(customer)) }),
  completeRecording: completion,
  addSegments: liveRecording,
};
