/** The catalogue of packages in Blob storage, as several publishers and readers use it at once. */
import { BlobServiceClient } from '@azure/storage-blob';
import { startTestStorage, type TestStorage } from '../../infra/local/azure/storage/test-storage';
import { TestClock } from '../../tests/support/test-clock';
import { PACKAGES } from '../blobs/blob-containers';
import { type BlobStore, openBlobStore } from '../blobs/blob-store';
import { systemClock } from '../clock';
import { type Package, packageBlobName, VersionTaken } from './catalogue';
import { addToCatalogue, PackageCatalogue } from './package-catalogue';

let storage: TestStorage;
let blobs: BlobStore;

beforeAll(async () => {
  storage = await startTestStorage();
  const { azure, blobEndpoint } = storage;
  blobs = openBlobStore({ storage: { blobEndpoint } }, azure.credential, systemClock);
});
afterAll(() => storage.close());

/** An empty container for each test. */
beforeEach(async () => {
  const container = new BlobServiceClient(storage.blobEndpoint, storage.azure.credential).getContainerClient(
    PACKAGES,
  );
  await container.createIfNotExists();
  await container.getBlockBlobClient('catalogue.json').deleteIfExists();
});

const client = (version: string, digit = 'a'): Package => ({
  kind: 'client',
  version,
  fileName: 'SRCloudClientService.msi',
  sizeBytes: 7,
  sha256: digit.repeat(64),
  publishedAt: '2026-11-01T00:00:00.000Z',
});
const server = (version: string): Package => ({ ...client(version), kind: 'server', fileName: 'Server.msi' });

it('ONB-1: is empty while nothing is published', async () => {
  const catalogue = new PackageCatalogue(() => blobs, systemClock);
  expect(await catalogue.read()).toEqual({ packages: [] });
  expect(await catalogue.latest('client')).toBeUndefined();
});

it('ONB-1: knows the latest version of each kind by its numbers, and finds any version', async () => {
  await addToCatalogue(blobs, [
    client('7.9.1.1'),
    server('24.2.0.16'),
    client('7.40.13020.11'),
    server('23.8.0.1'),
  ]);
  const catalogue = new PackageCatalogue(() => blobs, systemClock);
  expect((await catalogue.latest('client'))?.version).toBe('7.40.13020.11');
  expect((await catalogue.latest('server'))?.version).toBe('24.2.0.16');
  expect(await catalogue.find('client', '07.09.1.1')).toEqual(client('7.9.1.1'));
  expect(await catalogue.find('server', '7.9.1.1')).toBeUndefined();
  expect(await catalogue.find('client', 'any')).toBeUndefined();
});

it('ONB-1: loses no version when many are published at once', async () => {
  const versions = Array.from({ length: 8 }, (_, index) => `7.${50 + index}.1.1`);
  await Promise.all(versions.map((version) => addToCatalogue(blobs, [client(version)])));
  const { packages } = await new PackageCatalogue(() => blobs, systemClock).read();
  expect(packages.map(({ version }) => version)).toEqual(versions.toReversed());
});

it('ONB-1: publishing a version again changes nothing, and with another content it is refused', async () => {
  await addToCatalogue(blobs, [client('7.50.1.1')]);
  const first = await blobs.getVersion(PACKAGES, 'catalogue.json');
  await addToCatalogue(blobs, [{ ...client('7.50.1.1'), publishedAt: '2027-01-01T00:00:00.000Z' }]);
  expect(await blobs.getVersion(PACKAGES, 'catalogue.json')).toEqual(first);
  await expect(addToCatalogue(blobs, [client('07.50.1.1', 'b')])).rejects.toThrow(VersionTaken);
});

it.each([
  [{ version: '7.50' }],
  [{ version: 'latest' }],
  [{ fileName: 'a"b.msi' }],
  [{ fileName: '../a.msi' }],
  [{ sha256: 'A'.repeat(64) }],
  [{ sizeBytes: 0 }],
  [{ kind: 'server' as const, version: '100.1.1.1' }],
])('ONB-1: refuses a package with %j', async (wrong) => {
  await expect(addToCatalogue(blobs, [{ ...client('7.50.1.1'), ...wrong }])).rejects.toThrow();
  expect(await blobs.getVersion(PACKAGES, 'catalogue.json')).toBeUndefined();
});

it('ONB-1: reads the catalogue once in 10 seconds, and its content only when it has changed', async () => {
  await addToCatalogue(blobs, [client('7.50.1.1')]);
  const clock = new TestClock();
  const read = jest.spyOn(blobs, 'getVersion');
  const catalogue = new PackageCatalogue(() => blobs, clock);
  await Promise.all([catalogue.read(), catalogue.latest('client')]);
  expect(read).toHaveBeenCalledTimes(1);
  clock.advanceSeconds(11);
  expect((await catalogue.latest('client'))?.version).toBe('7.50.1.1');
  expect(await read.mock.results[1]?.value).toBe('unchanged');
  read.mockRestore();
  await addToCatalogue(blobs, [client('7.51.1.1')]);
  clock.advanceSeconds(11);
  expect((await catalogue.latest('client'))?.version).toBe('7.51.1.1');
});

it('ONB-1: a URL for a download gives this file alone, as a file to save', async () => {
  const one = client('7.50.1.1');
  await blobs.putOnce(PACKAGES, packageBlobName(one), Buffer.from('content'), 'application/octet-stream');
  const { url } = await new PackageCatalogue(() => blobs, systemClock).downloadUrl(one);
  const { searchParams } = new URL(url);
  expect([searchParams.get('sp'), searchParams.get('sr'), searchParams.has('skoid')]).toEqual([
    'r',
    'b',
    true,
  ]);
  const response = await fetch(url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="SRCloudClientService.msi"');
  expect(await response.text()).toBe('content');
});
