/** Why recordings of a session cannot be archived or deleted as long as the session is as it is. */
import { isOver, type Session } from '../../sessions';

/** The reason for people; for the moment after a gate was found closed, when it may have opened again. */
export function whyHeldBack(
  session: Session | undefined,
  now: Date,
  options: { refuseRestricted: boolean },
): string {
  return (
    (session && whyNotMovable(session, now, options)) ??
    'Its session was changed at the same time: repeat the request.'
  );
}

/** Why not, or undefined when nothing of the session stands in the way. */
export function whyNotMovable(
  session: Session,
  now: Date,
  { refuseRestricted }: { refuseRestricted: boolean },
): string | undefined {
  if (!isOver(session, now)) return 'The session has not ended: its recordings are live.';
  if (session.hold) return `The session is under legal hold since ${session.hold.at}.`;
  if (refuseRestricted && session.restriction)
    return 'Access to the recordings is restricted: remove the restriction first.';
  return undefined;
}
