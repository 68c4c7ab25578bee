/** Ends a command that is not wanted any more. */
import { DocumentGone } from '../../../shared/cosmos/errors';
import { retryConflicts } from '../../../shared/cosmos/retry';
import type { Services } from '../../../shared/services';
import { commandType, finished, isFinished } from './command';

/**
 * Ends the command unless it has ended: it is not delivered any more, further progress and results are refused with 409,
 * and nobody is called back. A missing command is no error.
 */
export async function cancelCommand(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  { customerId, serverId, commandId }: { customerId: string; serverId: string; commandId: string },
  reason: string,
): Promise<void> {
  const presence = database.presence(customerId, serverId);
  await retryConflicts(async () => {
    const command = await presence.read(commandType, commandId);
    if (!command || isFinished(command)) return;
    try {
      const ended = finished(command, { status: 'expired', reason }, clock.now());
      await presence.replace(commandType, { ...ended, dueAt: undefined });
    } catch (error) {
      if (!(error instanceof DocumentGone)) throw error;
    }
  });
}
