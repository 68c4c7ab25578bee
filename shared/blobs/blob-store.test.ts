/** The blob store against Azurite: what signed URLs permit, and copies that they cannot reach. */
import { randomBytes } from 'node:crypto';
import { BlobServiceClient, BlockBlobClient, type ContainerClient } from '@azure/storage-blob';
import { startTestStorage, type TestStorage } from '../../infra/local/azure/storage/test-storage';
import { testConfig } from '../../tests/support/test-services';
import { systemClock } from '../clock';
import { type BlobStore, openBlobStore } from './blob-store';

let storage: TestStorage;
let store: BlobStore;
let container: ContainerClient;

beforeAll(async () => {
  storage = await startTestStorage();
  const { azure, blobEndpoint } = storage;
  const config = { ...testConfig, storage: { ...testConfig.storage, blobEndpoint } };
  store = openBlobStore(config, azure.credential, systemClock);
  container = new BlobServiceClient(blobEndpoint, azure.credential).getContainerClient('recordings');
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
