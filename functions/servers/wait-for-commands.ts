/** Keeps a request for commands open until there are some (CCL-4, decision 0009). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Services } from '../../shared/services';
import type { Command } from './command';
import { leaseCommands } from './lease-commands';

/** Between two looks; each costs one small query. */
const LOOK_EVERY_MILLISECONDS = 1_000;

/**
 * The commands that wait, leased to the caller, as soon as there are any; none when the time is over.
 * @param signal aborted when the caller waits no more: commands would be leased to nobody
 */
export async function waitForCommands(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  serverId: string,
  waitSeconds: number,
  signal?: AbortSignal,
): Promise<Command[]> {
  const until = services.clock.now().getTime() + waitSeconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    const commands = await leaseCommands(services, customerId, serverId);
    const leftMilliseconds = until - services.clock.now().getTime();
    if (commands.length > 0 || leftMilliseconds <= 0) return commands;
    await sleep(Math.min(LOOK_EVERY_MILLISECONDS, leftMilliseconds), undefined, { signal });
  }
}
