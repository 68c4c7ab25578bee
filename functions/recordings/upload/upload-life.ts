/** When an upload counts as abandoned, and what is due for it: pure. */
import { days } from '../../../shared/cosmos/document-type';
import type { Session } from '../../sessions';
import type { Recording } from '../recording';

/** Limits a leaked URL, and what a revoked secure client can still write, to one blob and this time. */
export const UPLOAD_URL_SECONDS = 900;
/** Whoever uploads asks for a new URL far more often than this. */
const ABANDONED_AFTER_SECONDS = days(1);
/** Azure keeps staged blocks for a week after the last one. */
const STAGED_BLOCKS_KEPT_SECONDS = days(6);
/** A session lasts 31 days at most: one that did not end by then never will. */
const LONGEST_SESSION_SECONDS = days(31);
/** Longer than the verification of a very large file. */
const VERIFIED_WITHIN_SECONDS = 3_600;
/** After its verification, when the last URL for writing has expired. */
const EMPTIED_AFTER_SECONDS = UPLOAD_URL_SECONDS + 300;

const ABANDONED = 'It was not uploaded in full: for a day after its session nothing was heard of it.';

/** Part of a recording: when the sweep looks at it. */
type DueTime = { dueAt: string };

/** When an upload that was begun or continued now is looked at again. */
export function whileUploading(now: Date): DueTime {
  return inSeconds(now, ABANDONED_AFTER_SECONDS);
}

/** When a verification that was requested now is requested again, should its message be lost. */
export function whileVerifying(now: Date): DueTime {
  return inSeconds(now, VERIFIED_WITHIN_SECONDS);
}

/** When `incoming/` is emptied of what was verified now. */
export function onceVerified(now: Date): DueTime {
  return inSeconds(now, EMPTIED_AFTER_SECONDS);
}

/** Whether blocks may still be added to it. */
export function isOpen({ state }: Pick<Recording, 'state'>): boolean {
  return state === 'uploading' || state === 'abandoned';
}

/** Whether the recording is being made or uploaded. An upload without sign of life does not count once its session is over. */
export function isLive(
  recording: Pick<Recording, 'state' | 'dueAt' | 'startedAt'>,
  session: Pick<Session, 'state'> | undefined,
  now: Date,
): boolean {
  if (recording.state !== 'uploading') return false;
  const { dueAt, startedAt } = recording;
  if (dueAt === undefined || dueAt > now.toISOString()) return true;
  const agedSeconds = (now.getTime() - Date.parse(startedAt)) / 1000;
  return session?.state === 'live' && agedSeconds < LONGEST_SESSION_SECONDS;
}

/** What is due for a recording. */
interface DueStep {
  change: Partial<Recording>;
  /** Remove what lies in `incoming/`. */
  discardUpload?: boolean;
  /** Send the message for the verification again. */
  verify?: boolean;
}

/** The step that is due now. */
export function dueStep(recording: Recording, session: Session | undefined, now: Date): DueStep {
  switch (recording.state) {
    case 'uploading':
      return isLive(recording, session, now)
        ? { change: whileUploading(now) }
        : {
            change: {
              state: 'abandoned',
              stateReason: ABANDONED,
              ...inSeconds(now, STAGED_BLOCKS_KEPT_SECONDS),
            },
          };
    case 'verifying':
      return { change: whileVerifying(now), verify: true };
    case 'verificationFailed':
      // Nobody has seen its content yet: it stays where it is.
      return { change: { dueAt: undefined } };
    case 'archiving':
    case 'deleting':
      // Resumed as the moves that they are.
      return { change: {} };
    case 'abandoned':
    case 'complete':
    case 'damaged':
    case 'archived':
      return { change: { dueAt: undefined }, discardUpload: true };
  }
}

function inSeconds(now: Date, seconds: number): DueTime {
  return { dueAt: new Date(now.getTime() + seconds * 1000).toISOString() };
}
