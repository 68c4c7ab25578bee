/** Answers: success as the operation declares it, problems as RFC 9457 (or OAuth's own form). */
import type { HttpResponseInit } from '@azure/functions';
import { DocumentExists, DocumentGone, DocumentStale, PredicateFailed } from '../cosmos/errors';
import { Problem, problemBody } from '../problem';
import { isBusy } from './dependency-errors';
import type { KeptAnswer } from './idempotency';
import type { Operation, Reply } from './operation';
import { isNamed } from './preconditions';

/** An answer that goes out: text, which may be kept for repeats, or a stream, which is not. */
export interface Answer extends Omit<KeptAnswer, 'body'> {
  body: string | ReadableStream<Uint8Array>;
}

/** Whether the answer is one that can be kept. */
export function isText(answer: Answer): answer is KeptAnswer {
  return typeof answer.body === 'string';
}

/** A handler's reply as it goes out; fields that the schema does not declare are left out. */
export function toAnswer(operation: Operation, reply: Reply<unknown>): Answer {
  const headers: Record<string, string> = { 'cache-control': 'no-store', ...reply.headers };
  if (reply.etag) headers['etag'] = reply.etag;
  if (reply.location) headers['location'] = reply.location;
  if (reply.operationLocation) headers['operation-location'] = reply.operationLocation;
  if (reply.retryAfterSeconds !== undefined) headers['retry-after'] = String(reply.retryAfterSeconds);
  const status = reply.status ?? operation.success.status;
  if (!operation.success.body || status in (operation.otherStatuses ?? {}))
    return { status, headers, body: '' };
  headers['content-type'] = operation.success.contentType ?? 'application/json; charset=utf-8';
  const body = operation.success.body.parse(reply.body);
  if (body instanceof ReadableStream) return { status, headers, body: body as ReadableStream<Uint8Array> };
  return { status, headers, body: operation.success.contentType ? String(body) : JSON.stringify(body) };
}

/** The answer; for an operation that declares 304, that when the caller has it already (If-None-Match, RFC 9110 §13.1.2). */
export function unlessKnown(operation: Operation, ifNoneMatch: string | null, answer: Answer): Answer {
  const etag = answer.headers['etag'];
  const declared = operation.otherStatuses && 304 in operation.otherStatuses;
  if (!declared || answer.status !== 200 || !etag || ifNoneMatch === null) return answer;
  if (!isNamed(etag, ifNoneMatch)) return answer;
  const { 'content-type': _type, ...headers } = answer.headers;
  return { status: 304, headers, body: '' };
}

/** An answer in the form that the Functions runtime takes. */
export function toResponse({ status, headers, body }: Answer): HttpResponseInit {
  return body === '' ? { status, headers } : { status, headers, body };
}

/** Converts any error to the problem for the caller; internal errors become a 500 or 503. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isAbort(error) && error.cause instanceof Problem) return error.cause;
  if (error instanceof DocumentStale) {
    return new Problem('stale', 'It was changed since you read it: read it again and repeat your change.', {
      cause: error,
    });
  }
  if (error instanceof PredicateFailed) {
    return new Problem('conflict', 'The precondition of the change no longer holds.', { cause: error });
  }
  if (error instanceof DocumentExists) {
    return new Problem(
      'already-exists',
      'Somebody else has made the same at this moment: read it again, then repeat your change if it is still needed.',
      {
        cause: error,
      },
    );
  }
  if (error instanceof DocumentGone)
    return new Problem('not-found', 'The resource no longer exists.', { cause: error });
  if (isBusy(error)) {
    return new Problem('unavailable', 'A part of the service is busy or restarting: retry.', {
      retryAfterSeconds: 2,
      cause: error,
    });
  }
  return new Problem(
    'internal-error',
    'The request could not be completed. Quote the trace id when you report it.',
    {
      cause: error,
    },
  );
}

/** Node's error for an aborted wait; its cause is the signal's reason. */
function isAbort(error: unknown): error is { cause: unknown } {
  return (
    typeof error === 'object' &&
    error !== null &&
    'name' in error &&
    error.name === 'AbortError' &&
    'cause' in error
  );
}

/** A problem as an answer. */
export function problemResponse(
  problem: Problem,
  traceId: string,
  publicUrl: string,
  oauthErrors = false,
): HttpResponseInit {
  const headers: Record<string, string> = {
    'content-type': oauthErrors ? 'application/json' : 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
  };
  if (problem.status === 401)
    headers['www-authenticate'] = oauthErrors ? 'Basic realm="cloud-client"' : bearerChallenge(problem);
  if (problem.retryAfterSeconds !== undefined) headers['retry-after'] = String(problem.retryAfterSeconds);
  const body = oauthErrors ? oauthBody(problem) : problemBody(problem, traceId, `${publicUrl}/api/docs`);
  return { status: problem.status, headers, body: JSON.stringify(body) };
}

function bearerChallenge(problem: Problem): string {
  const description = problem.detail.replaceAll(/["\\]/g, "'");
  return `Bearer realm="session-recording", error="invalid_token", error_description="${description}"`;
}

/** RFC 6749 §5.2. */
function oauthBody(problem: Problem) {
  const byStatus: Record<number, string> = {
    401: 'invalid_client',
    429: 'temporarily_unavailable',
    503: 'temporarily_unavailable',
    500: 'server_error',
  };
  return {
    error: problem.extensions?.['error'] ?? byStatus[problem.status] ?? 'invalid_request',
    error_description: problem.detail,
  };
}
