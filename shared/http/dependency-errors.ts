/** What an error of a dependency says: whether to retry, and whether the call may have taken effect. */
import { BatchUnanswered, cosmosStatus } from '../cosmos/errors';
import { Problem } from '../problem';

/** Throttled, restarting or unreachable: the caller should retry. */
export function isBusy(error: unknown): boolean {
  const status = statusOf(error);
  return (
    isUnanswered(error) ||
    NOT_SENT.includes(codeOf(error)) ||
    (status !== undefined && [410, 429, 449, 503].includes(status))
  );
}

/** Whether a call got no response: it may or may not have taken effect. */
export function isUnanswered(error: unknown): boolean {
  if (error instanceof Problem) return isUnanswered(error.cause);
  return error instanceof BatchUnanswered || UNANSWERED.includes(codeOf(error)) || statusOf(error) === 408;
}

const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];
const UNANSWERED = ['ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT', 'EPIPE', 'REQUEST_SEND_ERROR', 'TimeoutError'];

function statusOf(error: unknown): number | undefined {
  const status = cosmosStatus(error);
  if (status !== undefined) return status;
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  // The code of a DOMException is a number; what `AbortSignal.timeout` makes fetch throw is known by its name.
  if ('name' in error && error.name === 'TimeoutError') return error.name;
  return 'code' in error ? String(error.code) : '';
}
