/** Conformance of point operations, through the real SDK. */
import { type Container, type ErrorResponse, PartitionKeyBuilder } from '@azure/cosmos';
import { type Account, eachAccount } from './accounts';

interface Doc {
  id: string;
  pk?: unknown;
  [key: string]: unknown;
}

eachAccount((given, { isReal, localOnly }) => {
  let account: Account;
  let container: Container;

  beforeEach(async () => {
    account = given();
    container = await account.container({
      uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/serial'] }] },
      defaultTtl: -1,
    });
  });

  const statusOf = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      (error: ErrorResponse) => error.code,
    );

  const make = (id: string, more: object = {}) =>
    container.items.create<Doc>({ id, pk: 'p', serial: id, ...more });
  const item = (id: string, pk: unknown = 'p') => container.item(id, pk as string);
  const ifMatch = (condition: string) => ({ accessCondition: { type: 'IfMatch', condition } });
  const ifNoneMatch = (condition: string) => ({ accessCondition: { type: 'IfNoneMatch', condition } });

  describe('create and read', () => {
    it('stores the document and adds the system properties', async () => {
      const { resource, statusCode, etag, requestCharge, headers } = await make('a', { text: 'é"\u2028' });
      expect(statusCode).toBe(201);
      expect(resource).toMatchObject({
        id: 'a',
        pk: 'p',
        text: 'é"\u2028',
        _ts: isReal ? (expect.any(Number) as number) : account.now.getTime() / 1000,
        _etag: etag,
      });
      expect(resource?._rid).toMatch(/^[\w+-]+=*$/);
      expect(resource?._self).toContain('docs/');
      expect(requestCharge).toBeGreaterThan(0);
      expect(headers['x-ms-session-token']).toMatch(/^0:-1#\d+$/);
      const read = await item('a').read<Doc>();
      expect(read.statusCode).toBe(200);
      expect(read.resource).toEqual(resource);
    });

    it('does not store what a client puts into the properties of the service', async () => {
      const { resource } = await make('a', { _etag: 'mine', _ts: 1, _rid: 'mine' });
      expect(resource?._etag).not.toBe('mine');
      expect(resource?._ts).not.toBe(1);
    });

    it('answers 404 for a missing document, without an exception from the SDK', async () => {
      const { statusCode, resource } = await item('none').read<Doc>();
      expect(statusCode).toBe(404);
      expect(resource).toBeUndefined();
    });

    it('refuses an id that is taken in the partition, not one of another partition', async () => {
      await make('a');
      expect(await statusOf(make('a', { serial: 'other' }))).toBe(409);
      expect(await statusOf(container.items.create({ id: 'a', pk: 'q', serial: 'a' }))).toBe('no error');
    });

    it('refuses a document of more than 2 MiB', async () => {
      expect(await statusOf(make('big', { text: 'x'.repeat(2 * 1024 * 1024) }))).toBe(413);
      expect(await statusOf(make('fits', { text: 'x'.repeat(2 * 1024 * 1024 - 1000) }))).toBe('no error');
    });

    it('answers 304 to a read with the current ETag', async () => {
      const { etag } = await make('a');
      expect((await item('a').read(ifNoneMatch(etag))).statusCode).toBe(304);
      expect((await item('a').read(ifNoneMatch('"other"'))).statusCode).toBe(200);
    });

    it('takes ids with spaces, percent signs and letters of any script', async () => {
      for (const id of ['with space', '50%25', 'ключ:ä+&=;,@']) {
        await make(id);
        expect((await item(id).read<Doc>()).resource?.id).toBe(id);
      }
    });

    it('refuses a second document with the same unique key in the partition', async () => {
      await make('a', { serial: 1 });
      expect(await statusOf(make('b', { serial: 1 }))).toBe(409);
      expect(await statusOf(make('c', { serial: '1' }))).toBe('no error');
      await make('d', { serial: undefined });
      expect(await statusOf(make('e', { serial: null }))).toBe(409);
      expect(await statusOf(container.items.create({ id: 'f', pk: 'q', serial: 1 }))).toBe('no error');
    });
  });

  describe('partition keys', () => {
    it.each([['text'], [7], [0.5], [true], [false], [null]])(
      'finds a document under the key %p',
      async (pk) => {
        await container.items.create({ id: 'a', pk, serial: 1 });
        expect((await item('a', pk).read<Doc>()).resource).toMatchObject({ pk });
        expect((await item('a', 'another').read()).statusCode).toBe(404);
      },
    );

    it('keeps a missing key apart from null', async () => {
      await container.items.create({ id: 'a', serial: 1 });
      expect((await container.item('a', undefined).read()).statusCode).toBe(200);
      expect((await container.item('a', {}).read()).statusCode).toBe(200);
      expect((await item('a', null).read()).statusCode).toBe(404);
    });

    it('does not take the number 1 for the text "1"', async () => {
      await container.items.create({ id: 'a', pk: 1, serial: 1 });
      expect((await item('a', '1').read()).statusCode).toBe(404);
    });

    it('refuses to move a document to another partition', async () => {
      await make('a');
      expect(await statusOf(item('a').replace({ id: 'a', pk: 'q' }))).toBe(400);
      expect(await statusOf(item('a').patch([{ op: 'set', path: '/pk', value: 'q' }]))).toBe(400);
    });

    it('addresses documents by a hierarchical key', async () => {
      const nested = await account.container({
        partitionKey: { paths: ['/tenant', '/user/name'], kind: 'MultiHash' as never, version: 2 },
      });
      await nested.items.create({ id: 'a', tenant: 't', user: { name: 'u' } });
      await nested.items.create({ id: 'a', tenant: 't', user: { name: 'v' } });
      await nested.items.create({ id: 'a', tenant: 'tu', user: { name: 'u' } });
      await nested.items.create({ id: 'a', tenant: 't' });
      const key = (...values: string[]) =>
        values.reduce((builder, value) => builder.addValue(value), new PartitionKeyBuilder()).build();
      expect((await nested.item('a', key('t', 'v')).read<Doc>()).resource).toMatchObject({
        user: { name: 'v' },
      });
      expect((await nested.item('a', ['t', 'none']).read()).statusCode).toBe(404);
      const query = (partitionKey: string[]) =>
        nested.items.query('SELECT * FROM c', { partitionKey }).fetchAll();
      expect((await query(['t', 'u'])).resources).toHaveLength(1);
      expect((await query(['t'])).resources).toHaveLength(3);
    });
  });

  describe('replace, upsert and delete', () => {
    it('replaces under a matching ETag and refuses a stale one', async () => {
      const { etag: first } = await make('a');
      const { etag: second, statusCode } = await item('a').replace(
        { id: 'a', pk: 'p', n: 1 },
        ifMatch(first),
      );
      expect(statusCode).toBe(200);
      expect(second).not.toBe(first);
      expect(await statusOf(item('a').replace({ id: 'a', pk: 'p', n: 2 }, ifMatch(first)))).toBe(412);
      expect((await item('a').read<Doc>()).resource).toMatchObject({ n: 1, _etag: second });
    });

    it('answers 404 to the replacement and the deletion of a missing document', async () => {
      expect(await statusOf(item('none').replace({ id: 'none', pk: 'p' }))).toBe(404);
      expect(await statusOf(item('none').delete())).toBe(404);
    });

    it('keeps _rid over a replacement', async () => {
      const { resource } = await make('a');
      const { resource: replaced } = await item('a').replace<Doc>({ id: 'a', pk: 'p' });
      expect(replaced?._rid).toBe(resource?._rid);
    });

    it('upserts: creates once, then replaces', async () => {
      expect((await container.items.upsert({ id: 'a', pk: 'p' })).statusCode).toBe(201);
      expect((await container.items.upsert({ id: 'a', pk: 'p', n: 1 })).statusCode).toBe(200);
      expect((await item('a').read<Doc>()).resource).toMatchObject({ n: 1 });
    });

    it('checks the ETag of an upsert only against a document that exists', async () => {
      expect((await container.items.upsert({ id: 'a', pk: 'p' }, ifMatch('"any"'))).statusCode).toBe(201);
      expect(await statusOf(container.items.upsert({ id: 'a', pk: 'p' }, ifMatch('"any"')))).toBe(412);
    });

    it('deletes under a matching ETag', async () => {
      const { etag } = await make('a');
      expect(await statusOf(item('a').delete(ifMatch('"other"')))).toBe(412);
      expect((await item('a').delete(ifMatch(etag))).statusCode).toBe(204);
      expect((await item('a').read()).statusCode).toBe(404);
    });

    it('lets exactly one of 50 writers win each round on one ETag', async () => {
      let { etag } = await make('a');
      for (let round = 1; round <= 5; round++) {
        const current = etag;
        const writers = Array.from({ length: 50 }, (_, writer) =>
          item('a')
            .replace({ id: 'a', pk: 'p', round, writer }, ifMatch(current))
            .then(
              (answer) => answer.etag,
              (error: ErrorResponse) => error.code,
            ),
        );
        const outcomes = await Promise.all(writers);
        const winners = outcomes.filter((outcome) => typeof outcome === 'string');
        expect(winners).toHaveLength(1);
        expect(outcomes.filter((outcome) => outcome === 412)).toHaveLength(49);
        etag = String(winners[0]);
      }
    });
  });

  describe('patch', () => {
    it('sets, adds, increments, replaces and removes in one go', async () => {
      await make('a', { n: 1, list: [1, 3], old: true, nested: { x: 1 } });
      const { resource, statusCode } = await item('a').patch<Doc>([
        { op: 'incr', path: '/n', value: 2 },
        { op: 'incr', path: '/fresh', value: 5 },
        { op: 'add', path: '/list/1', value: 2 },
        { op: 'add', path: '/list/-', value: 4 },
        { op: 'remove', path: '/old' },
        { op: 'replace', path: '/nested/x', value: null },
        { op: 'set', path: '/nested/y', value: { deep: [] } },
      ]);
      expect(statusCode).toBe(200);
      expect(resource).toMatchObject({
        n: 3,
        fresh: 5,
        list: [1, 2, 3, 4],
        nested: { x: null, y: { deep: [] } },
      });
      expect(resource).not.toHaveProperty('old');
    });

    it('moves a value', async () => {
      await make('a', { from: 1 });
      const move = { op: 'move', from: '/from', path: '/to' } as never;
      const { resource } = await item('a').patch<Doc>([move]);
      expect(resource).toMatchObject({ to: 1 });
      expect(resource).not.toHaveProperty('from');
    });

    it('applies only while its condition and ETag hold', async () => {
      const { etag } = await make('a', { n: 5 });
      const operations = [{ op: 'incr' as const, path: '/n', value: 1 }];
      expect(await statusOf(item('a').patch({ operations, condition: 'FROM c WHERE c.n < 5' }))).toBe(412);
      expect(await statusOf(item('a').patch({ operations, condition: 'FROM c WHERE c.missing < 5' }))).toBe(
        412,
      );
      expect(
        (await item('a').patch<Doc>({ operations, condition: 'from c where c.n <= 5' })).resource?.n,
      ).toBe(6);
      expect(await statusOf(item('a').patch(operations, ifMatch(etag)))).toBe(412);
      expect(await statusOf(item('none').patch(operations))).toBe(404);
    });

    it.each([
      ['a missing target', { op: 'replace', path: '/none', value: 1 }],
      ['a missing property to remove', { op: 'remove', path: '/none' }],
      ['a missing parent', { op: 'set', path: '/none/x', value: 1 }],
      ['an increment of text', { op: 'incr', path: '/serial', value: 1 }],
      ['a system property', { op: 'set', path: '/_ts', value: 1 }],
      ['the id', { op: 'set', path: '/id', value: 'b' }],
    ])('refuses %s and leaves the document alone', async (_what, operation) => {
      const { etag } = await make('a');
      const operations = [{ op: 'set' as const, path: '/n', value: 1 }, operation as never];
      expect(await statusOf(item('a').patch(operations))).toBe(400);
      expect((await item('a').read()).etag).toBe(etag);
    });

    it('refuses more than ten operations', async () => {
      await make('a');
      const operations = Array.from({ length: 11 }, (_, i) => ({
        op: 'set' as const,
        path: `/n${i}`,
        value: i,
      }));
      expect(await statusOf(item('a').patch(operations))).toBe(400);
    });
  });

  describe('time to live', () => {
    const later = (seconds: number) => (account.now = new Date(account.now.getTime() + seconds * 1000));

    localOnly('its clock cannot be moved')(
      'ends a document by its own ttl, counted from its last write',
      async () => {
        await make('a', { ttl: 10 });
        await make('b');
        later(6);
        await item('a').patch([{ op: 'set', path: '/n', value: 1 }]);
        later(6);
        expect((await item('a').read()).statusCode).toBe(200);
        later(5);
        expect((await item('a').read()).statusCode).toBe(404);
        expect((await item('b').read()).statusCode).toBe(200);
        expect(
          (await container.items.query('SELECT * FROM c', { partitionKey: 'p' }).fetchAll()).resources,
        ).toHaveLength(1);
        await make('a', { n: 'may be created again' });
      },
    );

    localOnly('its clock cannot be moved')(
      'ends documents by the container’s default, unless their own says never',
      async () => {
        await make('a');
        await make('b', { ttl: -1 });
        const { resource } = await container.read();
        await container.replace({
          ...resource,
          id: container.id,
          partitionKey: { paths: ['/pk'] },
          defaultTtl: 60,
        });
        await make('c');
        later(61);
        expect(
          (await container.items.query('SELECT VALUE c.id FROM c', { partitionKey: 'p' }).fetchAll())
            .resources,
        ).toEqual(['b']);
      },
    );
  });
});
