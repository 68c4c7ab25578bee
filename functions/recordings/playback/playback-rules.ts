/** Whether a recording can be played, and what it takes: pure. */
import { Problem } from '../../../shared/problem';
import type { PlaybackRules } from '../../servers';
import type { Recording } from '../recording';

/** What the site and the server of a recording say about playing it. */
export interface PlaybackConditions extends PlaybackRules {
  /** The site's recordings can be played in the cloud player. */
  cloudPlayer: boolean;
}

const PLAYABLE: ReadonlySet<string> = new Set(['complete', 'archived']);

/** Why a recording in this state is not playable, and what to do. */
const NOT_PLAYABLE: Readonly<Record<string, string>> = {
  uploading: 'It is being recorded or uploaded: play it when it is complete.',
  verifying: 'It is being verified: play it in a few minutes.',
  damaged: 'It is damaged.',
  verificationFailed: 'Its content could not be verified.',
  abandoned: 'It was not uploaded in full: see whether its server is online and has space.',
};

/**
 * @throws Problem `justification-required`, or `playback-unavailable` with the reason: a site without the cloud player, or
 *   a recording that is not complete
 */
export function checkPlayable(
  recording: Pick<Recording, 'state' | 'stateReason'>,
  { cloudPlayer, requiresJustification }: PlaybackConditions,
  justification: string | undefined,
): void {
  if (requiresJustification && justification === undefined)
    throw new Problem('justification-required', 'Say why you play the recording: it is logged.', {
      errors: [{ pointer: '/justification', detail: 'Is required for recordings of this server.' }],
    });
  if (!cloudPlayer)
    throw unavailable(
      "Recordings of this site can't be played from the cloud: use the on-premises player, or have a full administrator switch the cloud player on in the settings of the site (`players.cloud`).",
    );
  const { state, stateReason } = recording;
  if (PLAYABLE.has(state)) return;
  const why = NOT_PLAYABLE[state] ?? 'It is being archived or deleted.';
  throw unavailable([why, stateReason].filter((text) => text !== undefined).join(' '), {
    recordingState: state,
  });
}

function unavailable(detail: string, extensions: Record<string, unknown> = {}): Problem {
  return new Problem('playback-unavailable', detail, { extensions });
}
