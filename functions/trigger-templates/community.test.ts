/** The community in its parts: order, paging, the number of database requests, likes; through the API. */
import { randomUUID } from 'node:crypto';
import { type PolicyApi, startPolicyApi } from '../../tests/support/policy-api';
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { mapConcurrently } from '../../shared/pure/map-concurrently';
import { communityOf, putPublished } from './community';
import { ownerKeyOf, type PublishedTemplate, publishedTemplateType } from './template';
import { searchKeys } from './search';

const trigger = { eventType: 'appStart', description: 'A shell', conditions: [], actions: ['sendEmail'] };

let api: PolicyApi;
/** An administrator of another customer. */
let stranger: string;

beforeEach(async () => {
  api = await startPolicyApi();
  stranger = await api.test.issuer.token({ tid: FABRIKAM });
});
afterEach(() => api.test.close());

const change = (verb: string, id: string, more: object = {}) =>
  api.send(`${verb}EventTriggerTemplate`, { params: { id }, ...more });
async function publish(name: string): Promise<string> {
  const body = { name, theme: 'Execution', triggers: [trigger] };
  const id = String((await api.send('createEventTriggerTemplate', { body })).body['id']);
  const publication = { organisation: 'Contoso', acceptTerms: true };
  expect(await change('publish', id, { body: publication })).toMatchObject({ status: 200 });
  return id;
}

/** Stores a published template of another customer. */
async function store(createdAt: string, id: string = randomUUID(), name = 'Stored'): Promise<string> {
  const content = { name, description: '', theme: 'Execution', categories: [], triggers: [] };
  const template: PublishedTemplate = {
    id,
    createdAt,
    ...content,
    ...searchKeys(content, 'Contoso'),
    publishedAt: createdAt,
    organisation: 'Contoso',
    ownerKey: ownerKeyOf(CONTOSO),
  };
  await putPublished(api.services, template);
  return id;
}

interface Page {
  value: { id: string; name: string; likes: number; liked: boolean }[];
  nextLink?: string;
}

/** The published templates of a page, without the built-in ones, and the query of the next page. */
async function read(query: string, token = stranger) {
  const answer = await api.send('listEventTriggerTemplates', { query, token });
  expect(answer.status).toBe(200);
  const { value, nextLink } = answer.body as typeof answer.body & Page;
  return {
    published: value.filter((view) => !('origin' in view && view.origin === 'builtIn')),
    next: nextLink === undefined ? undefined : new URL(nextLink).search,
  };
}

async function walk(top: number, between: () => Promise<unknown> = async () => undefined) {
  const ids: string[] = [];
  let query: string | undefined = `?tab=community&top=${top}`;
  while (query !== undefined) {
    const page: Awaited<ReturnType<typeof read>> = await read(query);
    ids.push(...page.published.map(({ id }) => id));
    query = page.next;
    await between();
  }
  return ids;
}

/** How many database requests the work makes, without the SDK's requests for query plans. */
async function requestsOf(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  api.test.injectFault((request, next) => {
    if (!('x-ms-cosmos-is-query-plan-request' in request.headers)) count += 1;
    return next(request);
  });
  await work();
  api.test.injectFault(undefined);
  return count;
}

const second = (number: number) => new Date(Date.UTC(2029, 0, 1, 0, 0, number)).toISOString();

it('TPL-1: new templates have random ids, whose first two digits are the partition of their published copies', async () => {
  const ids = await Promise.all(Array.from({ length: 8 }, (_, number) => publish(`Template ${number}`)));
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4/);
  expect(new Set(ids.map((id) => id.slice(0, 2))).size).toBeGreaterThan(2);
  for (const id of ids) await change('like', id, { token: stranger });
  const documents = (await api.test.stored('community')).map(
    (text) => JSON.parse(text) as { type: string; id: string; scope: string },
  );
  const copies = documents.filter(({ type }) => type === 'published-template');
  expect(copies.map(({ id, scope }) => [id, scope]).toSorted()).toEqual(
    ids.map((id) => [`published-template:${id}`, id.slice(0, 2)]).toSorted(),
  );
  const counts = documents.filter(({ type }) => type === 'template-likes');
  expect(counts.map(({ id, scope }) => [id, scope]).toSorted()).toEqual(
    ids.map((id) => [`template-likes:${id}`, id.slice(0, 2)]).toSorted(),
  );
});

it('TPL-1: a template whose creation is retried is created once', async () => {
  const request = {
    body: { name: 'Once', theme: 'Execution', triggers: [trigger] },
    headers: { 'idempotency-key': 'template-1' },
  };
  const first = await api.send('createEventTriggerTemplate', request);
  expect(await api.send('createEventTriggerTemplate', request)).toMatchObject({
    status: 201,
    body: first.body,
  });
});

/** Publishes templates, evenly in this number of parts, three at each moment. Returns their ids, newest first. */
async function fill(count: number, parts: number): Promise<string[]> {
  const created = Array.from({ length: count }, (_, number) => ({
    id: ((number * 37) % parts).toString(16).padStart(2, '0') + randomUUID().slice(2),
    createdAt: second(Math.floor(number / 3)),
  }));
  await mapConcurrently(created, 8, ({ id, createdAt }) => store(createdAt, id));
  return created.toSorted((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? 1 : -1)).map(({ id }) => id);
}

it('TPL-1: pages across the parts return each template once, newest first', async () => {
  const newestFirst = await fill(150, 40);
  for (const top of [11, 60, 200]) expect(await walk(top)).toEqual(newestFirst);
});

it('TPL-1: pages return each template once while others are published and withdrawn', async () => {
  const newestFirst = await fill(150, 40);
  const own = [await publish('Withdrawn 1'), await publish('Withdrawn 2')];
  let number = 0;
  const found = await walk(25, async () => {
    number += 1;
    await Promise.all([
      publish(`New ${number}`),
      // Created long ago, and published only now.
      store(second(number * 5), randomUUID(), 'Late'),
      ...own.splice(0, 1).map((id) => change('unpublish', id)),
    ]);
  });
  const known = new Set(newestFirst);
  expect(found.filter((id) => known.has(id))).toEqual(newestFirst);
  expect(new Set(found).size).toBe(found.length);
});

it('TPL-1: a page with templates in all parts takes a bounded number of database requests', async () => {
  await fill(256, 256);
  // The list of parts, each part once and a few twice, the templates of the page with their reactions, and the rest.
  expect(await requestsOf(() => read('?tab=community&top=50'))).toBeLessThan(1 + 257 + 20 + 2 * 51 + 10);
  const rare = await store(second(0), randomUUID(), 'Rare needle');
  const searched = await requestsOf(async () => {
    const { published } = await read('?tab=community&keyword=needle');
    expect(published.map(({ id }) => id)).toEqual([rare]);
  });
  expect(searched).toBeLessThan(1 + 257 + 2 + 10);
});

it('TPL-1: a template that is withdrawn while a page is read does not end the list', async () => {
  const newestFirst = await fill(12, 3);
  const [lost = ''] = newestFirst;
  api.test.injectFault(async (request, next) => {
    const answer = await next(request);
    if (request.method !== 'POST' || !request.path.endsWith('/docs')) return answer;
    await communityOf(api.services, lost).remove(publishedTemplateType, lost);
    return answer;
  });
  const { published } = await read('?tab=community&top=20');
  api.test.injectFault(undefined);
  expect(published.map(({ id }) => id)).toEqual(newestFirst.slice(1, published.length + 1));
  expect(await walk(5)).toEqual(newestFirst.slice(1));
});

it('TPL-1: few published templates take few database requests', async () => {
  for (const number of [1, 2, 3]) await store(second(number));
  expect(await requestsOf(() => read('?tab=community&top=50'))).toBeLessThan(20);
});

it('TPL-1: likes are counted in every part, and shown in the list', async () => {
  const ids = await Promise.all(Array.from({ length: 6 }, (_, number) => publish(`Template ${number}`)));
  const liked = ids.filter((_, index) => index % 2 === 0);
  for (const id of liked) {
    await change('like', id, { token: stranger });
    await change('like', id);
  }
  await change('removeLikeOf', ids[0] ?? '');
  const { published } = await read('?tab=community&top=200');
  const expected = ids.map((id, index) => [id, index === 0 ? 1 : index % 2 ? 0 : 2, index % 2 === 0]);
  expect(published.map(({ id, likes, liked: isLiked }) => [id, likes, isLiked]).toSorted()).toEqual(
    expected.toSorted(),
  );
});

it('TPL-1: bookmarked templates are found in all parts', async () => {
  const ids = await Promise.all(Array.from({ length: 6 }, (_, number) => publish(`Template ${number}`)));
  const marked = ids.slice(0, 3);
  for (const id of marked) await change('bookmark', id, { token: stranger });
  const { published } = await read('?tab=community&bookmarked=true');
  expect(published.map(({ id }) => id).toSorted()).toEqual(marked.toSorted());
});
