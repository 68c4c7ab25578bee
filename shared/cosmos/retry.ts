/** Retries a change that lost a race. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DocumentExists, DocumentGone, DocumentStale } from './errors';

const ATTEMPTS = 8;
const FIRST_DELAY_MILLISECONDS = 20;

/**
 * Retries `work`, which reads, decides and writes, after write conflicts. `attempt` counts from 1: the first
 * may decide on a document that was just read, later ones must read it again. The pauses also let a read catch up with
 * another instance's write.
 * @param isLostRace which errors are retried
 * @throws DocumentExists, DocumentStale or DocumentGone of the last attempt; any other error at once,
 * PredicateFailed too
 */
export async function retryConflicts<T>(
  work: (attempt: number) => Promise<T>,
  isLostRace: (error: unknown) => boolean = isWriteConflict,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!isLostRace(error) || attempt === ATTEMPTS) throw error;
      await sleep(FIRST_DELAY_MILLISECONDS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}

function isWriteConflict(error: unknown): boolean {
  return error instanceof DocumentExists || error instanceof DocumentStale || error instanceof DocumentGone;
}
