/**
 * What storage refuses of an Append Block and Azurite does not: a block that is too large for the version of the request,
 * and one of unknown length. Source: https://learn.microsoft.com/rest/api/storageservices/append-block.
 */
import { type IncomingMessage } from 'node:http';
import { type Refusal } from '../../faults/fault-injector';

/** 4 MiB until this version, 100 MiB from it on; Azurite knows the latter. */
const FIRST_WITH_LARGE_BLOCKS = '2022-11-02';
const LARGEST_BEFORE_BYTES = 4 * 1_048_576;

/** Undefined when the call is no Append Block, or one that may go on. */
export function refusedAppend({
  method,
  url = '',
  headers,
}: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): Refusal | undefined {
  const query = new URLSearchParams(url.split('?')[1]);
  if (method !== 'PUT' || query.get('comp') !== 'appendblock') return undefined;
  const length = headers['content-length'];
  if (length === undefined)
    return refusal(411, 'MissingContentLengthHeader', 'Content-Length HTTP header is missing.');
  // A signed request without the header is of the version of its signature.
  const version = headers['x-ms-version'] ?? query.get('sv') ?? '';
  if (version < FIRST_WITH_LARGE_BLOCKS && Number(length) > LARGEST_BEFORE_BYTES)
    return refusal(
      413,
      'RequestBodyTooLarge',
      'The request body is too large and exceeds the maximum permissible limit.',
    );
  return undefined;
}

function refusal(status: number, code: string, message: string): Refusal {
  return { status, code, message, retryAfterSeconds: undefined };
}
