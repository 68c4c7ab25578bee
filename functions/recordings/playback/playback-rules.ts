/** Whether a recording can be played, and what it takes: pure. */
import { Problem } from '../../../shared/problem';
import type { PlaybackRules } from '../../servers';
import { whyBlocked } from '../moves/move';
import type { Recording, RecordingState } from '../recording';

/** What the site and the server of a recording say about playing it. */
export interface PlaybackConditions extends PlaybackRules {
  /** The site's recordings can be played in the cloud player. */
  cloudPlayer: boolean;
}

const PLAYABLE: ReadonlySet<RecordingState> = new Set(['complete', 'archived']);

/** Why a recording in this state is not playable, and what to do. */
const NOT_PLAYABLE: Readonly<Partial<Record<RecordingState, string>>> = {
  uploading: 'It is being recorded or uploaded: play it when it is complete.',
  verifying: 'It is being verified: play it in a few minutes.',
  damaged: 'It is damaged.',
  verificationFailed: 'Its content could not be verified.',
  archiving: 'It is being archived: play it when that is done.',
  deleting: 'It is being deleted.',
  abandoned: 'It was not uploaded in full: see whether its server is online and has space.',
};

/** @throws Problem `justification-required` */
export function checkJustification(
  { requiresJustification }: PlaybackConditions,
  justification: string | undefined,
): void {
  if (requiresJustification && justification === undefined)
    throw new Problem('justification-required', 'Say why you play the recording: it is logged.', {
      errors: [{ pointer: '/justification', detail: 'Is required for recordings of this server.' }],
    });
}

/**
 * @throws Problem `playback-unavailable` with the reason: a site without the cloud player, a server without live playback,
 *   or a recording that is neither complete nor live
 */
export function checkPlayable(
  recording: Pick<Recording, 'state' | 'stateReason' | 'live' | 'archiveBlockedUntil'>,
  { cloudPlayer, live }: PlaybackConditions,
  now: Date,
): void {
  if (!cloudPlayer)
    throw unavailable(
      "Recordings of this site can't be played from the cloud: use the on-premises player, or have a full administrator switch the cloud player on in the settings of the site (`players.cloud`).",
    );
  const { state, stateReason } = recording;
  const blocked = whyBlocked(recording, now);
  if (blocked !== undefined) throw unavailable(blocked, { recordingState: state });
  if (PLAYABLE.has(state)) return;
  if (isWatchable(recording)) {
    if (live) return;
    throw unavailable(
      'Its server does not allow playing recordings while they are made: play it when it is complete, or have a full administrator switch live playback on in the settings of the server (`playback.live`).',
      { recordingState: state },
    );
  }
  const why = NOT_PLAYABLE[state] ?? 'It is not complete.';
  throw unavailable([why, stateReason].filter((text) => text !== undefined).join(' '), {
    recordingState: state,
  });
}

/** Whether its segments can be watched as they arrive. */
export function isWatchable({ state, live }: Pick<Recording, 'state' | 'live'>): boolean {
  return state === 'uploading' && live === true;
}

/** Why it cannot be played, and what to do. */
export function unavailable(detail: string, extensions: Record<string, unknown> = {}): Problem {
  return new Problem('playback-unavailable', detail, { extensions });
}
