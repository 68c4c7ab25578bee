/** Conformance of queries, through the real SDK. */
import { type Container, type ErrorResponse, type FeedOptions, type JSONValue } from '@azure/cosmos';
import { type Account, eachAccount } from './accounts';

const documents = [
  {
    id: '1',
    pk: 'a',
    n: 1,
    name: 'Anna',
    tags: ['red', 'blue'],
    at: { place: 'x' },
    items: [{ q: 1 }, { q: 2 }],
  },
  { id: '2', pk: 'a', n: 2, name: 'bob', tags: ['blue'], flag: true, at: { place: 'y' }, items: [] },
  { id: '3', pk: 'a', n: 3, name: 'Änne', tags: [], flag: false, gone: null, items: [{ q: 5 }] },
  { id: '4', pk: 'a', n: '3', name: 'ann_%', tags: 'red', 'odd "key"': 1 },
  { id: '5', pk: 'a', name: null, tags: [['red'], { color: 'red', size: 1 }] },
  { id: '6', pk: 'b', n: 2, name: 'Zoë 😀', tags: ['red'], flag: true },
  { id: '7', pk: 'b', n: 10, name: 'zoë \uFF5E', tags: ['green'] },
];

eachAccount((given, { localOnly }) => {
  let account: Account;
  let container: Container;

  beforeAll(async () => {
    account = given();
    container = await account.container({
      indexingPolicy: {
        includedPaths: [{ path: '/*' }],
        excludedPaths: [{ path: '/hidden/*' }],
        compositeIndexes: [
          [
            { path: '/n', order: 'descending' },
            { path: '/id', order: 'ascending' },
          ],
        ],
      },
    });
    for (const document of documents) await container.items.create(document);
  });

  type Parameters = Record<string, JSONValue>;

  async function run(
    query: string,
    parameters: Parameters = {},
    options: FeedOptions = { partitionKey: 'a' },
  ) {
    const list = Object.entries(parameters).map(([name, value]) => ({ name: `@${name}`, value }));
    const { resources } = await container.items
      .query<unknown>({ query, parameters: list }, options)
      .fetchAll();
    return resources;
  }

  const idsWhere = (condition: string, parameters?: Parameters) =>
    run(`SELECT VALUE c.id FROM c WHERE ${condition}`, parameters);

  const everywhere: FeedOptions = {};

  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      (error: ErrorResponse) => error.code ?? error.message,
    );

  describe('filters within a partition', () => {
    it.each<[string, string[], Parameters?]>([
      ['c.n = 2', ['2']],
      ['2 = c.n', ['2']],
      ['c.n = @n', ['4'], { n: '3' }],
      ['c["n"] = 3', ['3']],
      ['c["at"]["place"] = "y"', ['2']],
      ["c.at.place = 'y'", ['2']],
      ['c.items[0].q = 5', ['3']],
      ['c["odd \\"key\\""] = 1', ['4']],
      ['c.n != 2', ['1', '3', '4']],
      ['c.n <> 2', ['1', '3', '4']],
      ['NOT (c.n = 2)', ['1', '3', '4']],
      ['c.n > 1', ['2', '3']],
      ['c.n >= "3"', ['4']],
      ['1 < c.n', ['2', '3']],
      ['c.n BETWEEN 2 AND 3', ['2', '3']],
      ['c.n NOT BETWEEN 2 AND 3', ['1']],
      ['c.n IN (1, "3")', ['1', '4']],
      ['c.n NOT IN (1, "3")', ['2', '3']],
      ['ARRAY_CONTAINS(@wanted, c.n)', ['1', '3'], { wanted: [1, 3] }],
      ['c.flag', ['2']],
      ['NOT c.flag', ['3']],
      ['c.flag = true OR c.n = 1', ['1', '2']],
      ['c.flag != true', ['3']],
      ['c.gone = null', ['3']],
      ['c.gone != null', []],
      ['c.name = null', ['5']],
      ['c.name != null', ['1', '2', '3', '4']],
      ['IS_NULL(c.gone)', ['3']],
      ['IS_DEFINED(c.gone)', ['3']],
      ['NOT IS_DEFINED(c.n)', ['5']],
      ['IS_STRING(c.n)', ['4']],
      ['IS_NUMBER(c.n)', ['1', '2', '3']],
      ['IS_BOOL(c.flag)', ['2', '3']],
      ['IS_ARRAY(c.tags)', ['1', '2', '3', '5']],
      ['IS_OBJECT(c.at)', ['1', '2']],
      ['c.n + 1 = 3', ['2']],
      ['c.n * 2 - 1 = 5', ['3']],
      ['c.n % 2 = 1', ['1', '3']],
      ['-c.n = -1', ['1']],
      ['c.name || "!" = "bob!"', ['2']],
      ['(c.n > 2 ? "many" : "few") = "many"', ['3']],
      ['(c.flag ?? true) = true', ['1', '2', '4', '5']],
      ['CONTAINS(c.name, "nn")', ['1', '3', '4']],
      ['CONTAINS(c.name, "ANN")', []],
      ['CONTAINS(c.name, "ANN", true)', ['1', '4']],
      ['CONTAINS(c.name, "ÄN", true)', ['3']],
      ['STARTSWITH(c.name, "A")', ['1']],
      ['STARTSWITH(c.name, "a", true)', ['1', '4']],
      ['STARTSWITH(c.name, "")', ['1', '2', '3', '4']],
      ['ENDSWITH(c.name, "e")', ['3']],
      ['ENDSWITH(c.name, "BOB", true)', ['2']],
      ['STRINGEQUALS(c.name, "ANNA", true)', ['1']],
      ['c.name LIKE "%nn%"', ['1', '3', '4']],
      ['c.name LIKE "b_b"', ['2']],
      ['c.name LIKE "%!_!%" ESCAPE "!"', ['4']],
      ['c.name NOT LIKE "%nn%"', ['2']],
      ['LOWER(c.name) = "anna"', ['1']],
      ['UPPER(c.name) = "ÄNNE"', ['3']],
      ['LENGTH(c.name) = 3', ['2']],
      ['ARRAY_CONTAINS(c.tags, "red")', ['1']],
      ['ARRAY_CONTAINS(c.tags, ["red"])', ['5']],
      ['ARRAY_CONTAINS(c.tags, {"color": "red"})', []],
      ['ARRAY_CONTAINS(c.tags, {"color": "red"}, true)', ['5']],
      ['ARRAY_LENGTH(c.tags) = 2', ['1', '5']],
      ['EXISTS(SELECT VALUE t FROM t IN c.tags WHERE STARTSWITH(t, "bl"))', ['1', '2']],
      ['EXISTS(SELECT VALUE i FROM i IN c.items WHERE i.q > @q)', ['3'], { q: 4 }],
      ['c.at = {"place": "x"}', ['1']],
      ['c.tags = ["blue"]', ['2']],
      ['c.n < "3" AND undefined', []],
      ['c._ts > 0 AND c.id = "1"', ['1']],
      ['true', ['1', '2', '3', '4', '5']],
    ])('%s', async (condition, expected, parameters = {}) => {
      expect(await idsWhere(condition, parameters)).toEqual(expected);
    });
  });

  describe('projections', () => {
    it.each<[string, unknown[]]>([
      ['SELECT c.id, c.n AS number FROM c WHERE c.n = 1', [{ id: '1', number: 1 }]],
      ['SELECT c.id, c.missing FROM c WHERE c.n = 1', [{ id: '1' }]],
      ['SELECT VALUE {id: c.id, "twice": c.n * 2} FROM c WHERE c.n = 1', [{ id: '1', twice: 2 }]],
      ['SELECT VALUE [c.id, c.missing, c.n] FROM c WHERE c.n = 1', [['1', 1]]],
      ['SELECT VALUE c.missing FROM c', []],
      ['SELECT c.at.place FROM c WHERE c.n = 1', [{ place: 'x' }]],
      ['SELECT c.n + 1 FROM c WHERE c.n = 1', [{ $1: 2 }]],
      ['SELECT VALUE r.id FROM root r WHERE r.n = 1', ['1']],
      ['select value C.id from C where C.n = 1 -- a comment', ['1']],
      ['SELECT VALUE t FROM c JOIN t IN c.tags WHERE IS_STRING(t)', ['red', 'blue', 'blue']],
      [
        'SELECT c.id, i.q FROM c JOIN i IN c.items WHERE i.q > 1',
        [
          { id: '1', q: 2 },
          { id: '3', q: 5 },
        ],
      ],
      ['SELECT VALUE i.q FROM i IN c.items', [1, 2, 5]],
      ['SELECT VALUE ARRAY(SELECT VALUE i.q FROM i IN c.items) FROM c WHERE c.n < 3', [[1, 2], []]],
      ['SELECT VALUE (SELECT VALUE SUM(i.q) FROM i IN c.items) FROM c WHERE c.id IN ("1", "3")', [3, 5]],
      ['SELECT VALUE j FROM c JOIN (SELECT VALUE i.q FROM i IN c.items WHERE i.q != 1) j', [2, 5]],
      ['SELECT DISTINCT VALUE t FROM c JOIN t IN c.tags WHERE IS_STRING(t)', ['red', 'blue']],
      ['SELECT TOP 2 VALUE c.id FROM c', ['1', '2']],
      ['SELECT VALUE c.id FROM c OFFSET 1 LIMIT 2', ['2', '3']],
      ['SELECT VALUE CONCAT(c.id, "-", LEFT(c.name, 2)) FROM c WHERE c.n = 2', ['2-bo']],
      ['SELECT VALUE SUBSTRING(c.name, 1, 2) FROM c WHERE c.n = 1', ['nn']],
      ['SELECT VALUE 1', [1]],
    ])('%s', async (query, expected) => {
      expect(await run(query)).toEqual(expected);
    });
  });

  describe('aggregates within a partition', () => {
    it.each<[string, unknown[]]>([
      ['SELECT VALUE COUNT(1) FROM c', [5]],
      ['SELECT VALUE COUNT(1) FROM c WHERE c.n > 1', [2]],
      ['SELECT VALUE COUNT(1) FROM c WHERE CONTAINS(c.name, "AN", true)', [2]],
      ['SELECT VALUE COUNT(c.flag) FROM c', [2]],
      ['SELECT VALUE SUM(c.n) FROM c WHERE IS_NUMBER(c.n)', [6]],
      ['SELECT VALUE SUM(c.n) FROM c', []],
      ['SELECT VALUE AVG(c.n) FROM c WHERE c.n < 3', [1.5]],
      ['SELECT VALUE AVG(c.none) FROM c', []],
      ['SELECT VALUE MIN(c.n) FROM c', [1]],
      ['SELECT VALUE MAX(c.n) FROM c', ['3']],
      ['SELECT COUNT(1) AS n, MAX(c.id) AS last FROM c', [{ n: 5, last: '5' }]],
      ['SELECT VALUE COUNT(1) FROM c JOIN t IN c.tags', [5]],
    ])('%s', async (query, expected) => {
      expect(await run(query)).toEqual(expected);
    });
  });

  describe('order', () => {
    const ids = (orderBy: string, options?: FeedOptions) =>
      run(`SELECT VALUE c.id FROM c ORDER BY ${orderBy}`, {}, options);

    it('sorts one property, types in their order, without documents that lack it', async () => {
      expect(await ids('c.n')).toEqual(['1', '2', '3', '4']);
      expect(await ids('c.n DESC')).toEqual(['4', '3', '2', '1']);
      expect(await ids('c.name ASC')).toEqual(['5', '1', '4', '2', '3']);
    });

    it('sorts text by code point', async () => {
      expect(await ids('c.name DESC', { partitionKey: 'b' })).toEqual(['7', '6']);
    });

    it('sorts by several properties that a composite index serves', async () => {
      expect(await ids('c.n DESC, c.id ASC')).toEqual(['4', '3', '2', '1', '5']);
      expect(await ids('c.n ASC, c.id DESC')).toEqual(['5', '1', '2', '3', '4']);
    });

    it.each([['c.n, c.id'], ['c.n DESC, c.name'], ['c.hidden.x'], ['c.n + 1']])(
      'refuses ORDER BY %s',
      async (orderBy) => {
        expect(await codeOf(ids(orderBy))).toBe(400);
      },
    );
  });

  describe('paging', () => {
    async function pages(query: string, maxItemCount: number) {
      const found: unknown[][] = [];
      let continuationToken: string | undefined;
      do {
        const options = { partitionKey: 'a', maxItemCount, ...(continuationToken && { continuationToken }) };
        const page = await container.items.query<unknown>(query, options).fetchNext();
        found.push(page.resources);
        continuationToken = page.continuationToken;
      } while (continuationToken !== undefined);
      return found;
    }

    it.each<[string, unknown[][]]>([
      ['SELECT VALUE c.id FROM c', [['1', '2'], ['3', '4'], ['5']]],
      ['SELECT VALUE c.id FROM c ORDER BY c.name DESC', [['3', '2'], ['4', '1'], ['5']]],
      ['SELECT VALUE c.id FROM c ORDER BY c.n DESC, c.id ASC', [['4', '3'], ['2', '1'], ['5']]],
      ['SELECT VALUE c.id FROM c OFFSET 1 LIMIT 3', [['2', '3'], ['4']]],
      ['SELECT TOP 2 VALUE c.id FROM c', [['1', '2']]],
      ['SELECT VALUE t FROM c JOIN t IN c.tags WHERE IS_STRING(t)', [['red', 'blue'], ['blue']]],
      ['SELECT DISTINCT VALUE IS_STRING(c.n) FROM c', [[false, true]]],
    ])('%s', async (query, expected) => {
      const found = await pages(query, 2);
      expect(found.filter((page) => page.length > 0)).toEqual(expected);
    });

    it('takes no continuation token of another query', async () => {
      const { continuationToken } = await container.items
        .query('SELECT * FROM c', { partitionKey: 'a', maxItemCount: 1 })
        .fetchNext();
      expect(continuationToken).toEqual(expect.any(String));
      expect(
        await codeOf(run('SELECT * FROM c ORDER BY c.n', {}, { partitionKey: 'a', continuationToken })),
      ).toBe(400);
      expect(
        await codeOf(run('SELECT * FROM c', {}, { partitionKey: 'a', continuationToken: 'nonsense' })),
      ).toBe(400);
    });

    it.each<['ASC' | 'DESC', string[][]]>([
      ['ASC', [['a1', 'a2'], ['a3', 'b1'], ['b2']]],
      ['DESC', [['b2', 'b1'], ['a3', 'a2'], ['a1']]],
    ])('continues after the last key of the previous page, %s', async (direction, expected) => {
      const sorted = await account.container({
        indexingPolicy: {
          includedPaths: [{ path: '/type/?' }],
          excludedPaths: [{ path: '/*' }],
          compositeIndexes: [
            [
              { path: '/type', order: 'ascending' },
              { path: '/id', order: 'ascending' },
            ],
          ],
        },
      });
      for (const id of ['b2', 'a3', 'a1', 'b1', 'a2']) await sorted.items.create({ id, pk: 'a', type: 't' });
      const found: string[][] = [];
      for (let after = direction === 'ASC' ? '' : 'z'; ; after = found.at(-1)?.at(-1) ?? '') {
        const behind = direction === 'ASC' ? '>' : '<';
        const query =
          `SELECT TOP 2 VALUE c.id FROM c WHERE c.type = 't' AND c.id ${behind} '${after}' ` +
          `ORDER BY c.type ${direction}, c.id ${direction}`;
        const { resources } = await sorted.items.query<string>(query, { partitionKey: 'a' }).fetchAll();
        if (resources.length === 0) break;
        found.push(resources);
      }
      expect(found).toEqual(expected);
    });

    it('continues where it stopped when documents are added in between', async () => {
      const other = await account.container();
      for (const n of [10, 30, 50]) await other.items.create({ id: String(n), pk: 'a', n });
      const query = 'SELECT VALUE c.n FROM c ORDER BY c.n';
      const first = await other.items
        .query<number>(query, { partitionKey: 'a', maxItemCount: 2 })
        .fetchNext();
      await other.items.create({ id: '20', pk: 'a', n: 20 });
      await other.items.create({ id: '40', pk: 'a', n: 40 });
      const { continuationToken } = first;
      const rest = await other.items
        .query<number>(query, { partitionKey: 'a', continuationToken })
        .fetchNext();
      expect([...first.resources, ...rest.resources]).toEqual([10, 30, 40, 50]);
    });
  });

  describe('across partitions', () => {
    it('sweeps with a filter, page by page', async () => {
      const sweep = container.items.query('SELECT VALUE c.id FROM c WHERE c.n >= 2', { maxItemCount: 2 });
      const first = await sweep.fetchNext();
      expect(first.resources).toEqual(['2', '3']);
      expect(first.continuationToken).toEqual(expect.any(String));
      expect((await sweep.fetchNext()).resources).toEqual(['6', '7']);
    });

    it.each<[string, unknown[]]>([
      ['SELECT VALUE c.id FROM c WHERE c.n > 0 AND c.id != "6" ORDER BY c.n DESC', ['7', '3', '2', '1']],
      [
        'SELECT c.id FROM c WHERE c.n != 10 AND c.id != "6" ORDER BY c.n OFFSET 1 LIMIT 2',
        [{ id: '2' }, { id: '3' }],
      ],
      ['SELECT TOP 1 * FROM c ORDER BY c.id DESC', [expect.objectContaining({ id: '7', n: 10 })]],
      ['SELECT VALUE c.id FROM c OFFSET 4 LIMIT 2', ['5', '6']],
      ['SELECT VALUE COUNT(1) FROM c', [7]],
      ['SELECT VALUE SUM(c.n) FROM c WHERE IS_NUMBER(c.n)', [18]],
      ['SELECT VALUE AVG(c.n) FROM c WHERE IS_NUMBER(c.n)', [3.6]],
      ['SELECT VALUE MIN(c.n) FROM c', [1]],
      ['SELECT VALUE MAX(c.n) FROM c WHERE IS_NUMBER(c.n)', [10]],
      ['SELECT DISTINCT VALUE c.pk FROM c', ['a', 'b']],
    ])('%s', async (query, expected) => {
      expect(await run(query, {}, everywhere)).toEqual(expected);
    });

    it('gives no continuation token for ORDER BY', async () => {
      const page = await container.items
        .query('SELECT * FROM c ORDER BY c.id', { maxItemCount: 2 })
        .fetchNext();
      expect(page.resources).toHaveLength(2);
      expect(page.hasMoreResults).toBe(true);
      expect(page.continuationToken).toBeUndefined();
    });

    it('gives one for ORDER BY when the client takes control of the query', async () => {
      const options = { maxItemCount: 3, enableQueryControl: true, forceQueryPlan: true };
      const query = 'SELECT VALUE c.id FROM c ORDER BY c.id';
      const seen: unknown[] = [];
      let continuationToken: string | undefined;
      do {
        const page = await container.items
          .query<unknown>(query, { ...options, ...(continuationToken && { continuationToken }) })
          .fetchNext();
        seen.push(...(page.resources ?? []));
        continuationToken = page.continuationToken;
      } while (continuationToken !== undefined);
      expect(seen).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    });

    it('has the SDK refuse an aggregate without VALUE', async () => {
      const message = 'Aggregate queries must use the VALUE keyword';
      await expect(run('SELECT COUNT(1) AS n FROM c', {}, everywhere)).rejects.toThrow(message);
    });
  });

  describe('what is refused', () => {
    it.each([
      ['SELECT', 400],
      ['SELECT * FROM c WHERE', 400],
      ['SELECT * FROM c WHERE c.n = @missing', 400],
      ['SELECT * FROM c WHERE d.n = 1', 400],
      ['SELECT * FROM c JOIN t IN c.tags', 400],
    ])('%s', async (query, code) => {
      expect(await codeOf(run(query))).toBe(code);
    });

    localOnly('it answers them').each([
      'SELECT c.pk, COUNT(1) FROM c GROUP BY c.pk',
      'SELECT VALUE udf.f(c.n) FROM c',
      'SELECT VALUE ST_DISTANCE(c.a, c.b) FROM c',
    ])('%s', async (query) => {
      expect(await codeOf(run(query))).toBe(501);
    });
  });
});
