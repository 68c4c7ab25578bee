/** One page of the commands of a recording, in order of time. */
import type { SessionEvent } from '../../policies/engine';
import { type Command, matchesTerms, ShellProcesses } from './commands';
import type { EventVisit } from './read-events';

export interface CommandPage {
  /** Combined with OR; none: every command. */
  terms: readonly string[];
  limit: number;
  /** Key of the last command of the page before, see `commandKey`. */
  after: string | undefined;
}

/** The commands of a recording behind a position, at most `limit`. */
export async function listCommands(
  visits: AsyncIterable<EventVisit>,
  { terms, limit, after = '' }: CommandPage,
): Promise<Command[]> {
  const processes = new ShellProcesses();
  const found: Command[] = [];
  for await (const { event, isWithin } of visits) {
    const command = processes.commandOf(event);
    if (!command || !isWithin || commandKey(event) <= after || !matchesTerms(command, terms)) continue;
    found.push(command);
    if (found.length >= limit) break;
  }
  return found;
}

/** Events are read in this order. */
export function commandKey({ time, id }: SessionEvent): string {
  return `${time} ${id}`;
}
