/** Pages of a list: links that cannot be made up, and no row lost or shown twice. */
import fc from 'fast-check';
import { call } from '../../tests/support/call';
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { listSamples, sampleType } from '../../tests/support/sample-capability';
import { Cursors } from './cursor';
import { MemoryVault } from '../../tests/support/memory-vault';

let test: TestServices;
let token: string;

beforeAll(async () => {
  test = await startTestServices();
  token = await test.issuer.token();
});

afterAll(() => test.close());

const control = () => test.services.database.control(CONTOSO);
const add = (id: string) => control().upsert(sampleType, { id, name: id });
const clear = async () => {
  for (const { id } of await control().list(sampleType, { limit: 1_000 }))
    await control().remove(sampleType, id);
};

async function page(query: string) {
  const { status, body } = await call(test.services, listSamples, { token, query });
  const value = (body['value'] ?? []) as { id: string }[];
  return {
    status,
    code: body.code,
    ids: value.map(({ id }) => id),
    nextLink: body['nextLink'] as string | undefined,
  };
}

const queryOf = (link: string | undefined) => new URL(link ?? 'missing').search;

beforeEach(async () => {
  await clear();
  for (const id of ['a', 'b', 'c', 'd']) await add(id);
});

it('gives an absolute link to the next page, and none on the last one', async () => {
  const first = await page('?top=3&color=red');
  expect(first.ids).toEqual(['a', 'b', 'c']);
  const link = new URL(first.nextLink ?? '');
  expect(link.origin + link.pathname).toBe('https://recording.test/api/v1/samples');
  expect([link.searchParams.get('top'), link.searchParams.get('color')]).toEqual(['3', 'red']);
  expect(await page(link.search)).toEqual({ status: 200, ids: ['d'], nextLink: undefined, code: undefined });
});

it('has no link when the page holds exactly what is left', async () => {
  expect((await page('?top=4')).nextLink).toBeUndefined();
  await clear();
  expect(await page('')).toMatchObject({ status: 200, ids: [], nextLink: undefined });
});

it('lets the size of the pages change while paging, but not the filter', async () => {
  const query = queryOf((await page('?top=1&color=red')).nextLink);
  expect((await page(query.replace('top=1', 'top=2'))).ids).toEqual(['b', 'c']);
  expect((await page(query.replace('color=red', 'color=blue'))).code).toBe('invalid-cursor');
  expect((await page(query.replace('&color=red', '').replace('color=red&', ''))).code).toBe('invalid-cursor');
});

it('IAM-1: refuses the link of another customer, who asks for the same', async () => {
  const query = queryOf((await page('?top=1')).nextLink);
  expect((await page(query)).ids).toEqual(['b']);
  const stranger = await test.issuer.token({ tid: FABRIKAM });
  expect(await call(test.services, listSamples, { token: stranger, query })).toMatchObject({
    status: 400,
    body: { code: 'invalid-cursor', errors: [{ parameter: 'cursor' }] },
  });
});

it('refuses a genuine link in another spelling', async () => {
  const genuine = new URL((await page('?top=1')).nextLink ?? '').searchParams.get('cursor') ?? '';
  for (const appended of ['=', '!', '%20', '.', 'A='])
    expect((await page(`?cursor=${genuine}${appended}`)).code).toBe('invalid-cursor');
});

it('refuses every link that it did not make', async () => {
  const genuine = new URL((await page('?top=1')).nextLink ?? '').searchParams.get('cursor') ?? '';
  const bytes = Buffer.from(genuine, 'base64url');
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const forged = Buffer.from(bytes);
      forged[at] = (forged[at] ?? 0) ^ change;
      expect((await page(`?cursor=${forged.toString('base64url')}`)).code).toBe('invalid-cursor');
    }),
    { numRuns: 25 },
  );
  for (const cursor of ['', 'x', genuine.slice(0, 20), Buffer.alloc(16).toString('base64url')]) {
    expect((await page(`?cursor=${cursor}`)).code).toBe('invalid-cursor');
  }
});

it('accepts a link on every instance that shares the vault, and on none that does not', async () => {
  const cursor = await new Cursors(test.services.secrets).sign('last', { path: 'p' });
  await expect(new Cursors(test.services.secrets).verify(cursor, { path: 'p' })).resolves.toBe('last');
  const other = new Cursors(new MemoryVault().store());
  await expect(other.verify(cursor, { path: 'p' })).rejects.toMatchObject({ code: 'invalid-cursor' });
});

it('asks for the key again after the vault was out of reach', async () => {
  const vault = new MemoryVault();
  const cursors = new Cursors(vault.store());
  vault.beforeRequest = () => {
    throw new Error('out of reach');
  };
  await expect(cursors.sign('last', {})).rejects.toThrow('out of reach');
  vault.beforeRequest = () => undefined;
  await expect(cursors.sign('last', {})).resolves.toEqual(expect.any(String));
});

it('shows every row that is there all the time exactly once, whatever is added and removed meanwhile', async () => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[a-f0-9]{1,3}$/), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(ids, ids, fc.integer({ min: 1, max: 7 }), async (stay, come, top) => {
      await clear();
      const coming = come.filter((id) => !stay.includes(id));
      for (const id of stay) await add(id);
      const seen: string[] = [];
      let query: string | undefined = `?top=${top}`;
      while (query !== undefined) {
        const { ids: shown, nextLink } = await page(query);
        seen.push(...shown);
        const added = coming.pop();
        if (added !== undefined) await add(added);
        query = nextLink === undefined ? undefined : queryOf(nextLink);
      }
      expect(seen).toEqual([...new Set(seen)].sort());
      expect(seen).toEqual(expect.arrayContaining(stay));
    }),
    { numRuns: 8 },
  );
});
