/** Every kind of command: what its parameters are, what its result has, what the client must do (CCL-4). One table. */
import { z } from 'zod';
import type { CommandKindSpec } from './kinds/command-kind';
import { fileKinds } from './kinds/file-kinds';
import { installationKinds } from './kinds/installation-kinds';
import { sessionKinds } from './kinds/session-kinds';
import { troubleshootingKinds } from './kinds/troubleshooting-kinds';

export const COMMAND_KIND_TABLE = {
  ...sessionKinds,
  ...installationKinds,
  ...troubleshootingKinds,
  ...fileKinds,
} as const satisfies Record<string, CommandKindSpec>;

type Table = typeof COMMAND_KIND_TABLE;
export type CommandKind = keyof Table;

/** The parameters of a kind as they are delivered. */
export type DeliveredParameters<K extends CommandKind> = z.output<Table[K]['parameters']>;

/** The parameters of a kind as they are queued: without what is secret or short-lived. */
export type StoredParameters<K extends CommandKind> = Table[K] extends {
  storedParameters: infer S extends z.ZodType;
}
  ? z.output<S>
  : DeliveredParameters<K>;

/** The `data` of the results of all kinds that have one; its `kind` is the command's. */
export const commandData = z
  .discriminatedUnion('kind', [
    installationKinds.prerequisiteCheck.data,
    installationKinds.testConnection.data,
    installationKinds.install.data,
    installationKinds.upgrade.data,
    troubleshootingKinds.diagnostics.data,
    troubleshootingKinds.checkServices.data,
    troubleshootingKinds.restartService.data,
    troubleshootingKinds.readRegistry.data,
    troubleshootingKinds.writeRegistry.data,
    troubleshootingKinds.uploadLog.data,
    fileKinds.archiveFile.data,
    fileKinds.deleteFile.data,
    fileKinds.uploadFile.data,
  ])
  .meta({ id: 'CommandData', description: 'What the result of a command says, by the kind of the command' });

export type CommandData = z.output<typeof commandData>;

/** The specification of a kind. */
export function kindSpec(kind: CommandKind): CommandKindSpec {
  return COMMAND_KIND_TABLE[kind];
}
