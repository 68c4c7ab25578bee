/** How long a deployment waits before its next action. Pure. */
import type { Deployment } from './deployment';
import { hasEnded } from './deployment-states';
import type { Observation } from './observation';

/** Seconds; `poll`: as long as the orchestration waits between looks at work in progress; `end`: there is no next action. */
export type Pause = number | 'poll' | 'end';

const FIRST_RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 300;
/** A new role takes up to ten minutes until storage knows it. */
const TEMPLATE_RETRY_SECONDS = 120;

/** The pause after an action that led from one version of the document to the other. */
export function pauseAfter(before: Deployment, after: Deployment, seen: Observation): Pause {
  if (hasEnded(after.state)) return 'end';
  if (after.state !== before.state) return 0;
  if (seen.kind === 'callFailed') {
    const backOff = Math.min(FIRST_RETRY_SECONDS * 2 ** (after.retries.count - 1), LONGEST_RETRY_SECONDS);
    return Math.max(seen.retryAfterSeconds ?? 0, backOff);
  }
  if (after.templateTries > before.templateTries) return TEMPLATE_RETRY_SECONDS;
  const hasProgressed =
    after.group.isOwn !== before.group.isOwn ||
    (after.cleanup?.kind !== before.cleanup?.kind &&
      seen.kind !== 'deletionsRequested' &&
      seen.kind !== 'groupDeletionRequested') ||
    after.machines.some(
      ({ tries, installations }, index) =>
        tries !== before.machines[index]?.tries || installations !== before.machines[index]?.installations,
    );
  return hasProgressed ? 0 : 'poll';
}
