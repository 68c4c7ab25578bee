/** What all calls to blob storage share: their time limit, and the status of a refusal. */
import type { BlockBlobClient } from '@azure/storage-blob';
import { TIME_LIMITS, withinTimeLimit } from '../time-limits';

/** The name of the dependency, for errors. */
export const STORAGE = 'Blob storage';

/** `tryTimeoutInMs` of the SDK is only sent to the server: it does not abort an unanswered request. */
export function timed<T>(call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  return withinTimeLimit(STORAGE, TIME_LIMITS.storage, call);
}

/** The HTTP status of an error of the SDK, or undefined for anything else. */
export function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' &&
    error !== null &&
    'statusCode' in error &&
    typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

/** The error code of the storage, such as `Md5Mismatch`, or undefined for anything else. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** Changes a blob also when somebody else has leased it: the lease is broken. */
export async function despiteLease<T>(
  blob: BlockBlobClient,
  change: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await timed(change);
  } catch (error) {
    if (statusOf(error) !== 412) throw error;
    await timed((abortSignal) => blob.getBlobLeaseClient().breakLease(0, { abortSignal }));
    return timed(change);
  }
}
