/** Indexes change how fast a query is answered, never the answer: an account with them against one without. */
import { type Container, type JSONValue, type OperationInput } from '@azure/cosmos';
import { defineContainers, listIndex } from '../../../../shared/cosmos/containers';
import { startTestCosmos, type TestCosmos } from '../testing';

const DOCUMENTS = 900;
/** Indexes beyond the policy's are made from 1,000 writes on. */
const FURTHER_WRITES = 200;
const SEARCHED = ['siteId', 'state', 'sessionId', 'userKey', 'accountKey', 'startedAt', 'scopeKeys/[]'];
const DEFINITIONS = defineContainers([listIndex('recordings', ...SEARCHED)]);
const PARTITION = ['contoso', '2026-11'];

const accounts: TestCosmos[] = [];
let plain: Container;
let indexed: Container;

const document = (n: number) => ({
  id: `recording:${String((n * 7919) % DOCUMENTS).padStart(4, '0')}`,
  customerId: 'contoso',
  month: '2026-11',
  type: n % 10 === 0 ? 'session' : 'recording',
  siteId: `site${n % 7}`,
  state: ['complete', 'damaged', 'uploading'][n % 3],
  userKey: n % 11 === 0 ? null : `contoso\\user${n % 90}`,
  accountKey: `user${n % 90}`,
  startedAt: new Date(Date.UTC(2026, 10, 1) + n * 60_000).toISOString(),
  scopeKeys: n % 13 === 0 ? 'u:user3' : [`u:user${n % 90}`, `g:group${n % 4}`, n],
});

async function start(): Promise<Container> {
  const cosmos = await startTestCosmos();
  accounts.push(cosmos);
  const { database } = await cosmos.client.databases.create({ id: 'db' });
  for (const definition of DEFINITIONS) await database.containers.create(definition);
  const container = database.container('recordings');
  await upsert(container, DOCUMENTS);
  return container;
}

async function upsert(container: Container, count: number): Promise<void> {
  for (let first = 0; first < count; first += 100) {
    const operations = Array.from({ length: 100 }, (_, i): OperationInput => ({
      operationType: 'Upsert',
      resourceBody: document(first + i) as never,
    }));
    expect((await container.items.batch(operations, PARTITION)).code).toBe(200);
  }
}

beforeAll(async () => {
  plain = await start();
  indexed = await start();
  await upsert(indexed, FURTHER_WRITES);
  await indexed.item(document(5).id, PARTITION).delete();
  await plain.item(document(5).id, PARTITION).delete();
});

afterAll(async () => {
  for (const cosmos of accounts) await cosmos.close();
});

async function ids(container: Container, condition: string, order: string, everywhere: boolean) {
  const query = `SELECT VALUE c.id FROM c WHERE ${condition}${order}`;
  const options = { maxItemCount: 40, ...(everywhere ? {} : { partitionKey: PARTITION }) };
  return (await container.items.query<JSONValue>(query, options).fetchAll()).resources;
}

it.each([
  'c.siteId = "site3"',
  'c.siteId = "site3" AND c.state IN ("complete", "damaged")',
  'c.sessionId = "none"',
  'STARTSWITH(c.userKey, "user8") OR STARTSWITH(c.accountKey, "user8")',
  'STARTSWITH(c.accountKey, "user8") AND c.startedAt >= "2026-11-01T05:00:00.000Z"',
  'c.startedAt >= "2026-11-01T05:00:00.000Z" AND c.startedAt < "2026-11-01T06:00:00.000Z"',
  'ARRAY_CONTAINS(c.scopeKeys, "u:user3")',
  'ARRAY_CONTAINS(c.scopeKeys, "g:group1") AND c.siteId = "site1"',
  'ARRAY_CONTAINS(c.scopeKeys, 7)',
  'EXISTS(SELECT VALUE k FROM k IN c.scopeKeys WHERE k = "u:user3")',
  'EXISTS(SELECT VALUE k FROM k IN c.scopeKeys WHERE STARTSWITH(k, "u:user3"))',
  'CONTAINS(c.userKey, "USER8", true)',
  'c.userKey = null OR c.siteId = "site0"',
  'NOT (c.siteId = "site3") AND c.accountKey = "user3"',
])('finds the same documents in the same order: %s', async (condition) => {
  for (const order of [
    '',
    ' ORDER BY c.type DESC, c.id DESC',
    ' ORDER BY c.id',
    ' ORDER BY c.startedAt DESC',
  ]) {
    for (const everywhere of [false, true]) {
      const found = await ids(indexed, condition, order, everywhere);
      const expected = await ids(plain, condition, order, everywhere);
      const sorted = (list: JSONValue[]) => (order === '' ? [...list].sort() : list);
      expect(sorted(found)).toEqual(sorted(expected));
    }
  }
});

it('finds by the items of an array what was changed, and no longer what was removed', async () => {
  const condition = 'ARRAY_CONTAINS(c.scopeKeys, "g:new")';
  const { id } = document(8);
  await indexed.item(id, PARTITION).patch([{ op: 'add', path: '/scopeKeys/-', value: 'g:new' }]);
  expect(await ids(indexed, condition, '', false)).toEqual([id]);
  await indexed.item(id, PARTITION).patch([{ op: 'set', path: '/scopeKeys', value: [] }]);
  expect(await ids(indexed, condition, '', false)).toEqual([]);
});

it('indexes the items of arrays also when the policy names them later', async () => {
  const { container } = await plain.database.containers.create({ id: 'later', partitionKey: '/pk' });
  for (let n = 0; n < 1010; n += 101) {
    const operations = Array.from({ length: 100 }, (_, i): OperationInput => ({
      operationType: 'Create',
      resourceBody: { id: String(n + i), pk: 'p', tags: [`t${(n + i) % 50}`] },
    }));
    await container.items.batch(operations, 'p');
  }
  await container.replace({
    id: 'later',
    partitionKey: { paths: ['/pk'] },
    indexingPolicy: { includedPaths: [{ path: '/tags/[]/?' }], excludedPaths: [{ path: '/*' }] },
  });
  const query = 'SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.tags, "t7")';
  const { resources } = await container.items.query<string>(query, { partitionKey: 'p' }).fetchAll();
  expect(resources).toHaveLength(20);
});
