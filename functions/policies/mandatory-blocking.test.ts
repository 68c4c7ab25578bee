/** Changes of policies while a server with mandatory blocking cannot write its administrator log. */
import { IDLE_STATE } from '../../tests/support/idle-state';
import { call, type TestRequest } from '../../tests/support/call';
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { serverOperations } from '../servers';
import { policyOperations } from '.';

let test: RecordingServerTest;
let serverId: string;
let siteId: string;

beforeEach(async () => {
  test = await startRecordingServerTest();
  serverId = await test.register({ serverVersion: '24.2.0.1' });
  const { body } = await send('getServer', { params: { serverId } });
  siteId = String(body['siteId']);
});
afterEach(() => test.close());

async function send(id: string, request: TestRequest = {}) {
  const operation = [...policyOperations, ...serverOperations].find((item) => item.id === id);
  if (!operation) throw new Error(`There is no operation ${id}`);
  return call(test.services, operation, { token: await test.issuer.token(), ...request });
}

const beat = (administratorLogging: 'ok' | 'failing') =>
  test.send('sendHeartbeat', {
    params: { serverId },
    body: {
      ...IDLE_STATE,
      administratorLogging,
      clientTime: test.time(),
    },
  });

const POLICY = { name: 'Finance', description: '', rules: [] };
const headers = { 'if-match': '*' };

it('SET-3: each change of a policy is refused until the log can be written, and reads go on', async () => {
  const created = await send('createRecordingPolicy', { params: { siteId }, body: POLICY });
  const policyId = String(created.body['id']);
  const params = { siteId, policyId };
  const changes: [string, TestRequest][] = [
    ['createRecordingPolicy', { params: { siteId }, body: { ...POLICY, name: 'Other' } }],
    ['putRecordingPolicy', { params, headers, body: { ...POLICY, description: 'changed' } }],
    ['activateRecordingPolicy', { params }],
    ['deactivateRecordingPolicy', { params }],
    ['copyRecordingPolicy', { params, body: { name: 'Copy' } }],
    ['restoreRecordingPolicyVersion', { params: { ...params, version: '1' } }],
    ['deleteRecordingPolicy', { params, headers }],
  ];
  await beat('failing');
  for (const [id, request] of changes)
    expect([id, await send(id, request)]).toMatchObject([
      id,
      { status: 409, body: { code: 'administrator-logging-failing', servers: ['REC01'] } },
    ]);
  expect((await send('getRecordingPolicy', { params })).status).toBe(200);
  await beat('ok');
  for (const [id, request] of changes)
    expect([id, (await send(id, request)).status < 300]).toEqual([id, true]);
});
