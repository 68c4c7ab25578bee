/** Delivers commands to their server: leased, and with what is secret or short-lived and therefore not stored. */
import type { PackageKind } from '../../../shared/packages/catalogue';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import type { Command } from './command';
import { COMMAND_KIND_TABLE, type StoredParameters } from './command-kinds';
import { deliveredCommand, type DeliveredCommand } from './delivered-command';
import { finishCommand } from './finish-command';
import { uploadParameters } from './server-log-blob';
import { leaseCommands } from './lease-commands';
import { stagingParameters } from './staged-file-blob';

const storedInstall = COMMAND_KIND_TABLE.install.storedParameters;
const storedUpgrade = COMMAND_KIND_TABLE.upgrade.storedParameters;
const storedStaging = COMMAND_KIND_TABLE.uploadFile.storedParameters;

type Completing = Pick<Services, 'secrets' | 'packages' | 'blobs'>;
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
      delivered.push(await completeCommand(services, customerId, command));
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
async function completeCommand(
  services: Completing,
  customerId: string,
  command: Command,
): Promise<DeliveredCommand> {
  const parameters = await completeParameters(services, customerId, command);
  const delivered = deliveredCommand.safeParse({ ...command, parameters });
  if (delivered.success) return delivered.data;
  throw new Problem('conflict', 'The stored parameters of the command are not valid any more.', {
    cause: delivered.error,
  });
}

async function completeParameters(
  services: Completing,
  customerId: string,
  { kind, id, serverId, parameters }: Command,
): Promise<Readonly<Record<string, unknown>>> {
  switch (kind) {
    case 'testConnection':
      return withPassword(services, parameters);
    case 'install':
      return completeInstall(services, storedInstall.parse(parameters));
    case 'upgrade': {
      const { clientVersion } = storedUpgrade.parse(parameters);
      return { clientVersion, package: await packageFileOf(services, 'client', clientVersion) };
    }
    case 'uploadLog':
      return { ...parameters, ...(await uploadParameters(services, customerId, serverId, id)) };
    case 'uploadFile': {
      const { recordingId } = storedStaging.parse(parameters);
      return { ...parameters, ...(await stagingParameters(services, customerId, recordingId, id)) };
    }
    default:
      return parameters;
  }
}

async function completeInstall(
  services: Completing,
  parameters: StoredParameters<'install'>,
): Promise<Readonly<Record<string, unknown>>> {
  const [file, databases] = await Promise.all([
    packageFileOf(services, 'server', parameters.serverVersion),
    withPassword(services, parameters.databases),
  ]);
  return { ...parameters, package: file, databases };
}

/** Where the package can be downloaded from now on. @throws Problem `conflict` when it is not published any more */
async function packageFileOf({ packages }: Completing, kind: PackageKind, version: string) {
  const found = await packages.find(kind, version);
  if (!found)
    throw new Problem(
      'conflict',
      `Version ${version} is not in the package catalogue any more: choose another.`,
    );
  const { url } = await packages.downloadUrl(found);
  return { url, sha256: found.sha256, sizeBytes: found.sizeBytes };
}

/** Puts the password in place of the name of its secret. */
async function withPassword(
  { secrets }: Completing,
  { passwordSecret, ...others }: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  if (typeof passwordSecret !== 'string') return others;
  const password = await secrets.get(passwordSecret);
  if (password !== undefined) return { ...others, password };
  throw new Problem('conflict', 'The password of the database is not stored any more: enter it again.');
}
