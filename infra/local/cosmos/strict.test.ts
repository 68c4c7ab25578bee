/** What a strict account refuses: filters that no index serves. */
import { type Container, CosmosClient, type ErrorResponse, type FeedOptions } from '@azure/cosmos';
import { createCosmosGateway } from './gateway';
import { inProcessClient, startTestCosmos, type TestCosmos } from './testing';

const definition = {
  id: 'things',
  partitionKey: { paths: ['/pk'] },
  indexingPolicy: {
    includedPaths: [{ path: '/a/?' }, { path: '/deep/*' }, { path: '/tags/[]/?' }, { path: '/items/[]/q/?' }],
    excludedPaths: [{ path: '/*' }, { path: '/deep/hidden/?' }],
  },
};

let cosmos: TestCosmos;
let container: Container;

beforeAll(async () => {
  cosmos = await startTestCosmos();
  const { database } = await cosmos.client.databases.create({ id: 'db' });
  ({ container } = await database.containers.create(definition));
  await container.items.create({ id: '1', pk: 'p', a: 1, b: 1, tags: ['x'] });
});

afterAll(() => cosmos.close());

const where = (condition: string, options: FeedOptions = { partitionKey: 'p' }, from = 'c') =>
  container.items
    .query(`SELECT VALUE c.id FROM ${from} WHERE ${condition}`, options)
    .fetchAll()
    .then(
      () => 'answered',
      (error: ErrorResponse) => `${error.code}: ${/filter on (\S+):/.exec(error.message)?.[1]}`,
    );

it.each([
  'c.a = 1',
  'c.id = "1" AND c._ts > 0',
  'c.deep.er.x = 1',
  'NOT IS_DEFINED(c.a)',
  'ARRAY_CONTAINS(c.tags, "x")',
  'c.tags[0] = "x"',
  'EXISTS(SELECT VALUE t FROM t IN c.tags WHERE STARTSWITH(t, "x"))',
  'EXISTS(SELECT VALUE i FROM i IN c.items WHERE i.q > 1)',
  'true',
])('answers what an index serves: %s', async (condition) => {
  expect(await where(condition)).toBe('answered');
});

it.each([
  ['c.b = 1', '/b'],
  ['c.a = 1 AND c.b > 1', '/b'],
  ['c.a = 1 OR LOWER(c.b) = "x"', '/b'],
  ['c.pk = "p"', '/pk'],
  ['c.deep.hidden = 1', '/deep/hidden'],
  ['c.a.b = 1', '/a/b'],
  ['ARRAY_CONTAINS(c.other, "x")', '/other/[]'],
  ['ARRAY_CONTAINS(["x"], c.b)', '/b'],
  ['c.b IN (1, 2)', '/b'],
  ['c.b LIKE "x%"', '/b'],
  ['(c.b ?? 1) = 1', '/b'],
  ['(c.b ? 1 : 2) = 1', '/b'],
  ['{"x": c.b} = {"x": 1}', '/b'],
  ['[c.b] = [1]', '/b'],
  ['EXISTS(SELECT VALUE t FROM t IN c.other)', '/other/[]'],
  ['EXISTS(SELECT VALUE i FROM i IN c.items WHERE i.r > 1)', '/items/[]/r'],
])('refuses the filter %s and names %s', async (condition, path) => {
  expect(await where(condition)).toBe(`400: ${path}`);
  expect(await where(condition, {})).toBe(`400: ${path}`);
});

it('resolves the names of a JOIN', async () => {
  expect(await where('i.q = 1', { partitionKey: 'p' }, 'c JOIN i IN c.items')).toBe('answered');
  expect(await where('i.r = 1', { partitionKey: 'p' }, 'c JOIN i IN c.items')).toBe('400: /items/[]/r');
});

it('lets a query scan that asks to', async () => {
  expect(await where('c.b = 1', { partitionKey: 'p', enableScanInQuery: true })).toBe('answered');
});

it('is not refused by an account that is not strict', async () => {
  const gateway = createCosmosGateway({ masterKey: 'a2V5' });
  const client = new CosmosClient({
    endpoint: 'https://cosmos.test',
    key: 'a2V5',
    httpClient: inProcessClient(gateway.handler),
  });
  const { database } = await client.databases.create({ id: 'db' });
  const { container: lenient } = await database.containers.create(definition);
  const { resources } = await lenient.items
    .query('SELECT * FROM c WHERE c.b = 1', { partitionKey: 'p' })
    .fetchAll();
  expect(resources).toEqual([]);
  client.dispose();
  await gateway.close();
});
