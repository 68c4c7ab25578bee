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
  it('adds, edits, moves and removes rules in one save; those that carry their id keep their age', async () => {
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

  it('gives a rule with an id that the policy does not have an id and an age of its own', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    const id = '019bc17a-0000-7000-8000-00000000abcd';
    const [stored] = rulesOf(await put(policyId, policy(rule('a', { id }))));
    expect(stored?.id).not.toBe(id);
  });

  it('needs the ETag of what it changes, and refuses that of an older version', async () => {
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

  it('by many at once is won by one; what it says is what is stored, and the others are told', async () => {
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
    // The body of the version is the winner's too, not that of whoever wrote first.
    expect(rulesOf({ body })).toMatchObject([{ name: body['name'] }]);
  });

  it('is not misled by the body that somebody left behind who died before naming it', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    await api.blobs.putOnce('policies', `${CONTOSO}/${SITE}/${policyId}/2.json.gz`, Buffer.from('orphan'));
    expect(await put(policyId, policy(rule('b')))).toMatchObject({ status: 200, body: { version: 3 } });
    expect(rulesOf(await get(policyId))).toMatchObject([{ name: 'b' }]);
  });

  it('takes effect at once when it is active, and on nothing when it is not', async () => {
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

  it('at the moment of its activation leaves the newest version active, whoever is first', async () => {
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

  it('is not disturbed by the activation of policies of other kinds at the same moment', async () => {
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

  it('of an active policy is refused while a server is too old for it; of another one it is saved with a warning', async () => {
    await api.addServer('24.2.0.11');
    await api.addServer('22.3.0.24');
    const lock = answers({ name: 'r', scope, triggers: [trigger] });
    const active = await api.create('EventResponse', answers());
    const other = await api.create('EventResponse', answers());
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
    const saved = await put(other, lock, { kind: 'EventResponse' });
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

  it('takes a policy of four megabytes and gives it back', async () => {
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
  it('removes it from the list; another customer cannot, and afterwards it is unknown', async () => {
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

  it('is refused while it is active', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    await activate(policyId);
    expect(await remove(policyId)).toMatchObject({ status: 409, body: { code: 'active-policy' } });
    await api.send('deactivateRecordingPolicy', { params: { policyId } });
    expect(await remove(policyId)).toMatchObject({ status: 204 });
  });

  it('at the moment of its activation happens before it or not at all: no policy that is gone is active', async () => {
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

describe('what the service defines', () => {
  it('can neither be changed, deleted nor copied', async () => {
    const policyId = 'do-not-record';
    const refused = { status: 409, body: { code: 'system-defined' } };
    expect(await put(policyId, policy())).toMatchObject(refused);
    expect(await remove(policyId)).toMatchObject(refused);
    expect(await copy(policyId, { siteId: OTHER_SITE })).toMatchObject(refused);
  });
});

describe('copying a policy', () => {
  it('makes one that is not active, at the same site under a name that is free', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    await activate(policyId);
    expect(await copy(policyId, {})).toMatchObject({
      status: 201,
      body: { name: 'Policy (copy)', active: false, version: 1, rules: [{ name: 'a' }] },
    });
    expect(await copy(policyId, {})).toMatchObject({ body: { name: 'Policy (copy 2)' } });
    expect((await pointer())?.recording.policyId).toBe(policyId);
  });

  it('to another site of the customer gives its rules ids of their own and keeps their age', async () => {
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

  it('names the policy that is in its way, and takes another name', async () => {
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

  it('says what the site that gets it lacks', async () => {
    await api.addServer('23.5.0.0', OTHER_SITE);
    const policyId = await api.create('Recording', policy(rule('a', { audio: true })));
    const { status, body } = await copy(policyId, { siteId: OTHER_SITE });
    expect(status).toBe(201);
    expect(body['warnings']).toEqual([expect.stringContaining('audio recording')]);
  });

  it('is refused for a site that is not there or not one of the customer', async () => {
    const policyId = await api.create('Recording', policy(rule('a')));
    expect(await copy(policyId, { siteId: '019bc17a-0000-7000-8000-00000000dead' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/siteId' }] },
    });
  });

  it('is made once when its request is repeated', async () => {
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
