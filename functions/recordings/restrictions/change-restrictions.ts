/** How requests restrict recordings or remove their restriction (RCD-3). */
import { type FieldError, Problem } from '../../../shared/problem';
import { requireFeatures } from '../../servers';
import type { GateChange, GateRequest } from '../hold/request-gates';
import type { NamedSession } from './named-sessions';
import { type LoadedSession, restrictSession, unrestrictSession, whyLive } from './restrict-session';
import { restrictTask, unrestrictTask } from './restriction-tasks';

export const restriction: GateChange = {
  apply: restrictSession,
  check: checkRestrictable,
  task: restrictTask,
  title: (sessions) => `Restrict the recordings of ${sessions}`,
  logged: { restricted: true },
};

export const unrestriction: GateChange = {
  apply: unrestrictSession,
  task: unrestrictTask,
  title: (sessions) => `Remove the restrictions of ${sessions}`,
  logged: { restricted: false },
};

/** @throws Problem `conflict` listing the live ones, or `feature-not-supported` */
async function checkRestrictable(
  { services, caller: { customerId } }: GateRequest,
  named: readonly NamedSession[],
  sessions: readonly LoadedSession[],
): Promise<void> {
  const errors = sessions.flatMap((loaded, index): FieldError[] => {
    const detail = whyLive(loaded, services.clock.now());
    return detail === undefined
      ? []
      : (named[index]?.names ?? []).map(({ pointer }) => ({ pointer, detail }));
  });
  if (errors.length > 0) {
    throw new Problem('conflict', 'Live recordings cannot be restricted: retry when they have ended.', {
      errors,
    });
  }
  const siteIds = new Set(sessions.map(({ session }) => session.siteId));
  for (const siteId of siteIds) await requireFeatures(services, customerId, siteId, ['accessRestrictions']);
}
