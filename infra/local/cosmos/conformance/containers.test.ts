/** Conformance of account, databases, containers, batches, bulk and the change feed, through the real SDK. */
import {
  ChangeFeedStartFrom,
  type ChangeFeedIteratorOptions,
  type Container,
  type ErrorResponse,
  type OperationInput,
} from '@azure/cosmos';
import { type Account, eachAccount } from './accounts';

eachAccount((given, { localOnly }) => {
  let account: Account;
  let container: Container;

  beforeEach(async () => {
    account = given();
    container = await account.container();
  });

  const statusOf = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      (error: ErrorResponse) => error.code,
    );

  const allIds = async () => {
    const query = container.items.query<string>('SELECT VALUE c.id FROM c', { partitionKey: 'p' });
    return (await query.fetchAll()).resources;
  };

  describe('definitions', () => {
    localOnly('it may have other regions and another consistency')(
      'tells the client the address of the account',
      async () => {
        const { resource } = await account.client.getDatabaseAccount();
        expect(resource?.writableLocations[0]?.databaseAccountEndpoint).toBe(`${account.endpoint}/`);
        expect(resource?.consistencyPolicy).toBe('BoundedStaleness');
      },
    );

    it('creates, lists, reads and deletes databases and containers', async () => {
      const other = `${account.database.id}-other`;
      const { database } = await account.client.databases.createIfNotExists({ id: other });
      const { container: made } = await database.containers.createIfNotExists({
        id: 'c',
        partitionKey: '/a',
      });
      const { resources } = await account.client.databases.readAll().fetchAll();
      expect(resources.map(({ id }) => id)).toEqual(expect.arrayContaining([account.database.id, other]));
      expect((await database.containers.readAll().fetchAll()).resources.map(({ id }) => id)).toEqual(['c']);
      expect((await made.read()).resource?.partitionKey).toMatchObject({ paths: ['/a'], kind: 'Hash' });
      await made.delete();
      expect(await statusOf(made.read())).toBe(404);
      await database.delete();
      expect(await statusOf(database.read())).toBe(404);
    });

    it('refuses a name that is taken', async () => {
      expect(await statusOf(account.client.databases.create({ id: account.database.id }))).toBe(409);
      const again = account.database.containers.create({ id: container.id, partitionKey: '/pk' });
      expect(await statusOf(again)).toBe(409);
    });

    it('keeps what the definition says', async () => {
      const definition = {
        id: 'rich',
        partitionKey: { paths: ['/a', '/b'], kind: 'MultiHash' as never, version: 2 },
        indexingPolicy: {
          indexingMode: 'consistent' as const,
          automatic: true,
          includedPaths: [{ path: '/at/?' }],
          excludedPaths: [{ path: '/*' }],
          compositeIndexes: [
            [
              { path: '/at', order: 'descending' as const },
              { path: '/id', order: 'ascending' as const },
            ],
          ],
        },
        uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/serial'] }] },
        defaultTtl: 60,
      };
      const { container: rich } = await account.database.containers.create(definition);
      expect((await rich.read()).resource).toMatchObject(definition);
    });

    it('changes indexing policy and time to live, not the partition key', async () => {
      const definition = { id: container.id, partitionKey: { paths: ['/pk'], kind: 'Hash' as never } };
      expect((await container.replace({ ...definition, defaultTtl: 5 })).resource?.defaultTtl).toBe(5);
      expect(
        await statusOf(container.replace({ id: container.id, partitionKey: { paths: ['/other'] } })),
      ).toBe(400);
    });

    it('has one partition key range', async () => {
      const { resources } = await container.readPartitionKeyRanges().fetchAll();
      expect(resources).toEqual([expect.objectContaining({ id: '0', minInclusive: '', maxExclusive: 'FF' })]);
    });

    localOnly('it has them').each<[string, () => Promise<unknown>]>([
      ['sprocs', () => container.scripts.storedProcedures.create({ id: 's', body: 'function () {}' })],
      ['triggers', () => container.scripts.triggers.create({ id: 't', body: '' } as never)],
      ['udfs', () => container.scripts.userDefinedFunctions.create({ id: 'u', body: 'function () {}' })],
      ['offers', () => account.client.offers.readAll().fetchAll()],
      ['users', () => account.database.users.readAll().fetchAll()],
    ])('refuses %s by name', async (name, work) => {
      await expect(work()).rejects.toMatchObject({
        code: 501,
        message: expect.stringContaining(name) as string,
      });
    });
  });

  describe('transactional batch', () => {
    it('carries out all operations, and answers each', async () => {
      await container.items.create({ id: 'old', pk: 'p', n: 1 });
      await container.items.create({ id: 'gone', pk: 'p' });
      const operations: OperationInput[] = [
        { operationType: 'Create', resourceBody: { id: 'new', pk: 'p' } },
        { operationType: 'Upsert', resourceBody: { id: 'up', pk: 'p' } },
        { operationType: 'Replace', id: 'new', resourceBody: { id: 'new', pk: 'p', n: 2 } },
        { operationType: 'Patch', id: 'old', resourceBody: [{ op: 'incr', path: '/n', value: 1 }] },
        { operationType: 'Read', id: 'old' },
        { operationType: 'Delete', id: 'gone' },
      ];
      const { code, result } = await container.items.batch(operations, 'p');
      expect(code).toBe(200);
      expect(result?.map(({ statusCode }) => statusCode)).toEqual([201, 201, 200, 200, 200, 204]);
      expect(result?.[4]?.resourceBody).toMatchObject({ id: 'old', n: 2 });
      expect(result?.[0]?.eTag).toMatch(/^".+"$/);
      expect(await allIds()).toEqual(['old', 'new', 'up']);
    });

    it.each<[string, OperationInput, number]>([
      ['an id that is taken', { operationType: 'Create', resourceBody: { id: 'a', pk: 'p' } }, 409],
      ['a missing document', { operationType: 'Delete', id: 'none' }, 404],
      [
        'a stale ETag',
        { operationType: 'Replace', id: 'a', resourceBody: { id: 'a', pk: 'p' }, ifMatch: '"old"' },
        412,
      ],
      [
        'a failed condition',
        {
          operationType: 'Patch',
          id: 'a',
          resourceBody: {
            operations: [{ op: 'set', path: '/n', value: 9 }],
            condition: 'FROM c WHERE c.n > 1',
          },
        },
        412,
      ],
      ['another partition', { operationType: 'Create', resourceBody: { id: 'x', pk: 'q' } }, 400],
    ])('rolls back on %s', async (_what, failing, status) => {
      const { etag } = await container.items.create({ id: 'a', pk: 'p', n: 1 });
      const operations: OperationInput[] = [
        { operationType: 'Create', resourceBody: { id: 'b', pk: 'p' } },
        { operationType: 'Patch', id: 'a', resourceBody: [{ op: 'set', path: '/m', value: 1 }] },
        failing,
        { operationType: 'Create', resourceBody: { id: 'c', pk: 'p' } },
      ];
      const { code, result } = await container.items.batch(operations, 'p');
      expect(code).toBe(207);
      expect(result?.map(({ statusCode }) => statusCode)).toEqual([424, 424, status, 424]);
      expect(await allIds()).toEqual(['a']);
      expect((await container.item('a', 'p').read()).etag).toBe(etag);
    });

    it('refuses more than 2 MiB as a whole', async () => {
      const large = 'x'.repeat(700 * 1024);
      const operations: OperationInput[] = ['1', '2', '3'].map((id) => ({
        operationType: 'Create',
        resourceBody: { id, pk: 'p', large },
      }));
      await expect(container.items.batch(operations, 'p')).rejects.toThrow('too large');
      expect(await allIds()).toEqual([]);
    });

    it('takes 100 operations', async () => {
      const operations: OperationInput[] = Array.from({ length: 100 }, (_, i) => ({
        operationType: 'Create',
        resourceBody: { id: String(i), pk: 'p' },
      }));
      expect((await container.items.batch(operations, 'p')).code).toBe(200);
      expect(await allIds()).toHaveLength(100);
    });

    it('works under a hierarchical key', async () => {
      const nested = await account.container({
        partitionKey: { paths: ['/a', '/b'], kind: 'MultiHash' as never, version: 2 },
      });
      const resourceBody = { id: 'x', a: '1', b: '2' };
      const { code } = await nested.items.batch([{ operationType: 'Create', resourceBody }], ['1', '2']);
      expect(code).toBe(200);
      expect((await nested.item('x', ['1', '2']).read()).statusCode).toBe(200);
    });
  });

  describe('bulk', () => {
    it('carries out operations in many partitions, each on its own', async () => {
      const operations: OperationInput[] = Array.from({ length: 150 }, (_, i) => ({
        operationType: 'Create',
        partitionKey: `p${i % 7}`,
        resourceBody: { id: String(i % 149), pk: `p${i % 7}`, i },
      }));
      operations.push({ operationType: 'Read', id: 'none', partitionKey: 'p1' });
      const results = await container.items.executeBulkOperations(operations);
      expect(results.filter(({ response }) => response?.statusCode === 201)).toHaveLength(150);
      expect(results.at(-1)?.error).toMatchObject({ code: 404 });
      const { resources } = await container.items.query('SELECT VALUE COUNT(1) FROM c').fetchAll();
      expect(resources).toEqual([150]);
    });

    it('leaves out what a failed operation would have written', async () => {
      const create = (id: string): OperationInput => ({
        operationType: 'Create',
        partitionKey: 'p',
        resourceBody: { id, pk: 'p' },
      });
      const results = await container.items.executeBulkOperations([create('a'), create('a'), create('b')]);
      expect(results.map(({ response, error }) => response?.statusCode ?? error?.code).sort()).toEqual([
        201, 201, 409,
      ]);
      expect((await allIds()).sort()).toEqual(['a', 'b']);
    });
  });

  describe('change feed', () => {
    const read = async (options: ChangeFeedIteratorOptions) => {
      const iterator = container.items.getChangeFeedIterator<{ id: string; n?: number }>(options);
      const answer = await iterator.readNext();
      return {
        ...answer,
        continuationToken: answer.continuationToken,
        items: answer.result?.map(({ id, n }) => [id, n]),
      };
    };
    const make = (id: string, pk = 'p', n = 0) => container.items.upsert({ id, pk, n });

    it('returns the latest version of each document, in the order of the writes', async () => {
      await make('a');
      await make('b', 'q');
      await make('a', 'p', 1);
      const first = await read({ changeFeedStartFrom: ChangeFeedStartFrom.Beginning() });
      expect(first.items).toEqual([
        ['b', 0],
        ['a', 1],
      ]);
      const start = () => ({
        changeFeedStartFrom: ChangeFeedStartFrom.Continuation(first.continuationToken),
      });
      expect((await read(start())).statusCode).toBe(304);
      await make('c');
      await container.item('c', 'p').delete();
      await make('d');
      expect((await read(start())).items).toEqual([['d', 0]]);
    });

    it('pages', async () => {
      for (const id of ['a', 'b', 'c']) await make(id);
      const iterator = container.items.getChangeFeedIterator<{ id: string }>({
        changeFeedStartFrom: ChangeFeedStartFrom.Beginning(),
        maxItemCount: 2,
      });
      expect((await iterator.readNext()).result.map(({ id }) => id)).toEqual(['a', 'b']);
      expect((await iterator.readNext()).result.map(({ id }) => id)).toEqual(['c']);
      expect((await iterator.readNext()).statusCode).toBe(304);
    });

    it('reads one partition', async () => {
      await make('a');
      await make('b', 'q');
      expect((await read({ changeFeedStartFrom: ChangeFeedStartFrom.Beginning('q') })).items).toEqual([
        ['b', 0],
      ]);
    });

    localOnly('its clock cannot be moved')('starts now, or at a time', async () => {
      await make('a');
      const iterator = container.items.getChangeFeedIterator<{ id: string }>({
        changeFeedStartFrom: ChangeFeedStartFrom.Now(),
      });
      expect((await iterator.readNext()).statusCode).toBe(304);
      account.now = new Date(account.now.getTime() + 60_000);
      await make('b');
      expect((await iterator.readNext()).result.map(({ id }) => id)).toEqual(['b']);
      expect((await read({ changeFeedStartFrom: ChangeFeedStartFrom.Time(account.now) })).items).toEqual([
        ['b', 0],
      ]);
    });
  });
});
