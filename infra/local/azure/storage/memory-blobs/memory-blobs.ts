/**
 * Blob storage in memory, to be used in place of Azurite's where there are very many blobs: Azurite's calls get slower with
 * their number. Block blobs alone, and the calls that the app makes with its own token; everything else is refused (501).
 */
import { createHash } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { type Tls } from '../../../stand-in-support/server';
import { sendRefusal } from '../refusal';
import { type Blob, BlobAccount, checkContainerName, type Conditions } from './blob-account';
import { StorageError } from './storage-error';
import { type Answer, blockListOf, blockListXml, rangeOf, readAnswer, writtenHeaders } from './wire';
import { blobListXml } from './blob-list';

interface Call {
  method: string;
  container: string;
  blob: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

type Operation = (account: BlobAccount, call: Call) => Answer;

/** By method, kind of resource and `comp`. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  'PUT container': (account, { container }) => {
    account.createContainer(container);
    return { status: 201 };
  },
  'GET container': (account, { container }) => {
    account.checkContainer(container);
    return { status: 200 };
  },
  'GET container list': listBlobs,
  'PUT blob': putBlob,
  'GET blob': getBlob,
  'DELETE blob': (account, { container, blob, headers }) => {
    account.deleteBlob(container, blob, conditionsOf(headers));
    return { status: 202 };
  },
  'PUT blob block': (account, { container, blob, query, headers, body }) => {
    checkMd5(headers, body);
    account.stageBlock(container, blob, query.get('blockid') ?? '', body);
    return { status: 201 };
  },
  'PUT blob blocklist': putBlockList,
  'GET blob blocklist': (account, { container, blob, query }) => {
    const body = blockListXml(account.blocks(container, blob), query.get('blocklisttype') ?? 'committed');
    return { status: 200, headers: { 'content-type': 'application/xml' }, body };
  },
};

/** Listens on the port; resolves with what closes it. The blobs end with the process. */
export async function startMemoryBlobs(port: number, tls: Tls): Promise<{ close(): Promise<void> }> {
  const account = new BlobAccount();
  const server = createServer({ cert: tls.cert, key: tls.key }, (incoming, outgoing) => {
    answer(account, incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  // Longer than the proxy in front keeps an idle connection.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(account: BlobAccount, incoming: IncomingMessage, outgoing: ServerResponse) {
  try {
    const body = await buffer(incoming);
    const { status, headers = {}, body: content = '' } = carryOut(account, incoming, body);
    const version = incoming.headers['x-ms-version'] ?? '2025-11-05';
    outgoing.writeHead(status, {
      'content-length': Buffer.byteLength(content),
      'x-ms-version': version,
      ...headers,
    });
    outgoing.end(incoming.method === 'HEAD' ? '' : content);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const { status, code, message } = error;
    if (status !== 304) {
      sendRefusal(incoming, outgoing, { status, code, message, retryAfterSeconds: undefined });
      return;
    }
    outgoing.writeHead(304, { 'x-ms-error-code': code });
    outgoing.end();
  }
}

function carryOut(
  account: BlobAccount,
  { method = 'GET', url = '/', headers }: IncomingMessage,
  body: Buffer,
) {
  // Whether the token is valid and permits the call is known by the proxy in front, as it is with Azurite.
  if (!/^Bearer ./i.test(headers.authorization ?? '')) throw new StorageError(403, 'AuthorizationFailure');
  const { pathname, searchParams: query } = new URL(url, 'https://storage');
  const [, , container = '', ...rest] = pathname.split('/').map(decodeURIComponent);
  const blob = rest.join('/');
  const kind = container === '' ? 'account' : blob === '' ? 'container' : 'blob';
  const verb = method === 'HEAD' ? 'GET' : method;
  const name = [verb, kind, query.get('comp') ?? ''].join(' ').trim();
  const operation = OPERATIONS[name];
  const unknown = [
    ...Object.keys(headers).filter(
      (header) => /^(x-ms-|if-)/.test(header) && !KNOWN_HEADERS.includes(header),
    ),
    ...[...query.keys()].filter((parameter) => !KNOWN_PARAMETERS.includes(parameter)),
  ];
  if (!operation || unknown.length > 0 || (kind === 'container') !== (query.get('restype') === 'container'))
    throw new StorageError(501, 'NotImplemented', `Blobs in memory do not know ${unknown[0] ?? name}.`);
  checkContainerName(container);
  return operation(account, { method, container, blob, query, headers, body });
}

/** Any other condition or `x-ms-` header may change the outcome of a call, and is not modelled. */
const KNOWN_HEADERS = [
  'if-match',
  'if-none-match',
  'x-ms-access-tier',
  'x-ms-blob-content-type',
  'x-ms-blob-type',
  'x-ms-client-request-id',
  'x-ms-date',
  // There are no snapshots.
  'x-ms-delete-snapshots',
  'x-ms-range',
  'x-ms-return-client-request-id',
  'x-ms-version',
];
const KNOWN_PARAMETERS = [
  'blockid',
  'blocklisttype',
  'comp',
  'delimiter',
  'include',
  'marker',
  'maxresults',
  'prefix',
  'restype',
  'timeout',
];

function putBlob(account: BlobAccount, { container, blob, headers, body }: Call): Answer {
  const type = headers['x-ms-blob-type'];
  if (type === undefined) throw new StorageError(400, 'MissingRequiredHeader');
  if (type !== 'BlockBlob') throw new StorageError(501, 'NotImplemented', 'Only block blobs are known.');
  if (headers['content-length'] === undefined) throw new StorageError(411, 'MissingContentLengthHeader');
  account.checkContainer(container);
  checkMd5(headers, body);
  return written(account.putBlob(container, blob, body, propertiesOf(headers, headers['content-type'])));
}

function putBlockList(account: BlobAccount, { container, blob, headers, body }: Call): Answer {
  checkMd5(headers, body);
  const list = blockListOf(body.toString());
  return written(account.commitBlocks(container, blob, list, propertiesOf(headers)));
}

function getBlob(account: BlobAccount, { method, container, blob, headers }: Call): Answer {
  const found = account.read(container, blob, conditionsOf(headers));
  if (method === 'HEAD') {
    const answer = readAnswer(found, undefined);
    return { ...answer, headers: { ...answer.headers, 'x-ms-access-tier': found.tier } };
  }
  const range = headers['x-ms-range'] ?? headers.range;
  return readAnswer(found, rangeOf(typeof range === 'string' ? range : undefined, found.content.length));
}

function listBlobs(account: BlobAccount, { container, query }: Call): Answer {
  if (query.has('delimiter') || query.has('include'))
    throw new StorageError(501, 'NotImplemented', 'Only flat lists of blobs are known.');
  const limit = Math.min(Number(query.get('maxresults') ?? 5_000), 5_000);
  if (!Number.isInteger(limit) || limit < 1) throw new StorageError(400, 'OutOfRangeQueryParameterValue');
  const prefix = query.get('prefix') ?? '';
  const from = Buffer.from(query.get('marker') ?? '', 'base64url').toString();
  const { found, next } = account.list(container, { prefix, from, limit });
  const marker = next === undefined ? '' : Buffer.from(next).toString('base64url');
  const body = blobListXml({ container, prefix, found, marker });
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

function written(blob: Blob): Answer {
  return { status: 201, headers: writtenHeaders(blob) };
}

function conditionsOf(headers: Call['headers']): Conditions {
  return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
}

function propertiesOf(headers: Call['headers'], typeOfRequest?: string) {
  const text = (value: string | string[] | undefined) => (typeof value === 'string' ? value : undefined);
  const tier = text(headers['x-ms-access-tier']) ?? 'Hot';
  if (!['Hot', 'Cool', 'Cold'].includes(tier)) throw new StorageError(400, 'InvalidHeaderValue');
  const contentType = text(headers['x-ms-blob-content-type']) ?? typeOfRequest ?? 'application/octet-stream';
  return { tier, contentType, conditions: conditionsOf(headers) };
}

/** As Azurite says it; the proxy in front makes `Md5Mismatch` of it where storage does. */
function checkMd5(headers: Call['headers'], body: Buffer): void {
  const md5 = headers['content-md5'];
  if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64'))
    throw new StorageError(400, 'InvalidOperation', "Provided contentMD5 doesn't match.");
}
