/** Event trigger templates, through the API. */
import { randomUUID } from 'node:crypto';
import { type PolicyApi, startPolicyApi } from '../../tests/support/policy-api';
import { ADA, CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { communityOf } from './community';
import { bookmark } from './reactions';
import { publishedTemplateType, templateType } from './template';

const BEN = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
const trigger = {
  eventType: 'appStart',
  conditions: [{ dimension: 'appName', operator: 'equals', values: ['cmd.exe'] }],
  description: 'A shell',
  actions: ['sendEmail'],
};
const shells = { name: 'Shells', theme: 'Execution', triggers: [trigger] };

interface View extends Record<string, unknown> {
  id: string;
  name: string;
  likes: number;
}

let api: PolicyApi;
/** An administrator of another customer. */
let stranger: string;

beforeEach(async () => {
  api = await startPolicyApi();
  stranger = await api.test.issuer.token({
    tid: FABRIKAM,
    oid: BEN,
    preferred_username: 'ben@fabrikam.example',
  });
});
afterEach(() => api.test.close());

const send = (verb: string, id: string, more: object = {}) => api.send(verb, { params: { id }, ...more });
const create = async (body: object = {}, token?: string) => {
  const answer = await api.send('createEventTriggerTemplate', {
    body: { ...shells, ...body },
    ...(token ? { token } : {}),
  });
  expect(answer).toMatchObject({ status: 201 });
  return String(answer.body['id']);
};
const search = async (query: string, token?: string) => {
  const answer = await api.send('listEventTriggerTemplates', { query, ...(token ? { token } : {}) });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body as unknown as { value: View[]; nextLink?: string };
};
const names = async (query: string, token?: string) =>
  (await search(query, token)).value.map(({ name }) => name);
const get = (id: string, token?: string) => send('getEventTriggerTemplate', id, token ? { token } : {});
const publish = (id: string, organisation = 'Contoso Ltd') =>
  send('publishEventTriggerTemplate', id, { body: { organisation, acceptTerms: true } });
async function put(id: string, body: object) {
  const { headers } = await get(id);
  return send('putEventTriggerTemplate', id, {
    body: { ...shells, ...body },
    headers: { 'if-match': headers['etag'] ?? '' },
  });
}
async function remove(id: string) {
  const { headers } = await get(id);
  return send('deleteEventTriggerTemplate', id, { headers: { 'if-match': headers['etag'] ?? '' } });
}

describe('a template of the organisation', () => {
  it('is saved with its triggers, and found by the categories of their events', async () => {
    const id = await create({ description: 'Someone types commands' });
    const { body, headers } = await get(id);
    expect(body).toMatchObject({
      name: 'Shells',
      description: 'Someone types commands',
      theme: 'Execution',
      categories: ['application'],
      eventTypes: ['appStart'],
      triggerCount: 1,
      triggers: [trigger],
      origin: 'organisation',
      contributor: { kind: 'administrator', name: 'ada@contoso.example' },
      likes: 0,
      liked: false,
      bookmarked: false,
      createdAt: '2030-01-15T12:00:00.000Z',
    });
    expect(headers['etag']).toBeTruthy();
    const [listed] = (await search('?tab=organisation')).value;
    expect(listed).toMatchObject({ id, triggerCount: 1 });
    expect(listed).not.toHaveProperty('triggers');
  });

  it('is changed and deleted only with the current ETag, and each change is logged', async () => {
    const id = await create();
    expect(await send('putEventTriggerTemplate', id, { body: shells })).toMatchObject({ status: 428 });
    const { headers } = await get(id);
    expect(await put(id, { name: 'Shells 2', categories: ['session'] })).toMatchObject({
      status: 200,
      body: { name: 'Shells 2', categories: ['session'] },
    });
    const stale = { body: shells, headers: { 'if-match': headers['etag'] ?? '' } };
    expect(await send('putEventTriggerTemplate', id, stale)).toMatchObject({ status: 412 });
    expect(await remove(id)).toMatchObject({ status: 204 });
    expect(await get(id)).toMatchObject({ status: 404 });
    expect((await api.log()).map(({ action, target }) => [action, target?.id])).toEqual(
      ['create', 'change', 'delete'].map((verb) => [`eventTriggerTemplate.${verb}`, id]),
    );
  });

  it.each([
    [{ triggers: [] }, '/triggers'],
    [
      { triggers: [{ ...trigger, conditions: [{ ...trigger.conditions[0], operator: 'between' }] }] },
      '/triggers/0/conditions/0/operator',
    ],
    [{ theme: ' ' }, '/theme'],
    [{ categories: ['files'] }, '/categories/0'],
    [{ name: 'x'.repeat(201) }, '/name'],
    [{ name: 'a\nb' }, '/name'],
    [{ name: 'a\u0000b' }, '/name'],
    [{ name: 'a\u202eb' }, '/name'],
    [{ name: '\u200b\u200d' }, '/name'],
    [{ name: 'a\ud800' }, '/name'],
    [{ theme: 'a\u2028b' }, '/theme'],
    [{ description: 'a\u0007b' }, '/description'],
    [{ description: 'a\u2066b' }, '/description'],
  ])('is rejected with %j', async (body, pointer) => {
    const answer = await api.send('createEventTriggerTemplate', { body: { ...shells, ...body } });
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  it('is stored as it was written, including HTML and any script', async () => {
    const written = {
      name: '<img src=x onerror=alert(1)> 情報 👩\u200d💻',
      description: 'first line\r\n\tsecond line',
      theme: 'Café & "more"',
    };
    expect((await get(await create(written))).body).toMatchObject(written);
  });

  it('is invisible to other customers: each operation returns 404', async () => {
    const id = await create();
    const anything = { token: stranger, headers: { 'if-match': '*' } };
    for (const [operation, body] of [
      ['getEventTriggerTemplate', undefined],
      ['putEventTriggerTemplate', shells],
      ['deleteEventTriggerTemplate', undefined],
      ['likeEventTriggerTemplate', undefined],
      ['bookmarkEventTriggerTemplate', undefined],
      ['publishEventTriggerTemplate', { organisation: 'Fabrikam', acceptTerms: true }],
      ['unpublishEventTriggerTemplate', undefined],
    ] as const)
      expect(await send(operation, id, { ...anything, ...(body ? { body } : {}) })).toMatchObject({
        status: 404,
      });
    expect((await search(`?ids=${id}`, stranger)).value).toEqual([]);
    expect(await names('?tab=organisation', stranger)).toEqual([]);
  });
});

describe('the tabs', () => {
  it('contain own templates newest first, and in the community built-in templates first', async () => {
    await create({ name: 'First' });
    api.test.clock.advanceSeconds(1);
    await create({ name: 'Second' });
    expect(await names('?tab=organisation')).toEqual(['Second', 'First']);
    const community = (await search('?tab=community')).value;
    expect(community.length).toBeGreaterThanOrEqual(12);
    expect(community.every(({ origin }) => origin === 'builtIn')).toBe(true);
    const [first] = community;
    expect((await get(first?.id ?? '')).body).toMatchObject({
      contributor: { kind: 'vendor', name: 'Session Recording service' },
      triggers: expect.any(Array) as unknown,
    });
  });

  it('TPL-1: are all shown by default: own templates, then the community without copies of own ones', async () => {
    const own = await create({ name: 'Own' });
    await publish(own);
    const other = await create({ name: 'Of another' }, stranger);
    await send('publishEventTriggerTemplate', other, {
      body: { organisation: 'Fabrikam', acceptTerms: true },
      token: stranger,
    });
    const all = (await search('?top=200')).value.map(({ id }) => id);
    expect(all.slice(0, 1)).toEqual([own]);
    expect(all.slice(-1)).toEqual([other]);
    expect(all.length).toBe(2 + (await search('?tab=community&top=200')).value.length - 2);
    expect(new Set(all).size).toBe(all.length);
    for (const top of [1, 2, 7, all.length]) {
      const found: string[] = [];
      let query: string | undefined = `?top=${top}`;
      while (query !== undefined) {
        const page: Awaited<ReturnType<typeof search>> = await search(query);
        found.push(...page.value.map(({ id }) => id));
        query = page.nextLink === undefined ? undefined : new URL(page.nextLink).search;
      }
      expect(found).toEqual(all);
    }
  });

  it('are paged without gaps or duplicates across built-in and published templates', async () => {
    const published = [];
    for (const name of ['a', 'b', 'c']) {
      const id = await create({ name });
      await publish(id);
      published.unshift(id);
      api.test.clock.advanceSeconds(1);
    }
    const all = (await search('?tab=community&top=200')).value.map(({ id }) => id);
    expect(all.slice(-3)).toEqual(published);
    for (const top of [1, 5, all.length - 3, all.length]) {
      const found: string[] = [];
      let query: string | undefined = `?tab=community&top=${top}`;
      while (query !== undefined) {
        const page: Awaited<ReturnType<typeof search>> = await search(query);
        found.push(...page.value.map(({ id }) => id));
        query = page.nextLink === undefined ? undefined : new URL(page.nextLink).search;
      }
      expect(found).toEqual(all);
    }
  });

  it('TPL-1: can be searched by keyword, theme, event category and contributor, in any script and case', async () => {
    const ben = await api.test.issuer.token({ oid: BEN, preferred_username: 'ben@contoso.example' });
    await create({ name: '情報漏えいの検知', theme: 'Leaks', description: 'USB と クリップボード' });
    await create({ name: 'Shells of Windows', theme: 'Execution' }, ben);
    expect(await names('?tab=organisation&keyword=漏えい')).toEqual(['情報漏えいの検知']);
    await create({ name: 'ΟΔΟΣ' });
    expect(await names('?tab=organisation&keyword=οδοσ')).toEqual(['ΟΔΟΣ']);
    expect(await names('?tab=organisation&keyword=ＵＳＢ')).toEqual(['情報漏えいの検知']);
    expect(await names('?tab=organisation&keyword=ｸﾘｯﾌﾟ')).toEqual(['情報漏えいの検知']);
    expect(await names('?tab=organisation&keyword=SHELL%20windows')).toEqual(['Shells of Windows']);
    expect(await names('?tab=organisation&keyword=shell%20mac')).toEqual([]);
    expect(await names('?tab=organisation&theme=leaks')).toEqual(['情報漏えいの検知']);
    expect(await names('?tab=organisation&theme=leak')).toEqual([]);
    expect(await names('?tab=organisation&category=application')).toHaveLength(3);
    expect(await names('?tab=organisation&category=registry')).toEqual([]);
    expect(await names('?tab=organisation&contributor=BEN')).toEqual(['Shells of Windows']);
    expect(await names('?tab=organisation&contributor=ben&theme=leaks')).toEqual([]);
    expect(await names('?tab=community&keyword=usb&category=device')).toEqual([
      'Exfiltration to USB devices',
    ]);
    expect(await names('?tab=community&contributor=fabrikam')).toEqual([]);
    expect(await names('?tab=community&theme=persistence')).toEqual(['Persistence through the registry']);
  });

  it.each([
    '?tab=mine',
    '?category=files',
    '?ids=a,,b',
    `?ids=${Array(21).fill('a').join(',')}`,
    '?bookmarked=yes',
  ])('reject %s', async (query) => {
    expect(await api.send('listEventTriggerTemplates', { query })).toMatchObject({ status: 400 });
  });
});

it('returns several templates of either tab with their triggers, in the requested order', async () => {
  const own = await create();
  const { value } = await search(`?ids=long-idle,${own},nobody,long-idle`);
  expect(value.map(({ id }) => id)).toEqual(['long-idle', own]);
  expect(value[1]).toMatchObject({ triggers: [trigger] });
  expect((value[0]?.['triggers'] as object[]).length).toBe(value[0]?.['triggerCount']);
});

describe('bookmarks', () => {
  it('belong to one administrator, and filter both tabs', async () => {
    const own = await create();
    await create({ name: 'Other' });
    const ben = await api.test.issuer.token({ oid: BEN });
    for (const id of [own, 'rdp-hop', 'rdp-hop']) {
      expect(await send('bookmarkEventTriggerTemplate', id)).toMatchObject({
        status: 200,
        body: { bookmarked: true },
      });
    }
    expect(await names('?tab=organisation&bookmarked=true')).toEqual(['Shells']);
    expect(await names('?bookmarked=true&tab=community')).toEqual(['Hop to another machine']);
    expect(await names('?tab=organisation&bookmarked=true', ben)).toEqual([]);
    expect((await get(own, ben)).body).toMatchObject({ bookmarked: false });
    for (let repeat = 0; repeat < 2; repeat++)
      expect(await send('removeBookmarkOfEventTriggerTemplate', own)).toMatchObject({
        status: 200,
        body: { bookmarked: false },
      });
    expect(await names('?tab=organisation&bookmarked=true')).toEqual([]);
  });
});

it('limits bookmarks to 500, not counting deleted templates', async () => {
  const gone = await create();
  await send('bookmarkEventTriggerTemplate', gone);
  const [own, reader] = [api.services.database.control(CONTOSO), { customerId: CONTOSO, id: ADA }];
  const template = await own.read(templateType, gone);
  if (!template) throw new Error('The template was not saved');
  const others = Array.from({ length: 499 }, () => randomUUID());
  await Promise.all(others.map((id) => own.createIfAbsent(templateType, { ...template, id })));
  // All at once: each reads the bookmarks that are there, and finds few before any of them has written.
  await Promise.all(others.map((id) => bookmark(api.services, reader, id)));
  expect(await send('bookmarkEventTriggerTemplate', 'rdp-hop')).toMatchObject({ status: 409 });
  await remove(gone);
  expect(await send('bookmarkEventTriggerTemplate', 'rdp-hop')).toMatchObject({ status: 200 });
  expect(await send('bookmarkEventTriggerTemplate', 'long-idle')).toMatchObject({ status: 409 });
});

describe('likes', () => {
  it('TPL-1: count once per administrator, also when sent twice concurrently, and are never negative', async () => {
    const id = await create();
    await publish(id);
    const tokens = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        api.test.issuer.token({
          tid: n % 2 ? FABRIKAM : CONTOSO,
          oid: `${ADA.slice(0, -2)}${String(n).padStart(2, '0')}`,
        }),
      ),
    );
    const twice = [...tokens, ...tokens];
    const answers = await Promise.all(twice.map((token) => send('likeEventTriggerTemplate', id, { token })));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect((await get(id, tokens[3])).body).toMatchObject({ likes: 12, liked: true });
    await Promise.all(
      [...tokens.slice(0, 5), ...tokens.slice(0, 5)].map((token) =>
        send('removeLikeOfEventTriggerTemplate', id, { token }),
      ),
    );
    expect((await get(id, tokens[3])).body).toMatchObject({ likes: 7, liked: false });
    const [listed] = (await search('', tokens[6])).value;
    expect(listed).toMatchObject({ likes: 7, liked: true });
  });

  it('do not conflict with concurrent edits of the template', async () => {
    const id = await create();
    const { headers } = await get(id);
    await send('likeEventTriggerTemplate', id);
    const edit = { body: shells, headers: { 'if-match': headers['etag'] ?? '' } };
    expect(await send('putEventTriggerTemplate', id, edit)).toMatchObject({
      status: 200,
      body: { likes: 1, liked: true },
    });
  });

  it('work for built-in templates too, and can be removed when there is none', async () => {
    expect(await send('removeLikeOfEventTriggerTemplate', 'rdp-hop')).toMatchObject({ body: { likes: 0 } });
    expect(await send('likeEventTriggerTemplate', 'rdp-hop')).toMatchObject({
      body: { likes: 1, liked: true },
    });
  });

  it('are logged once each, and the shared partition does not reveal their authors', async () => {
    await send('likeEventTriggerTemplate', 'rdp-hop');
    await send('likeEventTriggerTemplate', 'rdp-hop');
    expect((await api.log()).map(({ action }) => action)).toEqual(['eventTriggerTemplate.like']);
    const shared = (await api.test.stored('community')).join('\n');
    for (const secret of [CONTOSO, ADA, 'ada@contoso.example']) expect(shared).not.toContain(secret);
  });
});

describe('publication', () => {
  it('TPL-1: shows all customers the template and the specified name, and nothing else about the organisation', async () => {
    const id = await create();
    expect(await publish(id)).toMatchObject({
      status: 200,
      body: {
        origin: 'organisation',
        publication: {
          publishedAt: '2030-01-15T12:00:00.000Z',
          organisation: 'Contoso Ltd',
          termsVersion: '1',
          upToDate: true,
        },
      },
    });
    const seen = await get(id, stranger);
    expect(seen.body).toMatchObject({
      name: 'Shells',
      origin: 'community',
      contributor: { kind: 'organisation', name: 'Contoso Ltd' },
      triggers: [trigger],
      publishedAt: '2030-01-15T12:00:00.000Z',
    });
    const listed = await search('?tab=community&contributor=contoso', stranger);
    expect(listed.value.map((template) => template.id)).toEqual([id]);
    const everything = JSON.stringify([seen, listed, await search(`?ids=${id}`, stranger)]);
    const stored = (await api.test.stored('community')).join('\n');
    for (const secret of [CONTOSO, ADA, 'ada@contoso.example']) {
      expect(everything).not.toContain(secret);
      expect(stored).not.toContain(secret);
    }
    expect(everything).not.toContain('ownerKey');
    expect((await search('?tab=community&contributor=contoso')).value).toMatchObject([
      { id, origin: 'organisation' },
    ]);
  });

  it.each([
    [{ organisation: 'Contoso' }, '/acceptTerms'],
    [{ organisation: 'Contoso', acceptTerms: false }, '/acceptTerms'],
    [{ organisation: ' ', acceptTerms: true }, '/organisation'],
    [{ organisation: 'SESSION-Recording  Service', acceptTerms: true }, '/organisation'],
    [{ organisation: 'The Session Recording Service Team', acceptTerms: true }, '/organisation'],
    // With Cyrillic letters.
    [
      {
        organisation: 'S\u0435ssi\u043en R\u0435\u0441\u043erding s\u0435rvi\u0441\u0435',
        acceptTerms: true,
      },
      '/organisation',
    ],
    [{ organisation: 'Contoso\nLtd', acceptTerms: true }, '/organisation'],
  ])('is rejected with %j', async (body, pointer) => {
    const id = await create();
    const answer = await send('publishEventTriggerTemplate', id, { body });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(await get(id, stranger)).toMatchObject({ status: 404 });
  });

  it('is a snapshot: others see a change when the template is published again', async () => {
    const id = await create();
    await publish(id);
    api.test.clock.advanceSeconds(60);
    expect(await put(id, { name: 'Better shells' })).toMatchObject({
      body: { publication: { upToDate: false } },
    });
    expect((await get(id, stranger)).body).toMatchObject({ name: 'Shells' });
    expect(await publish(id, 'Contoso')).toMatchObject({ body: { publication: { upToDate: true } } });
    expect((await get(id, stranger)).body).toMatchObject({
      name: 'Better shells',
      contributor: { name: 'Contoso' },
    });
  });

  it('ends when it is withdrawn, idempotently, and when the template is deleted', async () => {
    const [withdrawn, deleted] = [await create(), await create({ name: 'More shells' })];
    await publish(withdrawn);
    await publish(deleted);
    for (let repeat = 0; repeat < 2; repeat++) {
      const answer = await send('unpublishEventTriggerTemplate', withdrawn);
      expect(answer.status).toBe(200);
      expect(answer.body).not.toHaveProperty('publication');
    }
    await remove(deleted);
    for (const id of [withdrawn, deleted]) expect(await get(id, stranger)).toMatchObject({ status: 404 });
    expect(await get(withdrawn)).toMatchObject({ status: 200 });
    expect((await api.log()).map(({ action }) => action).slice(-2)).toEqual([
      'eventTriggerTemplate.unpublish',
      'eventTriggerTemplate.delete',
    ]);
  });

  it('concurrent with withdrawal or deletion never leaves a template visible that is not published', async () => {
    for (let round = 0; round < 6; round++) {
      const id = await create({ name: `Shells ${round}` });
      await publish(id);
      await Promise.all([publish(id), round % 2 ? send('unpublishEventTriggerTemplate', id) : remove(id)]);
      const own = await get(id);
      const shared = await communityOf(api.services, id).read(publishedTemplateType, id);
      if (shared) expect(own.body).toHaveProperty('publication');
    }
  });

  it('can be repeated after the community copy was lost', async () => {
    const id = await create();
    await publish(id);
    await communityOf(api.services, id).remove(publishedTemplateType, id);
    await publish(id);
    expect(await get(id, stranger)).toMatchObject({ status: 200 });
  });
});

it('does not allow built-in templates to be changed, deleted or published', async () => {
  const rejected = { status: 409, body: { code: 'system-defined' } };
  expect(await put('rdp-hop', {})).toMatchObject(rejected);
  expect(await remove('rdp-hop')).toMatchObject(rejected);
  expect(await publish('rdp-hop')).toMatchObject({ status: 404 });
});

it('shows published templates of other customers but does not allow changing them', async () => {
  const id = await create();
  await publish(id);
  const headers = { 'if-match': '*' };
  expect(await send('putEventTriggerTemplate', id, { token: stranger, body: shells, headers })).toMatchObject(
    {
      status: 404,
    },
  );
  expect(await send('deleteEventTriggerTemplate', id, { token: stranger, headers })).toMatchObject({
    status: 404,
  });
});
