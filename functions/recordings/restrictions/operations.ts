/** HTTP operations that restrict access to recordings. */
import { z } from 'zod';
import { type Operation, operation } from '../../../shared/http/operation';
import { changeRestrictions, restrictionResult } from './change-restrictions';
import { namedRecordings, sessionsNamed } from './named-sessions';

const tag = 'Recordings';
const AS_TASK =
  'Up to 40 recordings, counted with those of the same sessions that follow, are worked on at once; for more the answer ' +
  'is 202, and a task goes on whose results are one per session.';

const success = {
  status: 200,
  description: 'What became of each session that the request names',
  body: z.object({ results: z.array(restrictionResult) }).meta({ id: 'RestrictionResults' }),
};
const otherStatuses = { 202: 'A task goes on' };

const restrict = operation({
  id: 'restrictRecordings',
  method: 'POST',
  path: '/api/v1/recordings/restrict',
  tag,
  summary: 'Restrict access to recordings',
  description:
    'Restricted recordings leave the list of recordings, and read-only administrators cannot see them any more. Nothing is ' +
    `changed while one of their sessions is live. Restricting them again changes nothing. ${AS_TASK}`,
  access: 'restrictions.place',
  body: namedRecordings,
  success,
  otherStatuses,
  task: true,
  problems: ['not-found', 'conflict', 'feature-not-supported'],
  audit: { action: 'recording.restrict', when: 'withChange' },
  handle: ({ body, traceId, clientAddress, ...request }) =>
    changeRestrictions(
      { ...request, request: { traceId, clientAddress } },
      { restrict: true, ...counted(body) },
    ),
});

const unrestrict = operation({
  id: 'unrestrictRecordings',
  method: 'POST',
  path: '/api/v1/recordings/unrestrict',
  tag,
  summary: 'Remove access restrictions from recordings',
  description: `The recordings are listed with all others again. Removing them again changes nothing. ${AS_TASK}`,
  access: 'restrictions.manage',
  body: namedRecordings,
  success,
  otherStatuses,
  task: true,
  problems: ['not-found'],
  audit: { action: 'recording.unrestrict', when: 'withChange' },
  handle: ({ body, traceId, clientAddress, ...request }) =>
    changeRestrictions(
      { ...request, request: { traceId, clientAddress } },
      { restrict: false, ...counted(body) },
    ),
});

function counted(body: z.output<typeof namedRecordings>) {
  const { size: count } = new Set([...(body.recordingIds ?? []), ...(body.sessionIds ?? [])]);
  return { named: sessionsNamed(body), count };
}

export const restrictionOperations: readonly Operation[] = [restrict, unrestrict];
