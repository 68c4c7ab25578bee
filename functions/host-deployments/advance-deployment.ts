/** Takes a deployment one action further. Whatever dies in between, the next call goes on from the document. */
import { isDeepStrictEqual } from 'node:util';
import { applyObservation, withDeadlines } from './apply-observation';
import type { Deployment } from './deployment';
import { nextAction } from './next-action';
import { type Pause, pauseAfter } from './pause';
import { type ActionContext, performAction } from './perform-action';

/** Where the document lies. */
export interface DeploymentStore {
  /** Stores what `next` makes of the document as it is then; the same object is no change. */
  change(next: (deployment: Deployment) => Deployment): Promise<Deployment | undefined>;
}

export type Advancing = Omit<ActionContext, 'deployment'> & {
  store: DeploymentStore;
  now: () => Date;
};

/** Does the next action, and says how long to wait before the one after it. */
export async function advance(context: Advancing): Promise<Pause> {
  const { store, now } = context;
  const deployment = await store.change((known) => withDeadlines(known, now()));
  const action = deployment && nextAction(deployment);
  if (!action) return 'end';
  const seen = await performAction({ ...context, deployment }, action);
  const after = await store.change((known) =>
    // Somebody else was faster, or requested a cancellation.
    isDeepStrictEqual(nextAction(known), action) ? applyObservation(known, seen, now()) : known,
  );
  return after ? pauseAfter(deployment, after, seen) : 'end';
}
