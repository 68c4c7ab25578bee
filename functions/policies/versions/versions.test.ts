/** The history of a policy, through the API. */
import { type PolicyApi, SITE, startPolicyApi } from '../../../tests/support/policy-api';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { activePointerType } from '../policy-documents';

const scope = { machines: ['VDA01'] };
const rule = (action: string, more: object = {}) => ({ name: 'Rule', scope, action, ...more });
const policy = (...rules: object[]) => ({ name: 'Policy', rules });

interface Version {
  version: number;
  changes: string[];
}

let api: PolicyApi;
let policyId: string;

/** A policy of three versions: recorded, not recorded, two rules. */
beforeEach(async () => {
  api = await startPolicyApi();
  policyId = await api.create('Recording', policy(rule('recordWithNotification')));
  const { body } = await api.send('getRecordingPolicy', { params: { policyId } });
  const id = (body['rules'] as { id: string }[])[0]?.id;
  api.test.clock.advanceSeconds(60);
  await put(policy(rule('disable', { id })));
  api.test.clock.advanceSeconds(60);
  await put(policy(rule('disable', { id }), { ...rule('recordWithNotification'), name: 'Second' }));
});
afterEach(() => api.test.close());

async function put(body: object) {
  const params = { policyId };
  const { headers } = await api.send('getRecordingPolicy', { params });
  return api.send('putRecordingPolicy', { params, body, headers: { 'if-match': headers['etag'] ?? '' } });
}
const list = async (query = '') => {
  const { body } = await api.send('listRecordingPolicyVersions', { params: { policyId }, query });
  return body as unknown as { value: Version[]; nextLink?: string };
};
const show = (version: string, query = '') =>
  api.send('getRecordingPolicyVersion', { params: { policyId, version }, query });
const restore = (version: string) =>
  api.send('restoreRecordingPolicyVersion', { params: { policyId, version } });

it('POL-7: lists versions newest first with author, time and changes', async () => {
  expect((await list()).value).toMatchObject([
    {
      version: 3,
      current: true,
      active: false,
      origin: 'edited',
      savedAt: '2030-01-15T12:02:00.000Z',
      savedBy: 'ada@contoso.example',
      ruleCount: 2,
      changes: ['Rule "Second" added'],
    },
    {
      version: 2,
      current: false,
      changes: ['Rule "Rule": action changed from "recordWithNotification" to "disable"'],
    },
    { version: 1, origin: 'created', changes: [] },
  ]);
});

it('is paged', async () => {
  const first = await list('?top=2');
  expect(first.value.map(({ version }) => version)).toEqual([3, 2]);
  const second = await list(new URL(first.nextLink ?? '').search);
  expect(second.value.map(({ version }) => version)).toEqual([1]);
  expect(second.nextLink).toBeUndefined();
});

it('returns a version as it was saved, and compares it with another one', async () => {
  const { body } = await show('1');
  expect(body).toMatchObject({ version: 1, rules: [{ name: 'Rule', action: 'recordWithNotification' }] });
  expect(body).not.toHaveProperty('differences');
  const compared = await show('3', '?compareWith=1');
  expect(compared.body).toMatchObject({
    version: 3,
    comparedWith: 1,
    differences: [
      { kind: 'changed', pointer: '/rules/0/action' },
      { kind: 'added', pointer: '/rules/1', message: 'Rule "Second" added' },
    ],
  });
  expect((await show('1', '?compareWith=3')).body['differences']).toMatchObject([
    { kind: 'removed', pointer: '/rules/1' },
    { kind: 'changed', pointer: '/rules/0/action' },
  ]);
});

it('returns 404 for a version that was never saved', async () => {
  for (const version of ['0', '4', '01', '-1', '1.0', 'x'])
    expect(await show(version)).toMatchObject({ status: 404 });
  expect(await restore('4')).toMatchObject({ status: 404 });
  expect(await show('1', '?compareWith=9')).toMatchObject({
    status: 400,
    body: { errors: [{ parameter: 'compareWith' }] },
  });
});

it('POL-7: restores a version as a new one that takes effect immediately, and keeps all versions', async () => {
  await api.send('activateRecordingPolicy', { params: { policyId } });
  const before = await show('1');
  expect(await restore('1')).toMatchObject({
    status: 200,
    body: { version: 4, active: true, rules: before.body['rules'] },
  });
  const pointer = await api.services.database.control(CONTOSO).read(activePointerType, SITE);
  expect(pointer?.recording).toEqual({ policyId, version: 4 });
  expect((await list()).value).toMatchObject([
    { version: 4, origin: 'restored', source: { policyId, version: 1 }, active: true },
    { version: 3, active: false },
    { version: 2 },
    { version: 1 },
  ]);
  expect((await api.log()).at(-1)).toMatchObject({ action: 'recordingPolicy.restore', new: { version: 4 } });
});

it('restores as the newest version even if others save at the same time', async () => {
  const [saved, restored] = await Promise.all([put({ ...policy(), name: 'Other' }), restore('1')]);
  expect(restored.status).toBe(200);
  expect([200, 412]).toContain(saved.status);
  const { body } = await api.send('getRecordingPolicy', { params: { policyId } });
  const [newest] = (await list()).value;
  expect(newest?.version).toBe(body['version']);
  expect((await list()).value).toHaveLength(saved.status === 200 ? 5 : 4);
});

it('does not restore a version into an active policy if a server of the site is too old for it', async () => {
  await put(policy(rule('recordWithNotification', { audio: true })));
  await put(policy(rule('disable')));
  await api.addServer('23.5.0.0');
  await api.send('activateRecordingPolicy', { params: { policyId } });
  expect(await restore('4')).toMatchObject({ status: 409, body: { feature: 'audioRecording' } });
});

it('lists a system-defined policy as one version that cannot be restored', async () => {
  const params = { policyId: 'do-not-record', version: '1' };
  const { body } = await api.send('listRecordingPolicyVersions', { params });
  expect(body['value']).toMatchObject([{ version: 1, current: true, active: true, changes: [] }]);
  expect(await api.send('getRecordingPolicyVersion', { params })).toMatchObject({ status: 200 });
  expect(await api.send('restoreRecordingPolicyVersion', { params })).toMatchObject({
    status: 409,
    body: { code: 'system-defined' },
  });
});
