/** Command lines of shells and of what they started (RCD-6). Pure. */
import type { SessionEvent } from '../../policies/engine';
import { programKey, programOf } from './app-names';

/** Programs whose command lines, and those of what they start, are commands. */
export const SHELLS = ['cmd.exe', 'powershell.exe', 'pwsh.exe'] as const;
export type Shell = (typeof SHELLS)[number];

/** More processes than run at once in a session. */
const MAX_PROCESSES = 100_000;

export interface Command {
  readonly event: SessionEvent;
  /** The shell itself, or the nearest shell that started it, directly or through other processes. */
  readonly shell: Shell;
}

/** Recognizes commands among the events of a session, which it is given in order of time. */
export class ShellProcesses {
  /** The shell of each running process that is one or that one has started. */
  private readonly shells = new Map<number, Shell>();

  /** The command that an event is, or undefined. */
  commandOf(event: SessionEvent): Command | undefined {
    const { processId } = event.data;
    if (event.type === 'appEnd' && typeof processId === 'number') this.shells.delete(processId);
    if (event.type !== 'appStart') return undefined;
    const shell = shellNamed(event.data['appName']) ?? this.parentShell(event);
    if (typeof processId === 'number') {
      // A new process may have the id of one whose end was not recorded.
      this.shells.delete(processId);
      if (shell !== undefined && this.shells.size < MAX_PROCESSES) this.shells.set(processId, shell);
    }
    return shell && { event, shell };
  }

  /** By process id; by the name of the parent where its own start was not recorded. */
  private parentShell({ data }: SessionEvent): Shell | undefined {
    const { parentProcessId, parentAppName } = data;
    const known = typeof parentProcessId === 'number' ? this.shells.get(parentProcessId) : undefined;
    return known ?? shellNamed(parentAppName);
  }
}

function shellNamed(appName: unknown): Shell | undefined {
  const program = programOf(appName);
  if (program === undefined) return undefined;
  const key = programKey(program);
  return SHELLS.find((shell) => key === shell || `${key}.exe` === shell);
}

/** Whether a command contains one of the terms, in any case; without terms, every command. */
export function matchesTerms({ event: { data } }: Command, terms: readonly string[]): boolean {
  if (terms.length === 0) return true;
  const text = String(data['commandLine'] ?? data['appName'] ?? '').toLowerCase();
  return terms.some((term) => text.includes(term.toLowerCase()));
}
