/** The indexes that capabilities declare are those that their queries need, and containers get them also later. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { startTestCosmos, type TestCosmos } from '../infra/local/cosmos/testing';
import { type IndexDeclaration, listIndex, defineContainers } from '../shared/cosmos/containers';
import { documentType } from '../shared/cosmos/document-type';
import { Database, provisionDatabase } from '../shared/cosmos/database';
import { containers } from './containers';

const capabilities = readdirSync(__dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Properties by which the queries of a capability filter or sort; selected ones do not count. */
function queried(capability: string): string[] {
  const folder = path.join(__dirname, capability);
  const text = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('\n')
    .replaceAll(/SELECT .*? FROM c\b/g, '')
    // Conditions of patches look at the document itself.
    .replaceAll(/from c where [^`]*/g, '');
  return [...new Set([...text.matchAll(/['"`( ]c\.(\w+)/g)].map(([, name = '']) => name))].toSorted();
}

/** Properties that the declarations of a capability name. */
function declared(capability: string): string[] {
  const file = path.join(__dirname, capability, 'indexes');
  if (!readdirSync(path.join(__dirname, capability)).includes('indexes.ts')) return [];
  const [declarations = []] = Object.values(
    jest.requireActual<Record<string, readonly IndexDeclaration[]>>(file),
  );
  return [
    ...new Set(declarations.flatMap(({ paths }) => paths.map((name) => name.split('/')[0] ?? ''))),
  ].toSorted();
}

/** What no policy has to name: `id` is always indexed; the kernel's lists ask for the type. */
const isGiven = (property: string) => property === 'id' || property === 'type';

it.each(capabilities)('%s declares what its queries need, and nothing else', (capability) => {
  expect(declared(capability).filter((name) => !isGiven(name))).toEqual(
    queried(capability).filter((name) => !isGiven(name)),
  );
});

it('are indexed nowhere else', () => {
  const indexed = containers.map(({ id, indexingPolicy }) => [
    id,
    indexingPolicy?.includedPaths?.map(({ path: included }) => included).length,
  ]);
  expect(Object.fromEntries(indexed)).toMatchObject({ directory: 0, 'session-data': 6, people: 1 });
  expect(containers.flatMap(({ indexingPolicy }) => indexingPolicy?.excludedPaths)).toEqual(
    containers.map(() => ({ path: '/*' })),
  );
});

describe('a container that exists', () => {
  interface Note {
    id: string;
    color: string;
  }
  const noteType = documentType<Note>('note', { ttlSeconds: 'never' });
  const byColor = { where: 'c.color = @color', parameters: { color: 'red' }, limit: 10 };
  let cosmos: TestCosmos;

  beforeEach(async () => {
    cosmos = await startTestCosmos();
  });
  afterEach(() => cosmos.close());

  it('gets the indexes that are declared now, and keeps its documents', async () => {
    await provisionDatabase(cosmos.client, 'db', defineContainers([listIndex('presence')]));
    const partition = new Database(cosmos.client, 'db').presence('contoso', 'server');
    await partition.create(noteType, { id: 'a', color: 'red' });
    await expect(partition.list(noteType, byColor)).rejects.toThrow('No index serves');
    await provisionDatabase(cosmos.client, 'db', defineContainers([listIndex('presence', 'color')]));
    expect(await partition.list(noteType, byColor)).toMatchObject([{ id: 'a' }]);
  });

  it('is left alone when it is as it should be', async () => {
    await provisionDatabase(cosmos.client, 'db', containers);
    const etags = async () => (await cosmos.client.database('db').containers.readAll().fetchAll()).resources;
    const before = await etags();
    await provisionDatabase(cosmos.client, 'db', containers);
    expect(await etags()).toEqual(before);
  });

  it('keeps its partition key: another one is refused', async () => {
    const [first] = containers;
    if (!first) throw new Error('there is no container');
    await provisionDatabase(cosmos.client, 'db', containers);
    const other = { ...first, partitionKey: { paths: ['/other'] }, defaultTtl: 7 };
    await expect(provisionDatabase(cosmos.client, 'db', [other])).rejects.toThrow('partitionKey');
  });
});
