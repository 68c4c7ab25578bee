/** HTTP operations that archive and delete recordings (MNG-1). */
import { z } from 'zod';
import { type Operation, operation } from '../../../shared/http/operation';
import { Problem } from '../../../shared/problem';
import { serverFolder } from '../../sites';
import { NAMES_NONE, namedFields, namesSome, sessionsNamed } from '../restrictions/named-sessions';
import type { LoadedSession } from '../restrictions/restrict-session';
import { archiveTask, deleteTask } from './move-tasks';
import { requestMove } from './request-move';
import { requireLocation } from './require-location';

const tag = 'Recordings';
const ALL_OR_NONE =
  'All recordings of their sessions are included. When one of the sessions is live or under legal hold, nothing is ' +
  'changed (409). Otherwise a task does it, with a result for each recording; some may fail while others succeed.';

const archiveBody = z
  .strictObject({
    ...namedFields,
    location: z
      .string()
      .min(1)
      .max(32)
      .optional()
      .describe('Name of one of the archive locations of this service; default: its first one'),
    serverFolder: serverFolder.optional().meta({
      description:
        'For recordings that stay on the storage of their server: the folder there, or a UNC path, to which it moves them',
      examples: ['\\\\FILES01\\Archive'],
    }),
  })
  .refine(namesSome, NAMES_NONE)
  .meta({
    id: 'RecordingArchive',
    examples: [{ recordingIds: ['0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55-0001'] }],
  });

const archive = operation({
  id: 'archiveRecordings',
  method: 'POST',
  path: '/api/v1/recordings/archive',
  tag,
  summary: 'Archive recordings',
  description:
    `Their files are moved to a cheaper tier, from which they can still be played at once. ${ALL_OR_NONE} Recordings with ` +
    'restricted access are refused. A recording whose archiving has failed can be neither played nor deleted for 24 hours; ' +
    'it can be archived again at any time.',
  access: 'recordings.archive',
  body: archiveBody,
  success: { status: 202, description: 'A task archives them' },
  task: true,
  problems: ['not-found', 'conflict'],
  audit: { action: 'recording.archive', when: 'withChange' },
  handle({ body: { location, serverFolder, ...names }, traceId, clientAddress, ...request }) {
    const { archives } = request.services;
    const known = location ?? archives.defaultName;
    requireLocation(archives, known, '/location');
    const move = {
      task: archiveTask,
      verb: 'Archive',
      refuseRestricted: true,
      parameters: { location: known, ...(serverFolder === undefined ? {} : { serverFolder }) },
      check: (sessions: readonly LoadedSession[]) => requireFolder(sessions, serverFolder),
    } as const;
    return noBody(
      requestMove({ ...request, request: { traceId, clientAddress } }, move, sessionsNamed(names)),
    );
  },
});

const deletionBody = z
  .strictObject({
    ...namedFields,
    deleteFiles: z
      .boolean()
      .default(false)
      .describe('Whether their files are deleted, too. Otherwise these are kept, and the results say where'),
  })
  .refine(namesSome, NAMES_NONE)
  .meta({
    id: 'RecordingDeletion',
    examples: [{ recordingIds: ['0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55-0001'], deleteFiles: true }],
  });

const remove = operation({
  id: 'deleteRecordings',
  method: 'POST',
  path: '/api/v1/recordings/delete',
  tag,
  summary: 'Delete recordings',
  description:
    `With their events, comments and performance data, whether archived or not, restricted or not. ${ALL_OR_NONE} The files ` +
    'are deleted only with `deleteFiles`.',
  access: 'recordings.archive',
  body: deletionBody,
  success: { status: 202, description: 'A task deletes them' },
  task: true,
  problems: ['not-found', 'conflict'],
  audit: { action: 'recording.delete', when: 'withChange' },
  handle({ body: { deleteFiles, ...names }, traceId, clientAddress, ...request }) {
    const move = {
      task: deleteTask,
      verb: 'Delete',
      refuseRestricted: false,
      parameters: { deleteFiles: String(deleteFiles) },
    } as const;
    return noBody(
      requestMove({ ...request, request: { traceId, clientAddress } }, move, sessionsNamed(names)),
    );
  },
});

/** @throws Problem `validation-failed` when files on servers have no folder to go to */
function requireFolder(sessions: readonly LoadedSession[], serverFolder: string | undefined): void {
  const isNeeded = sessions.some(({ recordings }) => recordings.some(({ storage }) => storage === 'server'));
  if (isNeeded && serverFolder === undefined)
    throw invalid('/serverFolder', 'Is required: some of the files lie on the storage of their server.');
}

function invalid(pointer: string, detail: string): Problem {
  return new Problem('validation-failed', 'The request is not valid.', { errors: [{ pointer, detail }] });
}

async function noBody<T extends object>(reply: Promise<T>): Promise<T & { body: undefined }> {
  return { ...(await reply), body: undefined };
}

export const moveOperations: readonly Operation[] = [archive, remove];
