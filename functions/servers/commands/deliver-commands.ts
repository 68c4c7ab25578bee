/** Delivers commands to their server: leased, and with what is secret or short-lived and therefore not stored. */
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import type { Command } from './command';
import type { CommandKind, StoredParameters } from './command-kinds';
import { deliveredCommand, type DeliveredCommand } from './delivered-command';
import { finishCommand } from './finish-command';
import { leaseCommands } from './lease-commands';

type Completing = Pick<Services, 'secrets'>;
type Completion<K extends CommandKind> = (
  services: Completing,
  stored: StoredParameters<K>,
) => Promise<Record<string, unknown>>;

const COMPLETIONS: { [K in CommandKind]?: Completion<K> } = {
  testConnection: withPassword,
  install: async (services, { databases, ...others }) => ({
    ...others,
    databases: await withPassword(services, databases),
  }),
};

export type Delivering = Completing & Pick<Services, 'database' | 'clock' | 'queues'>;

/**
 * The oldest pending commands of the server, leased to the caller. One that cannot be completed now is left out, and
 * delivered when its lease has ended; one that never can has failed.
 */
export async function deliverCommands(
  services: Delivering,
  log: Log,
  customerId: string,
  serverId: string,
): Promise<DeliveredCommand[]> {
  const delivered: DeliveredCommand[] = [];
  for (const command of await leaseCommands(services, customerId, serverId)) {
    const ref = { customerId, serverId, commandId: command.id };
    try {
      delivered.push(await completeCommand(services, command));
    } catch (error) {
      log.error('command.not-delivered', error, ref);
      if (error instanceof Problem && error.status < 500)
        await finishCommand(services, { ...ref, status: 'failed', reason: error.detail });
    }
  }
  return delivered;
}

/**
 * The command as its server gets it.
 * @throws Problem of status 4xx when it can never be delivered, such as when a secret was deleted
 */
async function completeCommand(services: Completing, command: Command): Promise<DeliveredCommand> {
  const complete = COMPLETIONS[command.kind];
  const { parameters: stored, ...others } = command;
  const parameters = complete ? await complete(services, stored as StoredParameters<CommandKind>) : stored;
  const delivered = deliveredCommand.safeParse({ ...others, parameters });
  if (delivered.success) return delivered.data;
  throw new Problem('conflict', 'The stored parameters of the command are not valid any more.', {
    cause: delivered.error,
  });
}

async function withPassword<T extends { passwordSecret?: string | undefined }>(
  { secrets }: Completing,
  { passwordSecret, ...others }: T,
): Promise<Record<string, unknown>> {
  if (passwordSecret === undefined) return others;
  const password = await secrets.get(passwordSecret);
  if (password !== undefined) return { ...others, password };
  throw new Problem('conflict', 'The password of the database is not stored any more: enter it again.');
}
