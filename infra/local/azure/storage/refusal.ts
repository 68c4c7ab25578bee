/** Error responses of Azure Storage. */
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { retryAfter } from '../../faults/http-faults';
import { type Refusal } from '../../faults/fault-injector';

/** Source: https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes. */
const codes: Record<number, string> = {
  400: 'InvalidInput',
  401: 'NoAuthenticationInformation',
  403: 'AuthorizationFailure',
  404: 'ResourceNotFound',
  409: 'ResourceAlreadyExists',
  412: 'ConditionNotMet',
  413: 'RequestBodyTooLarge',
  500: 'InternalError',
  503: 'ServerBusy',
};

/** Answers with the error as XML; storage throttles with 503 ServerBusy and knows no 429. */
export function sendRefusal(incoming: IncomingMessage, outgoing: ServerResponse, refusal: Refusal): void {
  const status = refusal.status === 429 ? 503 : refusal.status;
  const code = refusal.code ?? codes[status] ?? 'InjectedFault';
  const requestId = randomUUID();
  const message = `${refusal.message}\nRequestId:${requestId}\nTime:${new Date().toISOString()}`;
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${escaped(code)}</Code><Message>${message}</Message></Error>`;
  // The rest of the request is read: a client that still writes would not see the answer.
  incoming.resume();
  outgoing.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
    'x-ms-error-code': code,
    'x-ms-request-id': requestId,
    'x-ms-version': incoming.headers['x-ms-version'] ?? '2025-11-05',
    ...retryAfter(refusal),
  });
  outgoing.end(body);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
