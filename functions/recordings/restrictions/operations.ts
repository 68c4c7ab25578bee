/** HTTP operations that restrict access to recordings. */
import { z } from 'zod';
import { type Operation, operation } from '../../../shared/http/operation';
import { changeGates, gateResultFields } from '../hold/request-gates';
import { restriction, unrestriction } from './change-restrictions';
import { namedRecordings, namedSessions } from './named-sessions';

const tag = 'Recordings';
const restrictionResult = z.object(gateResultFields).meta({ id: 'RestrictionResult' });
const AS_TASK =
  'Up to 40 recordings, including others of the same sessions, are processed at once; for more, the response ' +
  'is 202 and a task processes them, with a result for each session or recording: what cannot be done fails, the rest ' +
  'is done.';

const success = {
  status: 200,
  description: 'The result for each session of the request',
  body: z.object({ results: z.array(restrictionResult) }).meta({ id: 'RestrictionResults' }),
};
const otherStatuses = { 202: 'A task continues the work' };

const restrict = operation({
  id: 'restrictRecordings',
  method: 'POST',
  path: '/api/v1/recordings/restrict',
  tag,
  summary: 'Restrict access to recordings',
  description:
    'Restricted recordings leave the list of recordings and are hidden from read-only administrators. Recordings of ' +
    `live sessions are refused; of up to 40, nothing is changed when one is live. Restricting them again has no effect. ${AS_TASK}`,
  access: 'restrictions.place',
  body: namedRecordings,
  success,
  otherStatuses,
  task: true,
  problems: ['not-found', 'conflict', 'feature-not-supported'],
  audit: { action: 'recording.restrict', when: 'withChange' },
  handle: ({ body, traceId, clientAddress, ...request }) =>
    changeGates({ ...request, request: { traceId, clientAddress } }, restriction, namedSessions(body)),
});

const unrestrict = operation({
  id: 'unrestrictRecordings',
  method: 'POST',
  path: '/api/v1/recordings/unrestrict',
  tag,
  summary: 'Remove access restrictions from recordings',
  description: `The recordings return to the list of recordings. Repeating the request has no effect. ${AS_TASK}`,
  access: 'restrictions.manage',
  body: namedRecordings,
  success,
  otherStatuses,
  task: true,
  problems: ['not-found'],
  audit: { action: 'recording.unrestrict', when: 'withChange' },
  handle: ({ body, traceId, clientAddress, ...request }) =>
    changeGates({ ...request, request: { traceId, clientAddress } }, unrestriction, namedSessions(body)),
});

export const restrictionOperations: readonly Operation[] = [restrict, unrestrict];
