/** Reads a request's body: its size, type, compression and syntax, before any schema sees it. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { HttpRequest } from '@azure/functions';
import { Problem } from '../problem';
import type { Operation } from './operation';

const unzip = promisify(gunzip);

/** Maximum size of a body unless an operation declares another. */
export const DEFAULT_BODY_BYTES = 1_048_576;

/** The content types that an operation accepts. */
export function acceptedContentTypes(operation: Pick<Operation, 'method' | 'bodyFormat'>): string[] {
  if (operation.bodyFormat?.form) return ['application/x-www-form-urlencoded'];
  return operation.method === 'PATCH'
    ? ['application/merge-patch+json', 'application/json']
    : ['application/json'];
}

/** The largest body of an operation, uncompressed. */
export function maxBodyBytes({ bodyFormat }: Pick<Operation, 'bodyFormat'>): number {
  return bodyFormat?.maxBytes ?? DEFAULT_BODY_BYTES;
}

/**
 * The body as a value, or undefined when there is none and none is needed.
 * @throws Problem 411, 413, 415 or 400; an empty body has no type that could be wrong
 */
export async function readBody(request: HttpRequest, operation: Operation): Promise<unknown> {
  if (!operation.body) return undefined;
  const maxBytes = maxBodyBytes(operation);
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge(maxBytes);
  const bytes = Buffer.from(await request.arrayBuffer());
  if (bytes.length === 0 && request.headers.has('transfer-encoding')) throw lengthRequired();
  if (bytes.length === 0 && operation.bodyFormat?.optional) return undefined;
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  if (bytes.length === 0) throw missing(operation);
  checkContentType(request.headers.get('content-type'), acceptedContentTypes(operation));
  const content = await decompress(bytes, request.headers.get('content-encoding'), operation, maxBytes);
  if (operation.bodyFormat?.form) return parseForm(decodeUtf8(content));
  checkNesting(content);
  return parseJson(decodeUtf8(content));
}

/** No body of the API is nested half as deep. */
const MAX_NESTING = 64;
const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_BRACE, CLOSE_BRACE] = Buffer.from(String.raw`"\[]{}`);

/** Parsing megabytes of brackets takes seconds; refusing them takes a look at the first few. */
function checkNesting(json: Buffer): void {
  let depth = 0;
  let isInText = false;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index];
    if (isInText) {
      if (byte === BACKSLASH) index += 1;
      else if (byte === QUOTE) isInText = false;
    } else if (byte === QUOTE) isInText = true;
    else if (byte === OPEN || byte === OPEN_BRACE) {
      depth += 1;
      if (depth > MAX_NESTING)
        throw new Problem(
          'malformed-json',
          `The body is nested deeper than ${MAX_NESTING} levels: see position ${index}.`,
        );
    } else if (byte === CLOSE || byte === CLOSE_BRACE) depth -= 1;
  }
}

/**
 * The platform hands over no body that comes in chunks while HTTP streams are off
 * (https://github.com/Azure/azure-functions-nodejs-library/issues/171): it would be taken for an empty one.
 */
function lengthRequired(): Problem {
  return new Problem(
    'length-required',
    'Bodies that come in chunks (Transfer-Encoding: chunked) do not arrive here: send the body with a Content-Length.',
  );
}

function tooLarge(maxBytes: number): Problem {
  return new Problem('too-large', `The body may have at most ${maxBytes} bytes (uncompressed).`);
}

function missing(operation: Operation): Problem {
  const code = operation.bodyFormat?.form ? 'bad-request' : 'malformed-json';
  const [type = ''] = acceptedContentTypes(operation);
  return new Problem(code, `A body is required: send it as ${type}.`);
}

function checkContentType(header: string | null, accepted: string[]): void {
  const [type = '', ...parameters] = (header ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const isUtf8 = charset === undefined || /^"?utf-?8"?$/.test(charset);
  if (accepted.includes(type) && isUtf8) return;
  throw new Problem('unsupported-media-type', `Send the body as ${accepted.join(' or ')} in UTF-8.`);
}

async function decompress(bytes: Buffer, encoding: string | null, operation: Operation, maxBytes: number) {
  const coding = encoding?.trim().toLowerCase() ?? 'identity';
  if (coding === 'identity') return bytes;
  if (coding !== 'gzip' || !operation.bodyFormat?.gzip) {
    throw new Problem(
      'unsupported-media-type',
      operation.bodyFormat?.gzip
        ? 'Send the body with Content-Encoding gzip, or without this header.'
        : 'Send the body uncompressed, without the header Content-Encoding.',
    );
  }
  try {
    return await unzip(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new Problem('bad-request', 'The body is not valid gzip.', { cause: error });
  }
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Problem('bad-request', 'The body is not valid UTF-8.', { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The engine's message quotes the body, which may contain a password: only the position is returned.
    const place = /at position \d+/.exec(String(error))?.[0];
    throw new Problem(
      'malformed-json',
      place ? `The body is not JSON: see ${place.slice(3)}.` : 'The body is not JSON.',
    );
  }
}

function parseForm(text: string): Record<string, string> {
  const form = new URLSearchParams(text);
  const fields: Record<string, string> = {};
  for (const [name, value] of form) {
    if (form.getAll(name).length > 1)
      throw new Problem('bad-request', `Specify the field ${name} only once.`);
    Object.defineProperty(fields, name, { value, enumerable: true });
  }
  return fields;
}
