import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BlobServiceClient as BlobService,
  BlobServiceClient,
  BlobSASPermissions,
  type ContainerClient,
  generateBlobSASQueryParameters,
  BlockBlobClient,
} from '@azure/storage-blob';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { type FaultClient, faultClient } from '../test-fault-client';
import { startTestStorage, type TestStorage } from './test-storage';

let storage: TestStorage;
let faults: FaultClient;
let blobs: BlobService;
let container: ContainerClient;
let queue: QueueClient;
beforeAll(async () => {
  storage = await startTestStorage();
  const { azure, blobEndpoint, queueEndpoint } = storage;
  faults = faultClient(azure.loginUrl);
  // One attempt: the tests check the answer that the client receives.
  const options = { retryOptions: { maxTries: 1 } };
  blobs = new BlobServiceClient(blobEndpoint, azure.deploymentCredential, options);
  container = blobs.getContainerClient('recordings');
  await container.create();
  queue = new QueueServiceClient(queueEndpoint, azure.deploymentCredential, options).getQueueClient('jobs');
  await queue.create();
});
afterAll(() => storage.close());
afterEach(async () => {
  await faults.clear();
  await queue.clearMessages();
});

const text = async (name: string): Promise<string> =>
  (await container.getBlobClient(name).downloadToBuffer()).toString();

async function receiveAll(): Promise<string[]> {
  const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
  return receivedMessageItems.map(({ messageText }) => messageText);
}

describe('what is passed on', () => {
  it('is a large blob as it is, with its metadata', async () => {
    const content = randomBytes(9 * 1_048_576);
    const blob = container.getBlockBlobClient('large');
    await blob.uploadData(content, { blockSize: 4_194_304, metadata: { session: 'a' } });
    expect((await blob.downloadToBuffer()).equals(content)).toBe(true);
    expect(await blob.exists()).toBe(true);
    expect((await blob.getProperties()).metadata).toEqual({ session: 'a' });
  });

  it('is a request with a shared access signature', async () => {
    const now = new Date();
    const later = new Date(now.getTime() + 3_600_000);
    const key = await blobs.getUserDelegationKey(now, later);
    const signature = generateBlobSASQueryParameters(
      {
        containerName: 'recordings',
        blobName: 'signed',
        permissions: BlobSASPermissions.parse('rcw'),
        startsOn: now,
        expiresOn: later,
        version: '2025-11-05',
      },
      key,
      'devstoreaccount1',
    );
    const signed = new BlockBlobClient(
      `${container.getBlockBlobClient('signed').url}?${signature.toString()}`,
    );
    await signed.upload('by link', 7);
    expect(await text('signed')).toBe('by link');
    const ranged = async (range: string) => {
      const response = await fetch(signed.url, { headers: { range } });
      return [response.status, await response.text()];
    };
    expect(await ranged('bytes=3-')).toEqual([206, 'link']);
    expect(await ranged('bytes=0-1')).toEqual([206, 'by']);
    for (const unknown of ['bytes=-5', 'bytes=a-b', 'bytes=5-2', 'bytes=0-1,3-4', 'items=0-1'])
      expect(await ranged(unknown)).toEqual([200, 'by link']);
    expect((await fetch(container.getBlockBlobClient('signed').url)).status).toBeGreaterThanOrEqual(400);
  });

  it('is a refusal of storage itself, which no fault can make a success', async () => {
    const upload = () => blobs.getContainerClient('none').getBlockBlobClient('b').upload('x', 1);
    const refused = { statusCode: 404, code: 'ContainerNotFound' };
    await expect(upload()).rejects.toMatchObject(refused);
    await faults.inject({ standIn: 'blob', path: '/none/*', effect: { do: 'failAfterSuccess' } });
    await expect(upload()).rejects.toMatchObject(refused);
  });
});

describe('a block that is copied from a URL', () => {
  const MEBIBYTE = 1_048_576;
  const content = randomBytes(3 * MEBIBYTE);
  let etag: string | undefined;
  beforeAll(async () => {
    ({ etag } = await container.getBlockBlobClient('source').uploadData(content));
  });
  /** Put Block From URL with the caller's token for the source too, in the way of REST. */
  const copy = async (name: string, headers: Record<string, string> = {}) => {
    const { token } = await storage.azure.credential.getToken('https://storage.azure.com/.default');
    const response = await fetch(`${container.getBlobClient(name).url}?comp=block&blockid=MDAwMQ%3D%3D`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${token}`,
        'x-ms-version': '2025-11-05',
        'x-ms-copy-source': container.getBlobClient('source').url,
        'x-ms-copy-source-authorization': `Bearer ${token}`,
        ...headers,
      },
    });
    return { status: response.status, code: response.headers.get('x-ms-error-code') };
  };

  it('has the range of its source, while that has the ETag', async () => {
    const range = `bytes=${MEBIBYTE}-${2 * MEBIBYTE + 6}`;
    const headers = { 'x-ms-source-range': range, 'x-ms-source-if-match': etag ?? '' };
    expect((await copy('copy', headers)).status).toBe(201);
    const blob = container.getBlockBlobClient('copy');
    await blob.commitBlockList(['MDAwMQ==']);
    const expected = content.subarray(MEBIBYTE, 2 * MEBIBYTE + 7);
    expect((await blob.downloadToBuffer()).equals(expected)).toBe(true);
  });

  it('has the content of its checksum, and is committed into a tier', async () => {
    const md5 = createHash('md5').update(content).digest('base64');
    expect((await copy('cold', { 'x-ms-source-content-md5': md5 })).status).toBe(201);
    const blob = container.getBlockBlobClient('cold');
    await blob.commitBlockList(['MDAwMQ=='], { tier: 'Cold', conditions: { ifNoneMatch: '*' } });
    expect((await blob.getProperties()).accessTier).toBe('Cold');
    const again = blob.commitBlockList(['MDAwMQ=='], { conditions: { ifNoneMatch: '*' } });
    await expect(again).rejects.toMatchObject({ statusCode: 409, code: 'BlobAlreadyExists' });
  });

  it.each([
    ['has changed', { 'x-ms-source-if-match': '"0x1"' }, 412, 'SourceConditionNotMet'],
    ['lacks the range', { 'x-ms-source-range': 'bytes=9999999-10000000' }, 416, 'InvalidRange'],
    [
      'is not open to the caller',
      { 'x-ms-copy-source-authorization': 'Bearer x' },
      403,
      'CannotVerifyCopySource',
    ],
    [
      'has other content than expected',
      { 'x-ms-source-content-md5': createHash('md5').update('other').digest('base64') },
      400,
      'Md5Mismatch',
    ],
    [
      'has two checksums',
      { 'x-ms-source-content-md5': 'AA==', 'x-ms-source-content-crc64': 'AA==' },
      400,
      'BothCrc64AndMd5HeaderPresent',
    ],
    [
      'is authorized by something else than a token',
      { 'x-ms-copy-source-authorization': 'Basic x' },
      400,
      'InvalidHeaderValue',
    ],
    ['lies elsewhere', { 'x-ms-copy-source': 'https://elsewhere.test/a/b' }, 501, 'NotImplemented'],
  ])('is refused when the source %s', async (_what, headers, status, code) => {
    const refused = await copy('refused', headers);
    expect(refused).toEqual({ status, code });
    await expect(container.getBlockBlobClient('refused').getBlockList('all')).rejects.toMatchObject({
      statusCode: 404,
    });
  });
});

describe('an append blob', () => {
  const signedFor = async (name: string, permissions: string) => {
    const now = new Date();
    const later = new Date(now.getTime() + 3_600_000);
    const key = await blobs.getUserDelegationKey(now, later);
    const values = {
      containerName: 'recordings',
      blobName: name,
      permissions: BlobSASPermissions.parse(permissions),
      startsOn: now,
      expiresOn: later,
      version: '2025-11-05',
    };
    const signature = generateBlobSASQueryParameters(values, key, 'devstoreaccount1').toString();
    return `${container.getBlobClient(name).url}?${signature}`;
  };
  const append = (url: string, content: Buffer, headers: Record<string, string> = {}) =>
    fetch(`${url}&comp=appendblock`, { method: 'PUT', body: new Uint8Array(content), headers });

  it('takes a block at its end only, and a URL for appending permits nothing else', async () => {
    await container.getAppendBlobClient('live').create();
    const url = await signedFor('live', 'a');
    const at = (position: number) => ({ 'x-ms-blob-condition-appendpos': String(position) });
    expect((await append(url, Buffer.from('one'), at(0))).status).toBe(201);
    const repeated = await append(url, Buffer.from('one'), at(0));
    expect([repeated.status, repeated.headers.get('x-ms-error-code')]).toEqual([
      412,
      'AppendPositionConditionNotMet',
    ]);
    expect((await append(url, Buffer.from('two'), at(3))).status).toBe(201);
    const others: RequestInit[] = [
      {},
      { method: 'HEAD' },
      { method: 'DELETE' },
      { method: 'PUT', body: 'x', headers: { 'x-ms-blob-type': 'BlockBlob' } },
      { method: 'PUT', headers: { 'x-ms-blob-type': 'AppendBlob', 'content-length': '0' } },
    ];
    for (const other of others) expect((await fetch(url, other)).status).toBe(403);
    expect(await text('live')).toBe('onetwo');
  });

  it('takes blocks of more than 4 MiB from version 2022-11-02 on', async () => {
    await container.getAppendBlobClient('large-live').create();
    const url = await signedFor('large-live', 'a');
    const large = Buffer.alloc(4 * 1_048_576 + 1);
    const old = await append(url, large, { 'x-ms-version': '2021-12-02' });
    expect([old.status, old.headers.get('x-ms-error-code')]).toEqual([413, 'RequestBodyTooLarge']);
    expect((await append(url, large)).status).toBe(201);
  });
});

describe('a blob under faults', () => {
  const upload = (name: string, content: string) =>
    container.getBlockBlobClient(name).upload(content, content.length);

  it('is refused with the code of storage, and nothing is written', async () => {
    await faults.inject({
      standIn: 'blob',
      method: 'PUT',
      path: '/recordings/refused',
      effect: { do: 'refuse' },
    });
    await expect(upload('refused', 'x')).rejects.toMatchObject({ statusCode: 503, code: 'ServerBusy' });
    expect(await container.getBlobClient('refused').exists()).toBe(false);
  });

  it('is refused with the status and code of the fault, also for a body that is streamed', async () => {
    const effect = { do: 'refuse', status: 500, code: 'OperationTimedOut' };
    await faults.inject({ standIn: 'blob', method: 'PUT', path: '/recordings/streamed', effect });
    const refused = container.getBlockBlobClient('streamed').upload(Buffer.alloc(3_000_000), 3_000_000);
    await expect(refused).rejects.toMatchObject({ statusCode: 500, code: 'OperationTimedOut' });
  });

  it('is throttled as storage does it, also when only its properties are asked for', async () => {
    const fault = { standIn: 'blob', effect: { do: 'throttle', retryAfterSeconds: 3 } };
    for (const method of ['GET', 'HEAD']) {
      await faults.inject({ ...fault, method });
      const { token } = await storage.azure.credential.getToken('https://storage.azure.com/.default');
      const response = await fetch(container.getBlobClient('any').url, {
        method,
        headers: { authorization: `Bearer ${token}`, 'x-ms-version': '2025-05-05' },
      });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('3');
      expect(response.headers.get('x-ms-error-code')).toBe('ServerBusy');
      expect(await response.text()).toContain(method === 'GET' ? '<Code>ServerBusy</Code>' : '');
    }
  });

  it('is written although the answer is lost', async () => {
    await faults.inject({ standIn: 'blob', method: 'PUT', effect: { do: 'failAfterSuccess' } });
    await expect(upload('lost', 'kept')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await text('lost')).toBe('kept');
  });

  it('is not written when the connection breaks before', async () => {
    await faults.inject({ standIn: 'blob', body: 'secret', effect: { do: 'disconnect' } });
    await expect(upload('broken', 'a secret')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await container.getBlobClient('broken').exists()).toBe(false);
  });

  it('is written once when it is too large to be sent twice', async () => {
    await faults.inject({ standIn: 'blob', method: 'PUT', effect: { do: 'duplicate' } });
    const content = randomBytes(2_000_000);
    await container.getBlockBlobClient('once').upload(content, content.length);
    expect((await container.getBlobClient('once').downloadToBuffer()).equals(content)).toBe(true);
  });
});

describe('a queue under faults', () => {
  const put = { standIn: 'queue', method: 'POST', path: '/jobs/messages' };

  it('gets a message twice', async () => {
    await faults.inject({ ...put, effect: { do: 'duplicate' } });
    await queue.sendMessage('a');
    expect(await receiveAll()).toEqual(['a', 'a']);
  });

  it('shows a message after a later one, and holds up no sender', async () => {
    await faults.inject({ ...put, body: 'first', effect: { do: 'reorder', seconds: 1 } });
    await queue.sendMessage('first');
    await queue.sendMessage('second');
    expect(await receiveAll()).toEqual(['second']);
    const seen: string[] = [];
    while (seen.length === 0) {
      await sleep(100);
      seen.push(...(await receiveAll()));
    }
    expect(seen).toEqual(['first']);
  });

  it('keeps a message although the sender receives an error', async () => {
    await faults.inject({ ...put, effect: { do: 'failAfterSuccess', status: 500 } });
    await expect(queue.sendMessage('a')).rejects.toMatchObject({ statusCode: 500, code: 'InternalError' });
    expect(await receiveAll()).toEqual(['a']);
  });

  it('can lose the deletion of a message, which then becomes visible again', async () => {
    await queue.sendMessage('a');
    await faults.inject({ standIn: 'queue', method: 'DELETE', effect: { do: 'refuse', status: 503 } });
    const { receivedMessageItems } = await queue.receiveMessages({ visibilityTimeout: 1 });
    const { messageId = '', popReceipt = '' } = receivedMessageItems[0] ?? {};
    await expect(queue.deleteMessage(messageId, popReceipt)).rejects.toMatchObject({ statusCode: 503 });
    await queue.deleteMessage(messageId, popReceipt);
    expect(await receiveAll()).toEqual([]);
  });
});

it('comes back when Azurite does', async () => {
  await container.getBlockBlobClient('kept').upload('x', 1);
  await storage.behind.stop();
  await expect(text('kept')).rejects.toMatchObject({ code: 'ECONNRESET' });
  await storage.behind.start();
  expect(await text('kept')).toBe('x');
});
