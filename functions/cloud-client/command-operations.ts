/** Operations with which a server fetches commands and answers them. */
import { z } from 'zod';
import { type Operation, operation } from '../../shared/http/operation';
import { notFound } from '../../shared/problem';
import { COMMAND_KINDS, finishCommand, findOwnServer, isOwnServer, waitForCommands } from '../servers';
import { MAX_WAIT_SECONDS } from './configuration';
import { BASE_PATH, TAG } from './paths';

const command = z
  .object({
    id: z.string(),
    kind: z.enum(COMMAND_KINDS),
    sessionId: z.uuid().optional(),
    parameters: z
      .record(z.string(), z.unknown())
      .describe(
        '`startScreenRecording`: `minutesAfter` (null: until the session ends), `secondsBefore` (null: nothing from before) ' +
          'and `lossy`; while such a recording is running, it is extended to the later end, and null ' +
          'is the latest. `notifyUser`: `message`, and `seconds` until it happens. The others have no parameters.',
      ),
    expiresAt: z.iso.datetime().describe('It must not be executed from then on'),
    leasedUntil: z.iso.datetime().optional().describe('Without a result by then it is delivered again'),
    deliveries: z.int().min(1).describe('Number of deliveries, including this one'),
  })
  .meta({ id: 'Command', description: 'Execute each command id once, even if delivered repeatedly' });

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
    'heartbeat or event batch says so, not continuously.',
  access: 'cloud-client',
  query: commandQuery,
  success: {
    status: 200,
    description: 'The commands; empty after the timeout',
    body: z.object({ value: z.array(command) }).meta({ id: 'Commands' }),
  },
  load: ({ params, caller, services }) => findOwnServer(services, caller, params.serverId),
  waitSeconds: (query) => query.waitSeconds,
  async handle({ resource, query, caller, services, signal }) {
    const { customerId } = caller;
    const stillAllowed = async () => {
      await services.activeClients.require(caller);
      if (!(await isOwnServer(services, caller, resource.id))) throw notFound('server');
    };
    const waiting = { signal, stillAllowed };
    const value = await waitForCommands(services, customerId, resource.id, query.waitSeconds, waiting);
    return { body: { value } };
  },
});

const result = z
  .strictObject({
    status: z.enum(['succeeded', 'failed']),
    reason: z.string().trim().min(1).max(2_000).optional().describe('Why it failed'),
  })
  .meta({ id: 'CommandResult' });

const postResult = operation({
  id: 'answerCommand',
  method: 'POST',
  path: `${BASE_PATH}/servers/{serverId}/commands/{commandId}/result`,
  tag: TAG,
  summary: 'Report the result of a command',
  description: 'The first result counts: repeating it is accepted, a different one is rejected.',
  access: 'cloud-client',
  body: result,
  success: { status: 204, description: 'The result is recorded' },
  problems: ['not-found', 'conflict'],
  load: ({ params, caller, services }) => findOwnServer(services, caller, params.serverId),
  async handle({ resource, params: { commandId }, body, caller: { customerId }, services }) {
    await finishCommand(services, { customerId, serverId: resource.id, commandId, ...body });
    return { body: undefined };
  },
});

export const commandOperations: readonly Operation[] = [getCommands, postResult];
