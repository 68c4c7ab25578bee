/** Operations with which a server fetches commands and answers them. */
import { z } from 'zod';
import { type Operation, operation } from '../../shared/http/operation';
import { notFound } from '../../shared/problem';
import {
  commandReportSchema,
  deliveredCommand,
  findOwnServer,
  finishCommand,
  isOwnServer,
  reportProgress,
  waitForCommands,
} from '../servers';
import { MAX_WAIT_SECONDS } from './configuration';
import { BASE_PATH, TAG } from './paths';

const commandQuery = z.strictObject({
  waitSeconds: z
    .int()
    .min(0)
    .max(MAX_WAIT_SECONDS)
    .default(0)
    .describe('How long to keep the request open while no command is pending'),
});

const getCommands = operation({
  id: 'fetchCommands',
  method: 'GET',
  path: `${BASE_PATH}/servers/{serverId}/commands`,
  tag: TAG,
  summary: 'Fetch the pending commands of a server',
  description:
    'Oldest first. They are leased: no other request gets them until `leasedUntil`. Fetch when the response to a ' +
    'heartbeat or event batch says so, not continuously. Execute each command id once, also when it is delivered again or ' +
    'the client is restarted in between: keep the ids that were begun and the results on disk. Never begin one at or after ' +
    '`expiresAt` (corrected by the clock skew); go on with one that was begun before.',
  access: 'cloud-client',
  query: commandQuery,
  success: {
    status: 200,
    description: 'The commands; empty after the timeout',
    body: z.object({ value: z.array(deliveredCommand) }).meta({ id: 'Commands' }),
  },
  load: ({ params, caller, services }) => findOwnServer(services, caller, params.serverId),
  waitSeconds: (query) => query.waitSeconds,
  async handle({ resource, query, caller, services, signal, log }) {
    const { customerId } = caller;
    const stillAllowed = async () => {
      await services.activeClients.require(caller);
      if (!(await isOwnServer(services, caller, resource.id))) throw notFound('server');
    };
    const waiting = { signal, stillAllowed, log };
    const value = await waitForCommands(services, customerId, resource.id, query.waitSeconds, waiting);
    return { body: { value } };
  },
});

const postResult = operation({
  id: 'answerCommand',
  method: 'POST',
  path: `${BASE_PATH}/servers/{serverId}/commands/{commandId}/result`,
  tag: TAG,
  summary: 'Report the progress or the result of a command',
  description:
    'The first result counts: repeating it is accepted, a different one is rejected. One that is not about this command (of ' +
    'another service, registry value or version) is refused with 400, and the command stays open. `running` reports progress: report ' +
    'it when a step begins and at least once a minute: two minutes after the last report a command that is not finished is ' +
    'delivered again. 409 means that nobody waits for it any more: stop. Keep a result on disk until it was accepted, or refused ' +
    'by 404 or 409.',
  access: 'cloud-client',
  body: commandReportSchema,
  success: { status: 204, description: 'It is recorded' },
  problems: ['not-found', 'conflict'],
  load: ({ params, caller, services }) => findOwnServer(services, caller, params.serverId),
  async handle({ resource, params: { commandId }, body, caller: { customerId }, services }) {
    const command = { customerId, serverId: resource.id, commandId };
    if (body.status === 'running') await reportProgress(services, command, body);
    else await finishCommand(services, { ...command, ...body });
    return { body: undefined };
  },
});

export const commandOperations: readonly Operation[] = [getCommands, postResult];
