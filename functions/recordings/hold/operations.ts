/** HTTP operations that put recordings under legal hold (MNG-4). */
import { z } from 'zod';
import { type Operation, operation } from '../../../shared/http/operation';
import {
  NAMES_NONE,
  namedFields,
  namedRecordings,
  namedSessions,
  namesSome,
} from '../restrictions/named-sessions';
import { holdSession, releaseSession } from './hold-session';
import { holdTask, releaseTask } from './hold-tasks';
import { changeGates, type GateChange, gateResultFields } from './request-gates';

const tag = 'Recordings';
const AS_TASK =
  'Up to 40 recordings, including others of the same sessions, are processed at once; for more, the response is 202 and ' +
  'a task processes them, with a result for each session or recording.';

const success = {
  status: 200,
  description: 'The result for each session of the request',
  body: z
    .object({ results: z.array(z.object(gateResultFields).meta({ id: 'HoldResult' })) })
    .meta({ id: 'HoldResults' }),
};
const otherStatuses = { 202: 'A task continues the work' };

const holdBody = z
  .strictObject({
    ...namedFields,
    reason: z.string().trim().min(1).max(1_000).describe('Why; shown with the recordings, and logged'),
  })
  .refine(namesSome, NAMES_NONE)
  .meta({
    id: 'RecordingHold',
    examples: [
      { recordingIds: ['0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55-0001'], reason: 'Investigation 2026-117' },
    ],
  });

const hold = operation({
  id: 'holdRecordings',
  method: 'POST',
  path: '/api/v1/recordings/hold',
  tag,
  summary: 'Put recordings under legal hold',
  description:
    'All recordings of the sessions, also those that come later. Held recordings are neither archived nor deleted, by hand ' +
    'or by schedule, until they are released. Sessions whose recordings are being deleted are refused. Holding them again ' +
    `changes nothing, the reason included. ${AS_TASK}`,
  access: 'recordings.hold',
  body: holdBody,
  success,
  otherStatuses,
  task: true,
  problems: ['not-found', 'conflict'],
  audit: { action: 'recording.hold', when: 'withChange' },
  handle: ({ body: { reason, ...names }, traceId, clientAddress, ...request }) =>
    changeGates(
      { ...request, request: { traceId, clientAddress } },
      holdBecause(reason),
      namedSessions(names),
    ),
});

const release = operation({
  id: 'releaseRecordings',
  method: 'POST',
  path: '/api/v1/recordings/release',
  tag,
  summary: 'Release recordings from legal hold',
  description: `All recordings of the sessions. Repeating the request has no effect. ${AS_TASK}`,
  access: 'recordings.hold',
  body: namedRecordings,
  success,
  otherStatuses,
  task: true,
  problems: ['not-found'],
  audit: { action: 'recording.release', when: 'withChange' },
  handle: ({ body, traceId, clientAddress, ...request }) =>
    changeGates({ ...request, request: { traceId, clientAddress } }, releasing, namedSessions(body)),
});

function holdBecause(reason: string): GateChange {
  return {
    apply: (services, change) => holdSession(services, change, reason),
    task: holdTask,
    parameters: { reason },
    title: (sessions) => `Put the recordings of ${sessions} under legal hold`,
    logged: { held: true, reason },
  };
}

const releasing: GateChange = {
  apply: releaseSession,
  task: releaseTask,
  title: (sessions) => `Release the recordings of ${sessions} from legal hold`,
  logged: { held: false },
};

export const holdOperations: readonly Operation[] = [hold, release];
