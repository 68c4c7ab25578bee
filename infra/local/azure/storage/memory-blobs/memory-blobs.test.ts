/** Blobs in memory answer as Azurite does: the same requests to both, behind the same proxy. */
import { createHash } from 'node:crypto';
import { startTestAzure, type TestAzure } from '../../test-azure';
import { startTestStorage, type TestStorage } from '../test-storage';

interface Sent {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

interface Received {
  status: number;
  code: string | null;
  body: string;
  headers: Record<string, string | null>;
}

let azurite: TestStorage;
let memory: TestAzure;
beforeAll(async () => {
  azurite = await startTestStorage();
  memory = await startTestAzure({ memoryBlobs: true });
});
afterAll(async () => {
  await azurite.close();
  await memory.close();
});

const COMPARED = ['content-type', 'content-length', 'content-range', 'x-ms-blob-type', 'x-ms-access-tier'];

/** `{etag}` in a header stands for the ETag of the last answer that had one. */
async function sendAll(
  azure: TestAzure,
  requests: readonly Sent[],
  authorization?: string,
): Promise<Received[]> {
  const { token } = await azure.deploymentCredential.getToken('https://storage.azure.com/.default');
  const base = `https://127.0.0.1:${azure.options.ports.blob}/devstoreaccount1`;
  const received: Received[] = [];
  let etag = '';
  for (const { method, path, headers = {}, body } of requests) {
    const response = await fetch(base + path, {
      method,
      headers: {
        'x-ms-version': '2025-11-05',
        authorization: authorization ?? `Bearer ${token}`,
        ...Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, value.replace('{etag}', etag)]),
        ),
      },
      ...(body === undefined ? {} : { body }),
    });
    etag = response.headers.get('etag') ?? etag;
    const text = await response.text();
    const hasMedia = response.ok && (method === 'GET' || method === 'HEAD');
    received.push({
      status: response.status,
      code: response.headers.get('x-ms-error-code'),
      body: hasMedia ? comparable(text) : '',
      headers: hasMedia && !text.startsWith('<') ? headersOf(response) : {},
    });
  }
  return received;
}

function headersOf({ headers }: Response): Record<string, string | null> {
  return Object.fromEntries(COMPARED.map((name) => [name, headers.get(name)]));
}

/** Of XML, names, sizes and ids: times, ETags and what else Azurite adds differ. */
function comparable(text: string): string {
  if (!text.startsWith('<')) return text;
  const fields = text.matchAll(/<(Name|Size|Content-Length|AccessTier|BlobType)>([^<]*)</g);
  return [...fields].map(([, name, value]) => `${name}=${value}`).join(' ');
}

const PUT: Omit<Sent, 'path'> = { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' } };
const put = (path: string, body: string, headers: Record<string, string> = {}): Sent => ({
  ...PUT,
  path,
  body,
  headers: { ...PUT.headers, ...headers },
});
const get = (path: string, headers: Record<string, string> = {}): Sent => ({ method: 'GET', path, headers });
const remove = (path: string, headers: Record<string, string> = {}): Sent => ({
  method: 'DELETE',
  path,
  headers,
});
const block = (path: string, id: string, body: string, headers: Record<string, string> = {}): Sent => ({
  method: 'PUT',
  path: `${path}?comp=block&blockid=${encodeURIComponent(id)}`,
  body,
  headers,
});
const commit = (path: string, ids: string[], headers: Record<string, string> = {}): Sent => ({
  method: 'PUT',
  path: `${path}?comp=blocklist`,
  headers,
  body: `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join('')}</BlockList>`,
});
const copy = (path: string, source: string, headers: Record<string, string> = {}): Sent => ({
  method: 'PUT',
  path: `${path}?comp=block&blockid=MDAx`,
  headers: { 'x-ms-copy-source': source, 'x-ms-source-range': 'bytes=0-4', ...headers },
});
const md5 = (text: string) => createHash('md5').update(text).digest('base64');
const container = (name: string, method = 'PUT'): Sent => ({ method, path: `/${name}?restype=container` });

const CASES: [string, Sent[]][] = [
  [
    'a container',
    [container('cases'), container('cases'), container('cases', 'GET'), container('none', 'HEAD')],
  ],
  [
    'names of containers',
    [
      'c',
      'a'.repeat(64),
      'a'.repeat(63),
      'Upper',
      'two--hyphens',
      '-first',
      'last-',
      'under_score',
      '3-a',
    ].map((name) => container(name)),
  ],
  [
    'Put Blob, and reading it',
    [
      put('/cases/a', 'content', { 'x-ms-blob-content-type': 'text/plain' }),
      get('/cases/a'),
      { method: 'HEAD', path: '/cases/a' },
      get('/cases/a', { range: 'bytes=1-3' }),
      get('/cases/a', { 'x-ms-range': 'bytes=4-' }),
      get('/cases/a', { range: 'bytes=5-999' }),
      get('/cases/none'),
      { method: 'HEAD', path: '/cases/none' },
      get('/none/a'),
      put('/none/a', 'content'),
      put('/cases/empty', ''),
      get('/cases/empty'),
    ],
  ],
  [
    'conditions',
    [
      put('/cases/b', 'one', { 'if-none-match': '*' }),
      put('/cases/b', 'two', { 'if-none-match': '*' }),
      put('/cases/b', 'two', { 'if-match': '"0x1"' }),
      put('/cases/new', 'two', { 'if-match': '"0x1"' }),
      get('/cases/b', { 'if-match': '"0x1"' }),
      get('/cases/b', { 'if-none-match': '{etag}' }),
      get('/cases/b'),
      put('/cases/b', 'three', { 'if-match': '{etag}' }),
      get('/cases/b'),
      remove('/cases/b', { 'if-match': '"0x1"' }),
      get('/cases/b'),
      remove('/cases/b', { 'if-match': '{etag}' }),
      remove('/cases/b'),
      remove('/none/b'),
    ],
  ],
  [
    'blocks',
    [
      block('/cases/d', 'MDAx', 'one '),
      get('/cases/d'),
      get('/cases/d?comp=blocklist&blocklisttype=uncommitted'),
      block('/cases/d', 'MDAy', 'two'),
      commit('/cases/d', ['MDAx', 'MDAz']),
      commit('/cases/d', ['MDAx', 'MDAy'], {
        'x-ms-blob-content-type': 'video/webm',
        'x-ms-access-tier': 'Cool',
      }),
      get('/cases/d'),
      get('/cases/d?comp=blocklist&blocklisttype=all'),
      commit('/cases/d', ['MDAx'], { 'if-none-match': '*' }),
      block('/cases/d', 'MDAy', 'three'),
      commit('/cases/d', ['MDAy', 'MDAx']),
      get('/cases/d'),
      block('/cases/d', 'not base64', 'x'),
      block('/none/d', 'MDAx', 'x'),
      get('/cases/nothing?comp=blocklist&blocklisttype=uncommitted'),
    ],
  ],
  [
    'checksums',
    [
      put('/cases/e', 'content', { 'content-md5': md5('content') }),
      put('/cases/e', 'content', { 'content-md5': md5('other') }),
      block('/cases/e', 'MDAx', 'x', { 'content-md5': md5('y') }),
    ],
  ],
  [
    'lists',
    [
      put('/cases/list/1', 'one'),
      put('/cases/list/2', 'two'),
      put('/cases/lists', 'three'),
      block('/cases/list/3', 'MDAx', 'not committed'),
      get('/cases?restype=container&comp=list&prefix=list/'),
      get('/cases?restype=container&comp=list&prefix=list&maxresults=2'),
      get('/cases?restype=container&comp=list&prefix=none'),
      get('/none?restype=container&comp=list'),
    ],
  ],
];

it.each(CASES)('%s: the same answers as those of Azurite', async (_title, requests) => {
  const expected = await sendAll(azurite.azure, requests);
  expect(await sendAll(memory, requests)).toEqual(expected);
});

it('without a token: refused, as by Azurite', async () => {
  const requests = [get('/cases/a'), put('/cases/a', 'x'), container('cases', 'GET')];
  for (const authorization of ['', 'Bearer none']) {
    const expected = await sendAll(azurite.azure, requests, authorization);
    expect(expected.every(({ status }) => status >= 400)).toBe(true);
    expect(await sendAll(memory, requests, authorization)).toEqual(expected);
  }
});

it('a block that is copied from a URL: read with its own token and condition, compared with its checksum', async () => {
  const outcomes = await Promise.all(
    [azurite.azure, memory].map(async (azure) => {
      const { token } = await azure.deploymentCredential.getToken('https://storage.azure.com/.default');
      const source = `https://127.0.0.1:${azure.options.ports.blob}/devstoreaccount1/cases/source`;
      const allowed = { 'x-ms-copy-source-authorization': `Bearer ${token}` };
      return sendAll(azure, [
        put('/cases/source', 'content'),
        copy('/cases/copy', source),
        copy('/cases/copy', source, { ...allowed, 'x-ms-source-if-match': '"0x1"' }),
        copy('/cases/copy', source, { ...allowed, 'x-ms-source-content-md5': md5('other') }),
        copy('/cases/copy', source, { ...allowed, 'x-ms-source-content-md5': md5('conte') }),
        commit('/cases/copy', ['MDAx'], { 'if-none-match': '*', 'x-ms-access-tier': 'Cold' }),
        get('/cases/copy'),
        copy('/cases/other', `${source}-none`, allowed),
      ]);
    }),
  );
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(outcomes[1]?.map(({ status }) => status)).toEqual([201, 403, 412, 400, 201, 201, 200, 404]);
});

it('what is not modelled is refused', async () => {
  const answers = await sendAll(memory, [
    put('/cases/append', '', { 'x-ms-blob-type': 'AppendBlob' }),
    { method: 'PUT', path: '/cases/a?comp=lease', headers: { 'x-ms-lease-action': 'break' } },
    { method: 'PUT', path: '/cases/a?comp=snapshot' },
    get('/cases?restype=container&comp=list&delimiter=/'),
    remove('/cases/a', { 'if-modified-since': new Date().toUTCString() }),
    put('/cases/a', 'x', { 'x-ms-lease-id': 'a' }),
    put('/cases/a', 'x', { 'x-ms-meta-a': 'b' }),
    get('/cases/a?versionid=1'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(501));
});

it('what Azure refuses and Azurite lets pass is refused', async () => {
  const answers = await sendAll(memory, [
    container('cases'),
    put('/cases/short', 'content'),
    get('/cases/short', { range: 'bytes=7-9' }),
    block('/cases/f', 'MDAx', 'x'),
    block('/cases/f', 'MDAwMQ==', 'an id of another length'),
    { ...commit('/cases/f', []), body: '<Other/>' },
  ]);
  expect(answers.slice(2).map(({ code }) => code)).toEqual([
    'InvalidRange',
    null,
    'InvalidBlobOrBlock',
    'InvalidXmlDocument',
  ]);
});
