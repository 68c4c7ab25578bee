/** The states by which lists of recordings are filtered, and the stored states that each covers. */

export const STATES: Readonly<Record<'live' | 'complete' | 'damaged' | 'archived', readonly string[]>> = {
  live: ['uploading'],
  // While a recording is being archived, it is still where it was.
  complete: ['verifying', 'complete', 'archiving'],
  damaged: ['damaged', 'verificationFailed', 'abandoned'],
  archived: ['archived'],
};

export const DEFAULT_STATES = [...STATES.live, ...STATES.complete];

/** All that a session has, but what is being deleted. */
export const LISTED_STATES = Object.values(STATES).flat();
