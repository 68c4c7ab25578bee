/** HTTP operations that install the server component on a machine (INS-1, INS-2, INS-3). */
import { z } from 'zod';
import { type Operation, operation } from '../../../shared/http/operation';
import { keepTemporarySecret } from '../../../shared/secrets/temporary-secret';
import { taskReply } from '../../../shared/tasks/create-task';
import { initiatorOf } from '../../../shared/tasks/task';
import { SERVER_PATH, SERVER_TAG, serverTaskOperation } from '../troubleshooting/operation-parts';
import { startServerTask } from '../troubleshooting/server-task';
import {
  databasesToTest,
  installationPath,
  installationRequest,
  savedAnswers,
  serverVersion,
} from './answers';
import { endAbandonedInstallation } from './end-installation';
import type { Installation } from './installation';
import { checkInstallationTask, connectionTestSecret, testConnectionTask } from './installation-tasks';
import { findInstallation, requireInstallable, startInstallation } from './start-installation';

const path = `${SERVER_PATH}/installation` as const;
/** A password that no answer removed is removed after this time: longer than a test takes. */
const TEST_SECRET_SECONDS = 1_800;

const installationView = z
  .object({
    state: z
      .enum(['none', 'inProgress', 'succeeded', 'failed'])
      .describe(
        '`none`: nothing was installed from the cloud; `succeeded`: the machine has registered with the server component',
      ),
    step: z
      .string()
      .optional()
      .meta({ description: 'The last step', examples: ['Step 1 of 3: Downloading …'] }),
    percent: z.number().optional().describe('How much of the whole is done'),
    reason: z.string().optional().describe('Why it failed, and what to do'),
    taskId: z.uuid().optional().describe('The task that follows it'),
    startedAt: z.iso.datetime().optional(),
    endedAt: z.iso.datetime().optional(),
    answers: savedAnswers.optional().describe('The saved answers, for another attempt; without the password'),
  })
  .meta({ id: 'Installation' });

const getInstallation = operation({
  id: 'getInstallation',
  method: 'GET',
  path,
  tag: SERVER_TAG,
  summary: 'Show the installation of the server component',
  description: 'The last one: its progress, why it failed, and its answers to start it again.',
  access: 'servers.manage',
  success: { status: 200, description: 'The installation', body: installationView },
  load: serverTaskOperation.load,
  async handle({ resource, caller, services }) {
    return { body: viewOf(await findInstallation(services, caller.customerId, resource.id)) };
  },
});

function viewOf(installation: Installation | undefined): z.input<typeof installationView> {
  if (!installation) return { state: 'none' };
  const { state, step, percent, reason, taskId, startedAt, endedAt, answers } = installation;
  return { state, step, percent, reason, taskId, startedAt, endedAt, answers };
}

const postInstallation = operation({
  id: 'startInstallation',
  method: 'POST',
  path,
  tag: SERVER_TAG,
  summary: 'Install the server component on a machine',
  description:
    'On a machine that is ready to install or being set up, or whose installation failed. It fails when the machine reports nothing for 15 ' +
    'minutes, and after 90 minutes in all; it has succeeded when the machine registers with the server component. The ' +
    'password is kept in the secret store while it is needed: another attempt needs it again.',
  access: 'servers.manage',
  body: installationRequest,
  success: { status: 202, description: 'A task follows the installation' },
  task: true,
  problems: ['conflict', 'already-exists'],
  audit: { action: 'server.install', when: 'withChange' },
  load: serverTaskOperation.load,
  async handle({ resource: server, body, caller, services, audit, newId, log, traceId, clientAddress }) {
    const taskId = newId();
    await endAbandonedInstallation(services, log, caller.customerId, server.id);
    await startInstallation(services, log, {
      customerId: caller.customerId,
      server,
      taskId,
      by: { initiator: initiatorOf(caller), request: { traceId, clientAddress } },
      request: body,
      newId,
      audit,
    });
    return { ...taskReply(taskId), body: undefined };
  },
});

const checkInstallation = operation({
  ...serverTaskOperation,
  id: 'checkInstallation',
  method: 'POST',
  path: `${path}/checks`,
  summary: 'Check whether the server component can be installed on a machine',
  description:
    'The machine checks its domain, operating system, installation path, disk space and pending restarts. The result of the ' +
    'task lists each check with its cause and remedy.',
  body: z
    .strictObject({ serverVersion, installationPath: installationPath.optional() })
    .meta({ id: 'InstallationChecks' }),
  problems: ['conflict'],
  audit: { action: 'server.checkInstallation', when: 'withChange' },
  async handle({ body, resource, ...request }) {
    const reply = await startServerTask(
      { ...request, resource },
      {
        kind: checkInstallationTask,
        title: `Check whether server ${body.serverVersion} can be installed on ${resource.hostName}`,
        content: () => ({ kind: 'prerequisiteCheck', parameters: body }),
        requireState: requireInstallable,
      },
    );
    return { ...reply, body: undefined };
  },
});

const testConnection = operation({
  ...serverTaskOperation,
  id: 'testConnection',
  method: 'POST',
  path: `${path}/connectionTest`,
  summary: 'Test the connection of a machine to the databases of an installation',
  description:
    'The machine connects as the installation would. The task fails with the reason when there is no connection, the ' +
    'account is not sysadmin, or a database name cannot be used.',
  body: z.strictObject({ databases: databasesToTest }).meta({ id: 'ConnectionTest' }),
  problems: ['conflict'],
  audit: { action: 'server.testConnection', when: 'withChange' },
  async handle({ body: { databases }, resource, ...request }) {
    const { password, ...stored } = databases;
    const { services, caller } = request;
    const reply = await startServerTask(
      { ...request, resource },
      {
        kind: testConnectionTask,
        title: `Test the connection of ${resource.hostName} to ${stored.instance}`,
        content: (taskId) => ({
          kind: 'testConnection',
          parameters: {
            ...stored,
            passwordSecret: password === undefined ? undefined : connectionTestSecret(taskId),
          },
        }),
        requireState: requireInstallable,
        prepare: async (taskId) => {
          if (password === undefined) return;
          const until = new Date(services.clock.now().getTime() + TEST_SECRET_SECONDS * 1000);
          const name = connectionTestSecret(taskId);
          await keepTemporarySecret(services, {
            customerId: caller.customerId,
            name,
            value: password,
            until,
          });
        },
      },
    );
    return { ...reply, body: undefined };
  },
});

export const installationOperations: readonly Operation[] = [
  getInstallation,
  postInstallation,
  checkInstallation,
  testConnection,
];
