/** The last installation of the server component on a machine: the document, and when it has to be looked at (INS-3). */
import { documentType } from '../../../shared/cosmos/document-type';
import type { SavedAnswers } from './answers';

export interface Installation {
  /** The server's id. */
  id: string;
  /** Of its task and of its command. */
  taskId: string;
  answers: SavedAnswers;
  state: 'inProgress' | 'succeeded' | 'failed';
  /** RFC 3339 UTC, as all times here. */
  startedAt: string;
  /** When the machine reported last, or else when it was started. */
  progressAt: string;
  /** What the machine is doing, such as `Step 1 of 3: Downloading …`. */
  step: string;
  percent?: number | undefined;
  /** When the machine reported that it was done: then it has to register. */
  installedAt?: string | undefined;
  endedAt?: string | undefined;
  /** Why it failed, with the remedy. */
  reason?: string | undefined;
  /** Name of the password in the secret store while that is needed. */
  passwordSecret?: string | undefined;
  /** When the sweep processes it; absent when all is done. */
  dueAt?: string | undefined;
}

export const installationType = documentType<Installation>('installation', { ttlSeconds: 'never' });

/** An installation fails when the machine is silent for this long … */
export const SILENCE_SECONDS = 900;
/** … and after this time in all. */
export const TOTAL_SECONDS = 5_400;

/** When an installation without further reports has failed. */
export function failsAt({ startedAt, progressAt }: Pick<Installation, 'startedAt' | 'progressAt'>): string {
  const silent = laterThan(progressAt, SILENCE_SECONDS);
  const total = laterThan(startedAt, TOTAL_SECONDS);
  return silent < total ? silent : total;
}

/** An instant so many seconds after another one; RFC 3339 UTC. */
export function laterThan(instant: string, seconds: number): string {
  return new Date(Date.parse(instant) + seconds * 1000).toISOString();
}
