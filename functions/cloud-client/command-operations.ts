/** Operations with which a server fetches commands and answers them. */
import { z } from 'zod';
import { type Operation, operation } from '../../shared/http/operation';
import { COMMAND_KINDS, finishCommand, findServer, waitForCommands } from '../servers';
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
          'and `lossy`; while a screen recording runs that was started so, it goes on to the later of both ends, and null ' +
          'is the latest. `notifyUser`: `message`, and `seconds` until it happens. The others have none.',
      ),
    expiresAt: z.iso.datetime().describe('It must not be carried out from then on'),
    leasedUntil: z.iso.datetime().optional().describe('Without a result by then it is handed out again'),
    deliveries: z.int().min(1).describe('How often it was handed out, this time included'),
  })
  .meta({ id: 'Command', description: 'Carry out a command id once, however often it is handed out' });

const commandQuery = z.strictObject({
  waitSeconds: z
    .int()
    .min(0)
    .max(MAX_WAIT_SECONDS)
    .default(0)
    .describe('How long to keep the request open while no command waits'),
});

const getCommands = operation({
  id: 'fetchCommands',
  method: 'GET',
  path: `${BASE_PATH}/servers/{serverId}/commands`,
  tag: TAG,
  summary: 'Fetch the commands that wait for a server',
  description:
    'Oldest first. They are leased: nobody else gets them until `leasedUntil`. Ask when a heartbeat or the answer to an ' +
    'event batch says so, not all the time.',
  access: 'cloud-client',
  query: commandQuery,
  success: {
    status: 200,
    description: 'The commands; none when the time is over',
    body: z.object({ value: z.array(command) }).meta({ id: 'Commands' }),
  },
  load: ({ params, caller, services }) => findServer(services, caller.customerId, params.serverId),
  waitSeconds: (query) => query.waitSeconds,
  async handle({ resource, query, caller, services, signal }) {
    const { customerId } = caller;
    const value = await waitForCommands(services, customerId, resource.id, query.waitSeconds, signal);
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
  summary: 'Tell what became of a command',
  description: 'The first result stands: the same one again is accepted, another one is refused.',
  access: 'cloud-client',
  body: result,
  success: { status: 204, description: 'The result is recorded' },
  problems: ['not-found', 'conflict'],
  load: ({ params, caller, services }) => findServer(services, caller.customerId, params.serverId),
  async handle({ resource, params: { commandId }, body, caller: { customerId }, services }) {
    await finishCommand(services, { customerId, serverId: resource.id, commandId, ...body });
    return { body: undefined };
  },
});

export const commandOperations: readonly Operation[] = [getCommands, postResult];
