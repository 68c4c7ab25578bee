/** Commands as servers get them, and what servers report about them: the schemas of the protocol (CCL-4). */
import { z } from 'zod';
import { COMMAND_KIND_TABLE, commandData, type CommandKind } from './command-kinds';

const common = {
  id: z.string(),
  sessionId: z.uuid().optional().describe('The session that it is about, where it is about one'),
  expiresAt: z.iso
    .datetime()
    .describe('It must not be begun from then on; one that was begun before is delivered again, and goes on'),
  leasedUntil: z.iso
    .datetime()
    .optional()
    .describe('Without a progress report or a result by then it is delivered again'),
  deliveries: z.int().min(1).describe('Number of deliveries, including this one'),
};

function variant<K extends CommandKind>(kind: K) {
  const id = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Command`;
  const { parameters } = COMMAND_KIND_TABLE[kind];
  return z
    .object({ kind: z.literal(kind), ...common, parameters })
    .meta({ id, description: COMMAND_KIND_TABLE[kind].description });
}

export const deliveredCommand = z
  .discriminatedUnion('kind', [
    variant('startScreenRecording'),
    variant('lockSession'),
    variant('logOffSession'),
    variant('disconnectSession'),
    variant('notifyUser'),
    variant('prerequisiteCheck'),
    variant('testConnection'),
    variant('install'),
    variant('upgrade'),
    variant('diagnostics'),
    variant('checkServices'),
    variant('restartService'),
    variant('readRegistry'),
    variant('writeRegistry'),
    variant('uploadLog'),
    variant('archiveFile'),
    variant('deleteFile'),
    variant('uploadFile'),
  ])
  .meta({
    id: 'Command',
    description:
      'Execute each command id once, even if delivered repeatedly. A kind that the client does not know is to be answered ' +
      'with `failed` and a reason.',
  });

export type DeliveredCommand = z.output<typeof deliveredCommand>;

const reason = z.string().trim().min(1).max(2_000);

/** What a server reports about a command: its progress, or its result. */
export const commandReportSchema = z
  .discriminatedUnion('status', [
    z
      .strictObject({
        status: z.literal('running'),
        step: z
          .string()
          .trim()
          .min(1)
          .max(200)
          .meta({ description: 'What it is doing', examples: ['Step 1 of 3: Downloading …'] }),
        percent: z.number().min(0).max(100).optional().describe('How much of the whole is done'),
      })
      .meta({ id: 'CommandProgress' }),
    z
      .strictObject({
        status: z.literal('succeeded'),
        reason: reason.optional().describe('A remark, if any'),
        data: commandData
          .optional()
          .describe('Required for the kinds that have data, not allowed for the others'),
      })
      .meta({ id: 'CommandSuccess' }),
    z
      .strictObject({
        status: z.literal('failed'),
        reason: reason.optional().describe('Why it failed, and what to do'),
      })
      .meta({ id: 'CommandFailure' }),
  ])
  .meta({ id: 'CommandResult' });
