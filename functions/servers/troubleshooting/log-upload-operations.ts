/** HTTP operations of the logs that servers upload (TRB-3). */
import { z } from 'zod';
import { type Operation, operation } from '../../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../../shared/http/paging';
import { logServiceNames } from '../commands/kinds/services';
import { findServer } from '../store';
import {
  downloadOf,
  findLogUpload,
  logUploadDetails,
  logUploadType,
  logUploadView,
  uploadLogTask,
  viewOfLogUpload,
} from './log-upload';
import { SERVER_PATH, SERVER_TAG, serverTaskOperation } from './operation-parts';
import { startServerTask } from './server-task';

const path = `${SERVER_PATH}/logUploads` as const;

const listLogUploads = operation({
  id: 'listLogUploads',
  method: 'GET',
  path,
  tag: SERVER_TAG,
  summary: 'List the uploaded logs of a server',
  description: 'Newest first; each is kept for 90 days.',
  access: 'servers.manage',
  query: z.strictObject(pageQuery),
  success: { status: 200, description: 'A page of uploads', body: pageOf(logUploadView) },
  load: ({ params, caller, services }) => findServer(services, caller.customerId, params.serverId),
  async handle({ resource, query, caller, services }) {
    const presence = services.database.presence(caller.customerId, resource.id);
    const body = await readPage({
      services,
      caller,
      path: path.replace('{serverId}', resource.id),
      query,
      read: (limit, after) => presence.list(logUploadType, { limit, after, order: 'descending' }),
      keyOf: ({ id }) => id,
      toItem: viewOfLogUpload,
    });
    return { body };
  },
});

const requestLogUpload = operation({
  ...serverTaskOperation,
  id: 'requestLogUpload',
  method: 'POST',
  path,
  summary: 'Have a server upload its logs',
  description:
    'One zip file of at most 100 MiB; a larger one is refused and deleted. It can be downloaded when the task has ' +
    'succeeded. Only for available servers.',
  body: z.strictObject({ services: logServiceNames }).meta({ id: 'LogUploadRequest' }),
  success: { ...serverTaskOperation.success, body: logUploadView },
  audit: { action: 'server.uploadLog', when: 'withChange' },
  async handle({ body, ...request }) {
    const { services, caller, resource } = request;
    const requested = {
      ...body,
      state: 'pending',
      requestedAt: services.clock.now().toISOString(),
      requestedBy: caller.name,
    } as const;
    const presence = services.database.presence(caller.customerId, resource.id);
    const { taskId, ...reply } = await startServerTask(request, {
      kind: uploadLogTask,
      title: `Upload logs of ${resource.hostName}`,
      content: { kind: 'uploadLog', parameters: body },
      details: { new: body },
      prepare: (id) => presence.createIfAbsent(logUploadType, { id, ...requested }),
    });
    return { ...reply, body: viewOfLogUpload({ id: taskId, ...requested }) };
  },
});

const getLogUpload = operation({
  id: 'getLogUpload',
  method: 'GET',
  path: `${path}/{uploadId}`,
  tag: SERVER_TAG,
  summary: 'Show an uploaded log, and where to download it',
  access: 'servers.manage',
  success: { status: 200, description: 'The upload', body: logUploadDetails },
  load: ({ params, caller, services }) =>
    findLogUpload(services, caller.customerId, params.serverId, params.uploadId),
  async handle({ resource, params, caller, services }) {
    const download = await downloadOf(services, caller.customerId, params.serverId, resource);
    return { body: { ...viewOfLogUpload(resource), download } };
  },
});

export const logUploadOperations: readonly Operation[] = [listLogUploads, requestLogUpload, getLogUpload];
