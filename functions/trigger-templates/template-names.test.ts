/** Names of own templates, through the API. */
import { type PolicyApi, startPolicyApi } from '../../tests/support/policy-api';
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { templateOf, templateType } from './template';

const template = (name: string) => ({
  name,
  theme: 'Execution',
  triggers: [{ eventType: 'appStart', actions: ['sendEmail'] }],
});

let api: PolicyApi;

beforeEach(async () => {
  api = await startPolicyApi();
});
afterEach(() => api.test.close());

const create = (name: string, more: object = {}) =>
  api.send('createEventTriggerTemplate', { body: template(name), ...more });
const created = async (name: string) => String((await create(name)).body['id']);
const change = (verb: string, id: string, more: object = {}) =>
  api.send(`${verb}EventTriggerTemplate`, { params: { id }, headers: { 'if-match': '*' }, ...more });
const rename = (id: string, name: string) => change('put', id, { body: template(name) });

describe('TPL-1: the name of an own template', () => {
  it('is given once in the organisation, and is free again after a rename and after a deletion', async () => {
    const id = await created('Shells');
    const other = await created('Browsers');
    const taken = {
      status: 409,
      body: {
        code: 'already-exists',
        errors: [{ pointer: '/name' }],
        conflict: { templateId: id, name: 'Shells' },
      },
    };
    expect(await create('ＳＨＥＬＬＳ')).toMatchObject(taken);
    expect(await rename(other, 'shells')).toMatchObject(taken);
    expect((await rename(id, 'SHELLS')).status).toBe(200);
    expect((await change('delete', id)).status).toBe(204);
    expect((await rename(other, 'Shells')).status).toBe(200);
    expect((await create('Browsers')).status).toBe(201);
  });

  it('may be that of a built-in template and that of another organisation', async () => {
    const listed = await api.send('listEventTriggerTemplates', { query: '?tab=community' });
    const [builtIn] = listed.body['value'] as { name: string }[];
    expect((await create(builtIn?.name ?? '')).status).toBe(201);
    const stranger = await api.test.issuer.token({ tid: FABRIKAM });
    expect((await create(builtIn?.name ?? '', { token: stranger })).status).toBe(201);
  });

  it('goes to one of concurrent requests', async () => {
    const other = await created('Other');
    const answers = await Promise.all([create('Shells'), create('shells'), rename(other, 'SHELLS')]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(2);
  });

  it('can be kept by templates that have shared it since before names were unique', async () => {
    const by = { id: 'ada', name: 'ada' };
    const at = '2026-11-01T00:00:00.000Z';
    const content = { ...template('Old'), description: '', categories: [], triggers: [] };
    const ids = ['019bc17a-0000-7000-8000-00000000000a', '019bc17a-0000-7000-8000-00000000000b'] as const;
    for (const id of ids) {
      const made = { id, createdAt: at, createdBy: by, modifiedAt: at, modifiedBy: by };
      await api.services.database.control(CONTOSO).create(templateType, templateOf(content, made));
    }
    const [first, second] = ids;
    expect((await rename(first, 'Old')).status).toBe(200);
    expect((await rename(first, 'New')).status).toBe(200);
    expect((await create('old')).status).toBe(409);
    expect((await change('delete', second)).status).toBe(204);
    expect((await create('old')).status).toBe(201);
  });
});
