/** Leases pending commands to the server that executes them. */
import type { Stored } from '../../../shared/cosmos/document-type';
import { DocumentGone, DocumentStale } from '../../../shared/cosmos/errors';
import type { Partition } from '../../../shared/cosmos/partition';
import type { Services } from '../../../shared/services';
import { type Command, commandType, isWaiting, leased } from './command';

type Leasing = Pick<Services, 'database' | 'clock'>;

/** Maximum number of commands in one response. */
const COMMANDS_AT_ONCE = 10;
/** Candidates read to find the oldest ones; more are pending only after a server was offline for long. */
const COMMANDS_LOOKED_AT = 200;

// `dueAt` is the end of an open command: its expiry, or a later instant once it was begun.
const OPEN = `c.dueAt > @now AND c.status IN ('pending', 'leased')`;
const WAITING = `c.dueAt > @now AND (c.status = 'pending' OR (c.status = 'leased' AND c.leasedUntil <= @now))`;

/** Whether commands are open for the server, those leased included, and whether any of them can be fetched now. */
export async function findOpenCommands(
  presence: Partition,
  now: Date,
): Promise<{ mayHaveCommands: boolean; commandsWaiting: boolean }> {
  const open = await presence.list(commandType, {
    where: OPEN,
    parameters: { now: now.toISOString() },
    limit: COMMANDS_LOOKED_AT,
  });
  return { mayHaveCommands: open.length > 0, commandsWaiting: open.some((one) => isWaiting(one, now)) };
}

/**
 * The oldest pending commands, now leased to the caller: no other request gets them until the lease ends. Expired ones
 * are included only while they go on: they were begun before.
 */
export async function leaseCommands(
  { database, clock }: Leasing,
  customerId: string,
  serverId: string,
): Promise<Command[]> {
  const presence = database.presence(customerId, serverId);
  const waiting = await readWaiting(presence, clock.now());
  const oldestFirst = waiting.toSorted((a, b) => compare(a.createdAt, b.createdAt) || compare(a.id, b.id));
  const taken: Command[] = [];
  for (const command of oldestFirst) {
    if (taken.length === COMMANDS_AT_ONCE) break;
    const now = clock.now();
    // Time passes while others are leased.
    if (isWaiting(command, now) && (await take(presence, leased(command, now))))
      taken.push(leased(command, now));
  }
  return taken;
}

async function take(presence: Partition, command: Stored<Command>): Promise<boolean> {
  try {
    await presence.replace(commandType, command);
    return true;
  } catch (error) {
    if (error instanceof DocumentStale || error instanceof DocumentGone) return false;
    throw error;
  }
}

function readWaiting(presence: Partition, now: Date): Promise<Stored<Command>[]> {
  const parameters = { now: now.toISOString() };
  return presence.list(commandType, { where: WAITING, parameters, limit: COMMANDS_LOOKED_AT });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
