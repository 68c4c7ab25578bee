/** Long poll: keeps a request for commands open until some are pending (CCL-4, decision 0009). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../../shared/telemetry/telemetry';
import type { DeliveredCommand } from './delivered-command';
import { deliverCommands, type Delivering } from './deliver-commands';

/** Interval between polls; each costs one small query. */
const LOOK_EVERY_MILLISECONDS = 1_000;

interface Waiting {
  log: Log;
  /** Aborted when the caller has disconnected, so that no commands are leased in vain. */
  signal?: AbortSignal;
  /** Asked before each look: throws when the caller has lost its rights while it waits. */
  stillAllowed?: () => Promise<void>;
}

/**
 * The pending commands, leased to the caller, as soon as there are any; none after the timeout.
 */
export async function waitForCommands(
  services: Delivering,
  customerId: string,
  serverId: string,
  waitSeconds: number,
  { signal, stillAllowed, log }: Waiting,
): Promise<DeliveredCommand[]> {
  const until = services.clock.now().getTime() + waitSeconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    await stillAllowed?.();
    const commands = await deliverCommands(services, log, customerId, serverId);
    const leftMilliseconds = until - services.clock.now().getTime();
    if (commands.length > 0 || leftMilliseconds <= 0) return commands;
    await sleep(Math.min(LOOK_EVERY_MILLISECONDS, leftMilliseconds), undefined, { signal });
  }
}
