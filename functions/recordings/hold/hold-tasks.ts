/** Task kinds that put many sessions under legal hold, or release them. */
import { holdSession, releaseSession } from './hold-session';
import { sessionTask } from './session-change';

export const holdTask = sessionTask('holdRecordings', (services, change, { parameters }) =>
  holdSession(services, change, parameters?.['reason'] ?? ''),
);
export const releaseTask = sessionTask('releaseRecordings', releaseSession);
