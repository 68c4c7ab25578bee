/** One change after the other: build, restart, say how long it took. Changes that come meanwhile are taken together. */
import type { BuildResult } from './app-builder';
import type { SourceChanges } from './watch-sources';

export interface DevParts {
  build(): Promise<BuildResult>;
  restart(): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
  print(line: string): void;
  printError(text: string): void;
}

/** Returns what is to be called with changes; it never rejects. */
export function devLoop(parts: DevParts): (changes: SourceChanges) => Promise<void> {
  let waiting: SourceChanges | undefined;
  let running: Promise<void> | undefined;

  const work = async (): Promise<void> => {
    while (waiting !== undefined) {
      const changes = waiting;
      waiting = undefined;
      await handle(parts, changes).catch((error: unknown) => parts.printError(String(error)));
    }
    running = undefined;
  };
  return (changes) => {
    waiting = {
      files: [...new Set([...(waiting?.files ?? []), ...changes.files])],
      savedAt: Math.max(waiting?.savedAt ?? 0, changes.savedAt),
    };
    return (running ??= work());
  };
}

async function handle(parts: DevParts, { files, savedAt }: SourceChanges): Promise<void> {
  const what = files.length === 1 ? files[0] : `${files.length} files`;
  const startedAt = parts.now();
  const built = await parts.build();
  if (built.state === 'failed') {
    parts.printError(`${built.message}${what} cannot be built: the app goes on as it was.`);
    return;
  }
  if (built.state === 'unchanged') {
    parts.print(`${what} changes nothing that runs.`);
    return;
  }
  const builtAt = parts.now();
  try {
    await parts.restart();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    parts.printError(`${reason}\nThe app does not start: save a change to try again.`);
    return;
  }
  const readyAt = parts.now();
  parts.print(
    `ready ${seconds(readyAt - savedAt)} after ${what} was saved (build ${seconds(builtAt - startedAt)}, restart ${seconds(readyAt - builtAt)})`,
  );
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
