/** Stale reads, as in a read region, and the session tokens that protect a client from them. */
import { type Container, CosmosClient, type ErrorResponse } from '@azure/cosmos';
import { type CosmosGateway, createCosmosGateway } from './gateway';
import { inProcessClient, startTestCosmos, type TestCosmos } from './testing';

interface Doc {
  id: string;
  pk: string;
  n: number;
  tags?: string[];
}

let cosmos: TestCosmos;
let container: Container;
let now: Date;

beforeEach(async () => {
  now = new Date('2030-01-01T00:00:00Z');
  cosmos = await startTestCosmos({ now: () => now });
  const { database } = await cosmos.client.databases.create({ id: 'db' });
  const created = await database.containers.create({
    id: 'things',
    partitionKey: { paths: ['/pk'] },
    defaultTtl: -1,
    indexingPolicy: { includedPaths: [{ path: '/*' }, { path: '/tags/[]/?' }] },
  });
  container = created.container;
});

afterEach(() => cosmos.close());

const later = (seconds: number) => (now = new Date(now.getTime() + seconds * 1000));
const make = (id: string, n: number, more: object = {}) =>
  container.items.upsert({ id, pk: 'p', n, ...more });
const read = async (id: string) => (await container.item(id, 'p').read<Doc>()).resource?.n;
const lag = (ageSeconds: number) =>
  cosmos.injectFault({ path: '*/docs*', times: null, effect: { do: 'stale', ageSeconds } });

async function rows(where = 'true', rest = ''): Promise<[string, number][]> {
  const query = `SELECT c.id, c.n FROM c WHERE ${where} ${rest}`;
  const { resources } = await container.items.query<Doc>(query, { partitionKey: 'p' }).fetchAll();
  return resources.map(({ id, n }) => [id, n]);
}

describe('the fault “stale”', () => {
  beforeEach(async () => {
    await make('changed', 1, { tags: ['old'] });
    await make('deleted', 1);
    later(10);
    await make('changed', 2, { tags: ['new'] });
    await container.item('deleted', 'p').delete();
    await make('created', 2);
    later(2);
  });

  it('answers point reads with the version of that time', async () => {
    lag(5);
    expect(await read('changed')).toBe(1);
    expect(await read('deleted')).toBe(1);
    expect(await read('created')).toBeUndefined();
  });

  it('answers queries with the documents of that time, filtered, sorted and counted', async () => {
    lag(5);
    expect(await rows('c.n > 0', 'ORDER BY c.id DESC')).toEqual([
      ['deleted', 1],
      ['changed', 1],
    ]);
    expect(await rows('c.n = 2')).toEqual([]);
    expect(await rows('ARRAY_CONTAINS(c.tags, "old")')).toEqual([['changed', 1]]);
    const count = container.items.query('SELECT VALUE COUNT(1) FROM c WHERE c.n = 1', { partitionKey: 'p' });
    expect((await count.fetchAll()).resources).toEqual([2]);
  });

  it('ends where the time has passed the writes', async () => {
    lag(2);
    expect(await read('changed')).toBe(2);
    expect(await read('deleted')).toBeUndefined();
  });

  it('looks back over several versions, to the millisecond', async () => {
    await make('changed', 3);
    later(0.2);
    await make('changed', 4);
    later(0.2);
    for (const [age, n] of [
      [0.1, 4],
      [0.3, 3],
      [1, 2],
      [5, 1],
    ] as const) {
      cosmos.injectFault({ path: '*/docs/changed', effect: { do: 'stale', ageSeconds: age } });
      expect([age, await read('changed')]).toEqual([age, n]);
    }
  });

  it('does not affect writes: a change based on a stale read is refused', async () => {
    lag(5);
    const { etag } = await container.item('changed', 'p').read<Doc>();
    const change = container
      .item('changed', 'p')
      .replace<Doc>(
        { id: 'changed', pk: 'p', n: 9 },
        { accessCondition: { type: 'IfMatch', condition: etag } },
      );
    await expect(change).rejects.toMatchObject({ code: 412 });
    await expect(container.items.create({ id: 'created', pk: 'p' })).rejects.toMatchObject({ code: 409 });
  });

  it('does not bring back what has expired', async () => {
    await make('short', 1, { ttl: 3 });
    later(1);
    await make('short', 2, { ttl: 3 });
    later(4);
    lag(4.5);
    expect(await read('short')).toBeUndefined();
    expect(await rows('c.id = "short"')).toEqual([]);
  });

  it('does not see what a batch has rolled back', async () => {
    const { code } = await container.items.batch(
      [
        { operationType: 'Upsert', resourceBody: { id: 'changed', pk: 'p', n: 3 } },
        { operationType: 'Create', resourceBody: { id: 'created', pk: 'p' } },
      ],
      'p',
    );
    expect(code).toBe(207);
    later(1);
    await make('changed', 4);
    lag(0.5);
    expect(await read('changed')).toBe(2);
  });
});

describe('an account whose reads lag', () => {
  const key = Buffer.from('key').toString('base64');
  let gateway: CosmosGateway;

  beforeEach(() => {
    gateway = createCosmosGateway({ strict: true, masterKey: key, staleSeconds: 5, now: () => now });
  });
  afterEach(() => gateway.close());

  const connect = (options: object = {}) =>
    new CosmosClient({
      endpoint: 'https://cosmos.test',
      key,
      httpClient: inProcessClient(gateway.handler),
      ...options,
    });

  async function writeAndRead(client: CosmosClient): Promise<number | undefined> {
    const { database } = await client.databases.createIfNotExists({ id: 'db' });
    const { container: things } = await database.containers.createIfNotExists({
      id: 'things',
      partitionKey: '/pk',
    });
    await things.items.upsert({ id: 'a', pk: 'p', n: 1 });
    return (await things.item('a', 'p').read<Doc>()).resource?.n;
  }

  it('hides a client’s own write from it until the lag is over', async () => {
    const client = connect();
    expect(await writeAndRead(client)).toBeUndefined();
    later(5);
    const things = client.database('db').container('things');
    expect((await things.item('a', 'p').read<Doc>()).resource?.n).toBe(1);
    client.dispose();
  });

  it('shows it to a client that presents its session token, and not to another one', async () => {
    const client = connect({ consistencyLevel: 'Session' });
    expect(await writeAndRead(client)).toBe(1);
    const other = connect({ consistencyLevel: 'Session' });
    const seen = await other.database('db').container('things').item('a', 'p').read<Doc>();
    expect(seen.resource).toBeUndefined();
    client.dispose();
    other.dispose();
  });

  it('answers a session token as of its write, not later', async () => {
    const client = connect();
    await writeAndRead(client);
    const things = client.database('db').container('things');
    const { headers } = await things.items.upsert({ id: 'a', pk: 'p', n: 2 });
    await things.items.upsert({ id: 'a', pk: 'p', n: 3 });
    const sessionToken = String(headers['x-ms-session-token']);
    expect((await things.item('a', 'p').read<Doc>({ sessionToken })).resource?.n).toBe(2);
    client.dispose();
  });
});

describe('session tokens', () => {
  const answerTo = async (headers: Record<string, string>) => {
    const gateway = createCosmosGateway({ masterKey: 'a2V5' });
    const client = new CosmosClient({
      endpoint: 'https://cosmos.test',
      key: 'a2V5',
      httpClient: inProcessClient(gateway.handler),
      connectionPolicy: { enableEndpointDiscovery: false },
    });
    const { database } = await client.databases.create({ id: 'db' });
    const { container: things } = await database.containers.create({ id: 'things', partitionKey: '/pk' });
    const answer = await things
      .item('a', 'p')
      .read({ initialHeaders: headers })
      .then(
        ({ statusCode, substatus }) => ({ code: statusCode, substatus }),
        ({ code, substatus }: ErrorResponse) => ({ code, substatus }),
      );
    client.dispose();
    await gateway.close();
    return answer;
  };

  it('of writes that the container has not seen are answered 404 with substatus 1002', async () => {
    expect(await answerTo({ 'x-ms-session-token': '0:-1#99' })).toEqual({ code: 404, substatus: 1002 });
  });

  it('that are malformed are refused', async () => {
    expect(await answerTo({ 'x-ms-session-token': 'nonsense' })).toMatchObject({ code: 400 });
  });

  it('cannot be replaced by a consistency that is stronger than the account’s', async () => {
    expect(await answerTo({ 'x-ms-consistency-level': 'Strong' })).toMatchObject({ code: 400 });
  });
});
