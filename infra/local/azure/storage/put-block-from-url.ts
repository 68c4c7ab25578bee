/**
 * Put Block From URL, which Azurite does not implement: the range is read from its source and staged as a block, with the
 * checks of Azure. Only blobs of the same account are sources.
 */
import { type IncomingMessage } from 'node:http';
import { type Refusal } from '../../faults/fault-injector';
import { type StorageAuthorization } from './authorization';
import { type Azurite } from './azurite';
import { withoutConnection } from './headers';

/** Of a block since version 2019-12-12: 4,000 MiB. */
const MAX_BLOCK_BYTES = 4_000 * 1_048_576;

/** Whether the request asks for a block to be copied. */
export function isPutBlockFromUrl({ method, url = '', headers }: IncomingMessage): boolean {
  return method === 'PUT' && /[?&]comp=block(&|$)/.test(url) && headers['x-ms-copy-source'] !== undefined;
}

/**
 * Copies the range and stages it; resolves with the answer to the staging, or with the refusal of the source.
 * @param target path and query of the block
 */
export async function putBlockFromUrl(
  { azurite, authorize }: { azurite: Azurite; authorize: StorageAuthorization },
  incoming: IncomingMessage,
  target: string,
): Promise<IncomingMessage | Refusal> {
  const malformed = whyMalformed(incoming);
  if (malformed) return malformed;
  const source = sourceOf(incoming);
  if (!source)
    return refusal(501, 'NotImplemented', 'Only blobs of the same account are copied by this stand-in.');
  // Whoever signed its URL, or has the token that is sent for it, must be allowed to read it.
  const reading = { method: 'GET', headers: { authorization: sourceToken(incoming) } };
  if (await authorize(reading, source.replace(/^\/[^/]*/, ''))) return sourceRefusal(403);
  const found = await azurite.request('GET', source, sourceHeaders(incoming), Buffer.alloc(0));
  const status = found.statusCode ?? 500;
  if (status >= 300) {
    found.destroy();
    return sourceRefusal(status);
  }
  const length = found.headers['content-length'] ?? '0';
  if (Number(length) > MAX_BLOCK_BYTES) {
    found.destroy();
    return refusal(413, 'RequestBodyTooLarge', 'A block has at most 4,000 MiB.');
  }
  const headers = [...withoutSource(withoutConnection(incoming.rawHeaders)), 'content-length', length];
  const md5 = incoming.headers['x-ms-source-content-md5'];
  if (typeof md5 !== 'string') return azurite.request('PUT', target, headers, found);
  // Azurite compares the content with it, and says InvalidOperation.
  const staged = await azurite.request('PUT', target, [...headers, 'content-md5', md5], found);
  if (staged.statusCode !== 409 && staged.statusCode !== 400) return staged;
  if (staged.headers['x-ms-error-code'] !== 'InvalidOperation') return staged;
  staged.destroy();
  return refusal(400, 'Md5Mismatch', 'The MD5 of the source does not match the one that was specified.');
}

/** What is wrong with the request itself, whatever its source is. */
function whyMalformed({ headers }: IncomingMessage): Refusal | undefined {
  if (Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined)
    return refusal(400, 'InvalidHeaderValue', 'A block that is copied from a URL has no body.');
  const hasMd5 = headers['x-ms-source-content-md5'] !== undefined;
  const hasCrc64 = headers['x-ms-source-content-crc64'] !== undefined;
  if (hasMd5 && hasCrc64)
    return refusal(400, 'BothCrc64AndMd5HeaderPresent', 'Either MD5 or CRC64 is specified.');
  if (hasCrc64) return refusal(501, 'NotImplemented', 'x-ms-source-content-crc64');
  const [scheme] = sourceToken({ headers })?.split(' ') ?? ['Bearer'];
  return scheme === 'Bearer'
    ? undefined
    : refusal(400, 'InvalidHeaderValue', 'Only bearer tokens authorize the source of a copy.');
}

/** Path and query of the source at Azurite, or undefined for one elsewhere. */
function sourceOf({ headers }: IncomingMessage): string | undefined {
  const text = headers['x-ms-copy-source'];
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.host === headers.host ? `${url.pathname}${url.search}` : undefined;
}

function sourceToken({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const token = headers['x-ms-copy-source-authorization'];
  return typeof token === 'string' ? token : undefined;
}

const CONDITIONS = ['match', 'none-match', 'modified-since', 'unmodified-since'];

/** Range, conditions and authorization of the copy, as those of a download. */
function sourceHeaders({ headers }: Pick<IncomingMessage, 'headers'>): string[] {
  const wanted = [
    ['x-ms-version', headers['x-ms-version']],
    ['host', headers.host],
    ['x-ms-range', headers['x-ms-source-range']],
    ['authorization', sourceToken({ headers })],
    ...CONDITIONS.map((name) => [`if-${name}`, headers[`x-ms-source-if-${name}`]] as const),
  ];
  return wanted.flatMap(([name, value]) => (typeof value === 'string' ? [String(name), value] : []));
}

function withoutSource(headers: string[]): string[] {
  return headers.filter((_text, index) => {
    const name = (headers[index - (index % 2)] ?? '').toLowerCase();
    return !/^(x-ms-(copy-)?source|content-length$)/.test(name);
  });
}

/** As Azure answers when the source cannot be read: it does not say whether it exists. */
function sourceRefusal(status: number): Refusal {
  if (status === 412 || status === 304)
    return refusal(412, 'SourceConditionNotMet', 'The source does not meet the condition of the copy.');
  if (status === 416) return refusal(416, 'InvalidRange', 'The source does not have this range.');
  return refusal(status, 'CannotVerifyCopySource', 'The source of the copy cannot be read.');
}

function refusal(status: number, code: string, message: string): Refusal {
  return { status, code, message, retryAfterSeconds: undefined };
}
