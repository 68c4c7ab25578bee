/** The blob store against Azurite: what signed URLs permit, and copies that they cannot reach. */
import { randomBytes } from 'node:crypto';
import { BlobServiceClient, BlockBlobClient, type ContainerClient } from '@azure/storage-blob';
import { faultClient } from '../../infra/local/azure/test-fault-client';
import { startTestStorage, type TestStorage } from '../../infra/local/azure/storage/test-storage';
import { testConfig } from '../../tests/support/test-services';
import { systemClock } from '../clock';
import { ARCHIVE_CONTAINER } from './blob-containers';
import { type BlobStore, openBlobStore } from './blob-store';
import { ChecksumMeter } from './checksums';

let storage: TestStorage;
let store: BlobStore;
let container: ContainerClient;
let archive: ContainerClient;

beforeAll(async () => {
  storage = await startTestStorage();
  const { azure, blobEndpoint } = storage;
  const config = { ...testConfig, storage: { ...testConfig.storage, blobEndpoint } };
  store = openBlobStore(config, azure.credential, systemClock);
  const service = new BlobServiceClient(blobEndpoint, azure.credential);
  container = service.getContainerClient('recordings');
  archive = service.getContainerClient(ARCHIVE_CONTAINER);
  await container.create();
});
afterAll(() => storage.close());

const BLOCK_IDS = ['MDAwMQ==', 'MDAwMg=='];
/** An upload that was completed, and the client with its URL. */
async function upload(name: string, content: Buffer): Promise<BlockBlobClient> {
  const { url } = await store.uploadUrl('recordings', name, 900);
  const client = new BlockBlobClient(url);
  const half = Math.floor(content.length / 2);
  await client.stageBlock(BLOCK_IDS[0] ?? '', content.subarray(0, half), half);
  await client.stageBlock(BLOCK_IDS[1] ?? '', content.subarray(half), content.length - half);
  return client;
}
async function copyOf(name: string): Promise<boolean> {
  expect(await store.commitBlocks('recordings', name, BLOCK_IDS, 'video/mp4')).toBe(true);
  const source = await store.properties('recordings', name);
  if (!source) throw new Error('there is no upload');
  return store.copyOnce('recordings', { ...source, name }, `${name}.kept`, 'video/mp4');
}
const refused = { statusCode: 403 };

describe('RCD-1: a URL for an upload', () => {
  it('permits writing this one blob, over https, for its time, and nothing else', async () => {
    const { url } = await store.uploadUrl('recordings', 'incoming/a', 900);
    const signature = new URL(url).searchParams;
    expect(signature.get('sp')).toBe('w');
    expect(signature.get('sr')).toBe('b');
    expect(signature.get('spr')).toBe('https');
    expect(Date.parse(signature.get('se') ?? '') - Date.now()).toBeLessThanOrEqual(900_000);
    const client = await upload('incoming/a', Buffer.from('content'));
    await store.commitBlocks('recordings', 'incoming/a', BLOCK_IDS, 'video/mp4');
    await expect(client.downloadToBuffer()).rejects.toMatchObject(refused);
    await expect(client.delete()).rejects.toMatchObject(refused);
    const elsewhere = new BlockBlobClient(url.replace('incoming/a', 'incoming/b'));
    await expect(elsewhere.upload('x', 1)).rejects.toMatchObject(refused);
    const kept = new BlockBlobClient(url.replace('incoming/a', 'incoming/a.kept'));
    await expect(kept.upload('x', 1)).rejects.toMatchObject(refused);
  });

  it('changes no byte of the copy, by whatever it writes, and cannot keep the upload from being removed', async () => {
    const content = randomBytes(3_000_001);
    const client = await upload('incoming/c', content);
    expect(await copyOf('incoming/c')).toBe(true);
    await client.upload('other', 5);
    await client.stageBlock('MDAwMw==', 'more', 4);
    await client.createSnapshot();
    await client.getBlobLeaseClient().acquireLease(-1);
    const kept = container.getBlobClient('incoming/c.kept');
    expect((await kept.downloadToBuffer()).equals(content)).toBe(true);
    expect((await kept.getProperties()).contentType).toBe('video/mp4');
    await store.discard('recordings', 'incoming/c');
    expect(await store.properties('recordings', 'incoming/c')).toBeUndefined();
    expect(await store.presentBlocks('recordings', 'incoming/c')).toEqual([]);
  });

  it('can lease the upload, which is known, and does not keep it from being committed', async () => {
    const client = await upload('incoming/d', Buffer.from('content'));
    await store.commitBlocks('recordings', 'incoming/d', BLOCK_IDS, 'video/mp4');
    await client.getBlobLeaseClient().acquireLease(-1);
    expect(await store.properties('recordings', 'incoming/d')).toMatchObject({ isLeased: true });
    expect(await copyOf('incoming/d')).toBe(true);
  });

  it('can put a blob of another kind there: it has no blocks', async () => {
    const { url } = await store.uploadUrl('recordings', 'incoming/e', 900);
    await fetch(url, {
      method: 'PUT',
      headers: { 'x-ms-blob-type': 'AppendBlob', 'x-ms-version': '2025-11-05' },
    });
    expect(await store.presentBlocks('recordings', 'incoming/e')).toEqual([]);
    expect(await store.commitBlocks('recordings', 'incoming/e', BLOCK_IDS, 'video/mp4')).toBe(false);
  });
});

describe('a copy', () => {
  it('is not made of a source that has changed', async () => {
    const client = await upload('incoming/f', Buffer.from('content'));
    await store.commitBlocks('recordings', 'incoming/f', BLOCK_IDS, 'video/mp4');
    const source = await store.properties('recordings', 'incoming/f');
    if (!source) throw new Error('there is no upload');
    await client.upload('another', 7);
    const copied = await store.copyOnce(
      'recordings',
      { ...source, name: 'incoming/f' },
      'f.kept',
      'video/mp4',
    );
    expect(copied).toBe(false);
    expect(await store.properties('recordings', 'f.kept')).toBeUndefined();
  });

  it('is made once when several are made at once, and is kept after that', async () => {
    await upload('incoming/g', Buffer.from('content'));
    await store.commitBlocks('recordings', 'incoming/g', BLOCK_IDS, 'video/mp4');
    const source = await store.properties('recordings', 'incoming/g');
    if (!source) throw new Error('there is no upload');
    const copy = () =>
      store.copyOnce('recordings', { ...source, name: 'incoming/g' }, 'incoming/g.kept', 'video/mp4');
    expect(await Promise.all([1, 2, 3, 4].map(copy))).toEqual(Array(4).fill(true));
    expect(await copy()).toBe(true);
    const kept = await container.getBlobClient('incoming/g.kept').downloadToBuffer();
    expect(kept.toString()).toBe('content');
  });
});

describe('a URL for reading', () => {
  it('states type and disposition, whatever the blob says, and permits nothing else', async () => {
    await container.getBlockBlobClient('html').upload('<script>', 8, {
      blobHTTPHeaders: { blobContentType: 'text/html' },
    });
    const options = { lifetimeSeconds: 60, contentType: 'application/x-ndjson', fileName: 'events.ndjson' };
    const { url } = await store.readUrl('recordings', 'html', options);
    const response = await fetch(url, { headers: { range: 'bytes=1-3' } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="events.ndjson"');
    expect(await response.text()).toBe('scr');
    await expect(new BlockBlobClient(url).upload('x', 1)).rejects.toMatchObject(refused);
    const other = await fetch(url.replace('x-ndjson', 'xhtml'));
    expect(other.status).toBe(403);
  });
});

describe('MNG-1: a copy into an archive', () => {
  const content = randomBytes(200_000);
  const checksums = () => {
    const meter = new ChecksumMeter(65_536);
    meter.push(content);
    return meter.result();
  };
  const target = (name: string) =>
    ({ container: ARCHIVE_CONTAINER, name, contentType: 'video/mp4', tier: 'Cold' }) as const;
  async function sourceOf(name: string) {
    await store.putOnce('recordings', name, content, 'video/mp4');
    const found = await store.properties('recordings', name);
    if (!found) throw new Error('there is no source');
    return { ...found, name, store, container: 'recordings' as const };
  }
  beforeAll(() => archive.create());

  it('has every byte, the type and the tier, is made once, and its source is deleted while unchanged', async () => {
    const source = await sourceOf('h');
    expect(await store.copyChecked(source, target('h'), checksums())).toBe('copied');
    expect(await store.copyChecked(source, target('h'), checksums())).toBe('present');
    const copy = archive.getBlobClient('h');
    expect((await copy.downloadToBuffer()).equals(content)).toBe(true);
    expect(await copy.getProperties()).toMatchObject({ accessTier: 'Cold', contentType: 'video/mp4' });
    expect(await store.deleteVersion('recordings', 'h', '"0x1"')).toBe('changed');
    expect(await store.deleteVersion('recordings', 'h', source.etag)).toBe('deleted');
    expect(await store.deleteVersion('recordings', 'h', source.etag)).toBe('gone');
  });

  it('goes on after a crash with the blocks that are missing', async () => {
    const source = await sourceOf('i');
    const faults = faultClient(storage.azure.loginUrl);
    const lastBlock = { standIn: 'blob', path: `/${ARCHIVE_CONTAINER}/i`, method: 'PUT' } as const;
    await faults.inject({ ...lastBlock, skip: 3, times: null, effect: { do: 'refuse', status: 400 } });
    await expect(store.copyChecked(source, target('i'), checksums())).rejects.toMatchObject({
      statusCode: 400,
    });
    await faults.clear();
    const before = await store.stagedBlocks(ARCHIVE_CONTAINER, 'i');
    expect(before.length).toBe(3);
    expect(await store.copyChecked(source, target('i'), checksums())).toBe('copied');
    expect((await archive.getBlobClient('i').downloadToBuffer()).equals(content)).toBe(true);
  });

  it('is not made of a source that has changed, is gone, or has another byte than when it was verified', async () => {
    const source = await sourceOf('j');
    const other = { ...source, etag: '"0x1"' };
    expect(await store.copyChecked(other, target('j'), checksums())).toBe('sourceChanged');
    expect(await store.copyChecked({ ...source, name: 'none' }, target('j'), checksums())).toBe(
      'sourceChanged',
    );
    const { md5, ...rest } = checksums();
    const wrong = { ...rest, md5: [...md5.slice(1), ...md5.slice(0, 1)] };
    expect(await store.copyChecked(source, target('j'), wrong)).toBe('corrupt');
    expect(await store.properties(ARCHIVE_CONTAINER, 'j')).toBeUndefined();
    expect(await store.namesOf('recordings', 'j')).toEqual(['j']);
  });
});
