/** Changing, deleting and copying policies, through the API. */
import { OTHER_SITE, type PolicyApi, SITE, startPolicyApi } from '../../tests/support/policy-api';
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { decideSession } from './active/decide-session';
import { activePointerType } from './policy-documents';

const scope = { users: [{ name: 'CONTOSO\\ada' }] };
const rule = (name: string, more: object = {}) => ({
  name,
  scope,
  action: 'recordWithNotification',
  ...more,
});
const policy = (...rules: object[]) => ({ name: 'Policy', rules });
const trigger = { eventType: 'appStart', actions: ['lockSession'] };
const answers = (...rules: object[]) => ({ name: 'Answers', rules });

interface Rule {
  id: string;
  name: string;
  createdAt: string;
}

let api: PolicyApi;

beforeEach(async () => {
  api = await startPolicyApi();
});
afterEach(() => api.test.close());

const get = (policyId: string, kind = 'Recording') => api.send(`get${kind}Policy`, { params: { policyId } });
const activate = (policyId: string, kind = 'Recording') =>
  api.send(`activate${kind}Policy`, { params: { policyId } });
const copy = (policyId: string, body: object, kind = 'Recording') =>
  api.send(`copy${kind}Policy`, { params: { policyId }, body });
const pointer = () => api.services.database.control(CONTOSO).read(activePointerType, SITE);

/** A PUT based on what is there now, or on the ETag given. */
async function put(policyId: string, body: object, { kind = 'Recording', etag = '' } = {}) {
  const ifMatch = etag === '' ? ((await get(policyId, kind)).headers['etag'] ?? '') : etag;
  return api.send(`put${kind}Policy`, { params: { policyId }, body, headers: { 'if-match': ifMatch } });
}

async function remove(policyId: string) {
  const { headers } = await get(policyId);
  return api.send('deleteRecordingPolicy', {
    params: { policyId },
    headers: { 'if-match': headers['etag'] ?? '' },
  });
}

const rulesOf = ({ body }: { body: Record<string, unknown> }) => body['rules'] as Rule[];

describe('changing a policy', () => {
  it('RSP-3: adds, edits, reorders and removes rules in one save; rules with their id keep their creation time', async () => {
    const policyId = await api.create('Recording', policy(rule('a'), rule('b'), rule('c')));
    const [a, , c] = rulesOf(await get(policyId));
    api.test.clock.advanceSeconds(60);
    const answer = await put(policyId, {
      name: 'ポリシー',
      description: 'Edited',
      rules: [rule('new'), rule('c', { id: c?.id }), rule('a edited', { id: a?.id, action: 'disable' })],
    });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        name: 'ポリシー',
        description: 'Edited',
        version: 2,
        createdAt: '2030-01-15T12:00:00.000Z',
        modifiedAt: '2030-01-15T12:01:00.000Z',
        rules: [
          { name: 'new', createdAt: '2030-01-15T12:01:00.000Z' },
          { name: 'c', id: c?.id, createdAt: '2030-01-15T12:00:00.000Z' },
          { name: 'a edited', id: a?.id, action: 'disable', createdAt: '2030-01-15T12:00:00.000Z' },
        ],
      },
    });
    const shown = await get(policyId);
    expect(shown.body).toEqual(answer.body);
    expect(shown.headers['etag']).toBe(answer.headers['etag']);
  });

  it('assigns a new id and creation time to a rule with an unknown id', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    const id = '019bc17a-0000-7000-8000-00000000abcd';
    const [stored] = rulesOf(await put(policyId, policy(rule('a', { id }))));
    expect(stored?.id).not.toBe(id);
  });

  it('requires the ETag of the policy, and rejects that of an older version', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    const { headers } = await get(policyId);
    expect(await api.send('putRecordingPolicy', { params: { policyId }, body: policy() })).toMatchObject({
      status: 428,
    });
    expect(await put(policyId, policy(rule('b')))).toMatchObject({ status: 200 });
    expect(await put(policyId, policy(rule('c')), { etag: headers['etag'] ?? '' })).toMatchObject({
      status: 412,
    });
    await activate(policyId);
    expect(rulesOf(await get(policyId))).toMatchObject([{ name: 'b' }]);
  });

  it('succeeds for one of several concurrent requests, stores its content, and fails for the others', async () => {
    const policyId = await api.create('Recording', policy(rule('start')));
    const etag = (await get(policyId)).headers['etag'] ?? '';
    const names = ['a', 'b', 'c', 'd', 'e'];
    const answers = await Promise.all(
      names.map((name) => put(policyId, { ...policy(rule(name)), name }, { etag })),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(4);
    const { body } = await get(policyId);
    expect(body).toEqual(won[0]?.body);
    // The body of the version is also that of the request that succeeded, not that of the first writer.
    expect(rulesOf({ body })).toMatchObject([{ name: body['name'] }]);
  });

  it('skips a body that a failed save left behind', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    await api.blobs.putOnce('policies', `${CONTOSO}/${SITE}/${policyId}/2.json.gz`, Buffer.from('orphan'));
    expect(await put(policyId, policy(rule('b')))).toMatchObject({ status: 200, body: { version: 3 } });
    expect(rulesOf(await get(policyId))).toMatchObject([{ name: 'b' }]);
  });

  it('takes effect immediately if the policy is active, and has no effect otherwise', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    await put(policyId, policy(rule('b')));
    expect(await pointer()).toBeUndefined();
    await activate(policyId);
    expect((await pointer())?.recording).toEqual({ policyId, version: 2 });
    const facts = { user: { name: 'CONTOSO\\ada', groups: [] }, tags: [] };
    expect(await decideSession(api.services, CONTOSO, SITE, facts)).toMatchObject({ ruleName: 'b' });
    expect(await put(policyId, policy(rule('c')))).toMatchObject({ body: { version: 3, active: true } });
    expect((await pointer())?.recording).toEqual({ policyId, version: 3 });
    api.test.clock.advanceSeconds(2);
    expect(await decideSession(api.services, CONTOSO, SITE, facts)).toMatchObject({
      ruleName: 'c',
      policyId,
      policyVersion: 3,
    });
  });

  it('concurrent with its activation leaves the newest version active in any order', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    const etag = (await get(policyId)).headers['etag'] ?? '';
    const [saved, activated] = await Promise.all([
      put(policyId, policy(rule('b')), { etag }),
      activate(policyId),
    ]);
    expect(activated).toMatchObject({ status: 200 });
    expect([200, 412]).toContain(saved.status);
    const { body } = await get(policyId);
    expect((await pointer())?.recording).toEqual({ policyId, version: body['version'] });
  });

  it('is not affected by concurrent activation of policies of other kinds', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    await activate(policyId);
    const response = await api.create('EventResponse', answers());
    const [saved] = await Promise.all([
      put(policyId, policy(rule('b'))),
      activate(response, 'EventResponse'),
      activate('do-not-detect', 'EventDetection'),
    ]);
    expect(saved).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await pointer()).toMatchObject({
      recording: { policyId, version: 2 },
      eventDetection: { policyId: 'do-not-detect' },
      eventResponse: { policyId: response },
    });
  });

  it('is rejected for an active policy while a server is too old for it, and saved with a warning for an inactive one', async () => {
    await api.addServer('24.2.0.11');
    await api.addServer('22.3.0.24');
    const lock = answers({ name: 'r', scope, triggers: [trigger] });
    const active = await api.create('EventResponse', answers());
    const other = await api.create('EventResponse', { ...answers(), name: 'Other answers' });
    await activate(active, 'EventResponse');
    expect(await put(active, lock, { kind: 'EventResponse' })).toMatchObject({
      status: 409,
      body: {
        code: 'feature-not-supported',
        feature: 'sessionOperations',
        found: '22.3.0.24',
        needed: '2206',
      },
    });
    const saved = await put(other, { ...lock, name: 'Other answers' }, { kind: 'EventResponse' });
    expect(saved).toMatchObject({ status: 200, body: { warnings: [expect.stringContaining('2206')] } });
    expect(await activate(other, 'EventResponse')).toMatchObject({ status: 409 });
  });

  it('is logged with what changed', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    const [a] = rulesOf(await get(policyId));
    await put(policyId, policy(rule('a', { id: a?.id, action: 'disable' })));
    expect((await api.log()).at(-1)).toMatchObject({
      action: 'recordingPolicy.change',
      by: { name: 'ada@contoso.example' },
      target: { type: 'recordingPolicy', id: policyId },
      old: { version: 1 },
      new: {
        version: 2,
        changes: ['Rule "a": action changed from "recordWithNotification" to "disable"'],
      },
    });
  });

  it('POL-7: accepts a policy of four megabytes and returns it', async () => {
    const machines = Array.from({ length: 9_500 }, (_, number) => `VDA-${number}-${'x'.repeat(400)}`);
    const large = policy(rule('large', { scope: { machines } }));
    expect(JSON.stringify(large).length).toBeGreaterThan(3_900_000);
    const policyId = await api.create('Recording', policy());
    const saved = await put(policyId, large);
    expect(saved.status).toBe(200);
    expect((await get(policyId)).body).toEqual(saved.body);
    const tooLarge = policy(rule('larger', { scope: { machines: [...machines, ...machines] } }));
    const answer = await api.send('createRecordingPolicy', { body: tooLarge });
    expect(answer).toMatchObject({ status: 413, body: { code: 'too-large' } });
  });
});

describe('deleting a policy', () => {
  it('removes it from the list, afterwards it is not found, and another customer cannot do it', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    const { headers } = await get(policyId);
    const fabrikam = await api.test.issuer.token({ tid: FABRIKAM });
    const byOthers = await api.send('deleteRecordingPolicy', {
      params: { policyId },
      headers: { 'if-match': headers['etag'] ?? '' },
      token: fabrikam,
    });
    expect(byOthers).toMatchObject({ status: 404 });
    expect(await remove(policyId)).toMatchObject({ status: 204 });
    expect(await get(policyId)).toMatchObject({ status: 404 });
    expect((await api.send('listRecordingPolicies')).body['value']).toHaveLength(9);
    expect((await api.log()).at(-1)).toMatchObject({ action: 'recordingPolicy.delete', old: { version: 1 } });
  });

  it('POL-1: is rejected while it is active', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    await activate(policyId);
    expect(await remove(policyId)).toMatchObject({ status: 409, body: { code: 'active-policy' } });
    await api.send('deactivateRecordingPolicy', { params: { policyId } });
    expect(await remove(policyId)).toMatchObject({ status: 204 });
  });

  it('concurrent with its activation happens before it or not at all: no deleted policy is active', async () => {
    for (let round = 0; round < 5; round++) {
      const policyId = await api.create('Recording', policy(rule('a')));
      const [removed, activated] = await Promise.all([remove(policyId), activate(policyId)]);
      const isThere = (await get(policyId)).status === 200;
      expect(isThere).toBe(removed.status !== 204);
      expect(activated.status).toBe(isThere ? 200 : 404);
      const active = (await pointer())?.recording.policyId;
      if (!isThere) expect(active).not.toBe(policyId);
    }
  });
});

describe('a system-defined policy', () => {
  it('POL-1: cannot be changed, deleted or copied', async () => {
    const policyId = 'do-not-record';
    const rejected = { status: 409, body: { code: 'system-defined' } };
    expect(await put(policyId, policy())).toMatchObject(rejected);
    expect(await remove(policyId)).toMatchObject(rejected);
    expect(await copy(policyId, { siteId: OTHER_SITE })).toMatchObject(rejected);
  });
});

describe('copying a policy', () => {
  it('creates an inactive policy, at the same site with an unused name', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    await activate(policyId);
    expect(await copy(policyId, {})).toMatchObject({
      status: 201,
      body: { name: 'Policy (copy)', active: false, version: 1, rules: [{ name: 'a' }] },
    });
    expect(await copy(policyId, {})).toMatchObject({ body: { name: 'Policy (copy 2)' } });
    expect((await pointer())?.recording.policyId).toBe(policyId);
  });

  it('POL-7: to another site of the customer assigns new rule ids and keeps their creation times', async () => {
    const policyId = await api.create(
      'EventResponse',
      answers({ name: 'young', scope, triggers: [trigger] }),
    );
    const [young] = rulesOf(await get(policyId, 'EventResponse'));
    api.test.clock.advanceSeconds(60);
    const younger = { name: 'younger', scope, triggers: [trigger] };
    await put(policyId, answers(younger, { ...younger, name: 'young', id: young?.id }), {
      kind: 'EventResponse',
    });
    const copied = await copy(policyId, { siteId: OTHER_SITE.toUpperCase() }, 'EventResponse');
    expect(copied).toMatchObject({
      status: 201,
      body: {
        name: 'Answers',
        rules: [
          { name: 'younger', createdAt: '2030-01-15T12:01:00.000Z' },
          { name: 'young', createdAt: '2030-01-15T12:00:00.000Z' },
        ],
      },
      headers: {
        location: `/api/v1/sites/${OTHER_SITE}/eventResponsePolicies/${String(copied.body['id'])}`,
      },
    });
    expect(rulesOf(copied)[1]?.id).not.toBe(young?.id);
  });

  it('reports the policy with a conflicting name, and accepts another name', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    const first = await copy(policyId, { siteId: OTHER_SITE });
    expect(await copy(policyId, { siteId: OTHER_SITE })).toMatchObject({
      status: 409,
      body: {
        code: 'already-exists',
        errors: [{ pointer: '/name' }],
        conflict: { siteId: OTHER_SITE, policyId: first.body['id'], name: 'Policy' },
      },
    });
    expect(await copy(policyId, { siteId: OTHER_SITE, name: 'policy' })).toMatchObject({ status: 409 });
    expect(await copy(policyId, { siteId: OTHER_SITE, name: 'Other' })).toMatchObject({ status: 201 });
  });

  it('warns about what the site of the copy lacks', async () => {
    await api.addServer('23.5.0.0', OTHER_SITE);
    const policyId = await api.create('Recording', policy(rule('a', { audio: true })));
    const { status, body } = await copy(policyId, { siteId: OTHER_SITE });
    expect(status).toBe(201);
    expect(body['warnings']).toEqual([expect.stringContaining('audio recording')]);
  });

  it('is rejected for a site that does not exist or belongs to another customer', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    expect(await copy(policyId, { siteId: '019bc17a-0000-7000-8000-00000000dead' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/siteId' }] },
    });
  });

  it('is created once when its request is retried', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    const request = {
      params: { policyId },
      body: { siteId: OTHER_SITE },
      headers: { 'idempotency-key': 'copy-1' },
    };
    const first = await api.send('copyRecordingPolicy', request);
    expect(await api.send('copyRecordingPolicy', request)).toMatchObject({ status: 201, body: first.body });
  });
});
