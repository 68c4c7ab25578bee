/** Names of policies, through the API: one rule for creating, renaming, copying and restoring. */
import { OTHER_SITE, type PolicyApi, SITE, startPolicyApi } from '../../tests/support/policy-api';
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { change } from '../../shared/cosmos/partition';
import { newId } from '../../shared/ids';
import { policyType } from './policy-documents';
import { writePolicyBody } from './versions/policy-bodies';

const policy = (name: string) => ({ name, rules: [] });

let api: PolicyApi;

beforeEach(async () => {
  api = await startPolicyApi();
});
afterEach(() => api.test.close());

const create = (name: string, { kind = 'Recording', siteId = SITE } = {}) =>
  api.send(`create${kind}Policy`, { body: policy(name), params: { siteId } });
const created = async (name: string) => String((await create(name)).body['id']);
const onPolicy = (verb: string, policyId: string, more: object = {}) =>
  api.send(`${verb}RecordingPolicy`, { params: { policyId }, headers: { 'if-match': '*' }, ...more });
const rename = (policyId: string, name: string) => onPolicy('put', policyId, { body: policy(name) });
const copy = (policyId: string, body: object = {}) => onPolicy('copy', policyId, { body, headers: {} });
const restore = (policyId: string, version: number) =>
  api.send('restoreRecordingPolicyVersion', { params: { policyId, version: String(version) } });
async function names(): Promise<string[]> {
  const { body } = await api.send('listRecordingPolicies', { query: '?top=200' });
  return (body['value'] as { name: string; systemDefined: boolean }[])
    .filter(({ systemDefined }) => !systemDefined)
    .map(({ name }) => name);
}

/** Stores a policy as the service did before names were unique. */
async function storeOld(name: string): Promise<string> {
  const id = newId();
  const by = { id: 'ada', name: 'ada' };
  const at = '2026-11-01T00:00:00.000Z';
  const content = { kind: 'recording' as const, name, description: '' };
  await writePolicyBody(api.services, CONTOSO, SITE, { policyId: id, version: 1 }, { ...content, rules: [] });
  const head = { ...content, id, siteId: SITE, version: 1, createdAt: at, createdBy: by };
  await api.services.database
    .control(CONTOSO)
    .commit([change.create(policyType, { ...head, modifiedAt: at, modifiedBy: by })]);
  return id;
}

describe('POL-1: the name of a policy', () => {
  it.each([
    ['Finance', 'FINANCE'],
    ['Finance', '  finance '],
    ['Straße', 'STRASSE'],
    ['ΟΔΟΣ', 'οδος'],
    ['Caf\u00e9', 'CAFE\u0301'],
    ['ＡＢＣ', 'abc'],
    ['A  B', 'a b'],
    ['Zero\u200bwidth', 'zerowidth'],
    ['policy 👩\u200d💻', 'Policy 👩💻'],
    ['金融', '金融'],
  ])('%j is taken for %j', async (first, second) => {
    const id = await created(first);
    const refused = await create(second);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'already-exists', conflict: { siteId: SITE, policyId: id } },
    });
    expect(refused.body.errors?.map(({ pointer }) => pointer)).toEqual(['/name']);
    expect(refused.body['detail']).toMatch(/^The policy ".*already has this name.*choose another name/s);
    expect(await names()).toHaveLength(1);
  });

  it.each([
    ['Finance', 'Finance 2'],
    ['resume', 'résumé'],
    ['o', '0'],
  ])('%j leaves %j free', async (first, second) => {
    expect((await create(first)).status).toBe(201);
    expect((await create(second)).status).toBe(201);
  });

  it('is free for another kind, another site and another customer', async () => {
    await created('Finance');
    expect((await create('Finance', { kind: 'EventResponse' })).status).toBe(201);
    expect((await create('Finance', { siteId: OTHER_SITE })).status).toBe(201);
    const stranger = await api.test.issuer.token({ tid: FABRIKAM });
    expect(
      (await api.send('createRecordingPolicy', { body: policy('Finance'), token: stranger })).status,
    ).toBe(404);
  });

  it('is never that of a system-defined policy', async () => {
    const id = await created('Mine');
    const system = { status: 409, body: { conflict: { policyId: 'do-not-record', name: 'Do not record' } } };
    expect(await create('do NOT record')).toMatchObject(system);
    expect(await rename(id, 'Do not record')).toMatchObject(system);
    expect(await copy(id, { name: 'DO NOT RECORD' })).toMatchObject(system);
    expect((await create('do not record', { kind: 'EventResponse' })).status).toBe(201);
  });

  it('can be spelled differently, and is free again after a rename and after a deletion', async () => {
    const id = await created('Finance');
    expect(await rename(id, 'FINANCE')).toMatchObject({ status: 200, body: { name: 'FINANCE' } });
    expect((await create('finance')).status).toBe(409);
    expect((await rename(id, 'Legal')).status).toBe(200);
    const second = await created('finance');
    expect(await rename(id, 'Finance')).toMatchObject({
      status: 409,
      body: { conflict: { policyId: second, name: 'finance' }, errors: [{ pointer: '/name' }] },
    });
    expect((await onPolicy('delete', second)).status).toBe(204);
    expect((await rename(id, 'Finance')).status).toBe(200);
    expect((await create('Legal')).status).toBe(201);
  });

  it('is refused when a restored version would take it from another policy', async () => {
    const id = await created('First');
    await rename(id, 'Second');
    const other = await created('first');
    const refused = await restore(id, 1);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'already-exists', conflict: { policyId: other, name: 'first' } },
    });
    expect(refused.body['detail']).toContain('instead of restoring it');
    expect(refused.body).not.toHaveProperty('errors');
    await rename(other, 'Third');
    expect(await restore(id, 1)).toMatchObject({ status: 200, body: { name: 'First' } });
    expect((await create('Second')).status).toBe(201);
  });

  it('of a copy at the same site is numbered', async () => {
    const id = await created('Finance');
    await create('FINANCE (COPY)');
    expect(await copy(id)).toMatchObject({ status: 201, body: { name: 'Finance (copy 2)' } });
    expect(await copy(id, { name: 'Finance (copy)' })).toMatchObject({ status: 409 });
  });
});

describe('POL-1: of concurrent requests for a name', () => {
  const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).toSorted();
  const EIGHT = Array.from({ length: 8 }, (_, index) => index);

  it('one creation wins', async () => {
    const answers = await Promise.all(EIGHT.map((n) => create(n % 2 ? 'Finance' : 'finance')));
    expect(statuses(answers)).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
    for (const { status, body } of answers)
      if (status === 409) expect(body).toMatchObject({ code: 'already-exists', conflict: { siteId: SITE } });
    expect(await names()).toHaveLength(1);
  });

  it('one of a creation, renames, copies and restorations wins', async () => {
    const [one, two, three] = [await created('One'), await created('Two'), await created('Wanted')];
    await rename(three, 'Three');
    const answers = await Promise.all([
      create('wanted'),
      rename(one, 'Wanted'),
      copy(two, { name: 'WANTED' }),
      restore(three, 1),
    ]);
    expect(statuses(answers).slice(1)).toEqual([409, 409, 409]);
    expect((await names()).filter((name) => name.toLowerCase() === 'wanted')).toHaveLength(1);
  });

  it('copies without a name get different ones, in their heads and in their content', async () => {
    const id = await created('Finance');
    const copies = await Promise.all(EIGHT.slice(0, 4).map(() => copy(id)));
    expect(copies.map(({ body }) => body['name']).toSorted()).toEqual([
      'Finance (copy 2)',
      'Finance (copy 3)',
      'Finance (copy 4)',
      'Finance (copy)',
    ]);
    for (const { body } of copies) {
      const params = { policyId: String(body['id']), version: String(body['version']) };
      const version = await api.send('getRecordingPolicyVersion', { params });
      expect(version.body['name']).toBe(body['name']);
    }
  });
});

describe('POL-1: policies that shared a name before names were unique', () => {
  it('stay usable, and no further policy gets the name', async () => {
    const [first, second] = [await storeOld('Finance'), await storeOld('finance')];
    expect((await create('FINANCE')).status).toBe(409);
    expect(await onPolicy('put', first, { body: { ...policy('Finance'), description: 'x' } })).toMatchObject({
      status: 200,
    });
    expect((await onPolicy('activate', second, { headers: {} })).status).toBe(200);
    expect((await restore(first, 2)).status).toBe(200);
    expect((await rename(first, 'Legal')).status).toBe(200);
    expect((await create('Finance')).status).toBe(409);
    expect((await onPolicy('deactivate', second, { headers: {} })).status).toBe(200);
    expect((await onPolicy('delete', second)).status).toBe(204);
    expect((await create('Finance')).status).toBe(201);
    expect((await rename(first, 'finance')).status).toBe(409);
  });
});
