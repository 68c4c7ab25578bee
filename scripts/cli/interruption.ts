/** Ctrl-C of commands that run a service: said, and followed by an orderly end. */
import type { Stack } from '../../infra/local/stack/stack';

/** 128 + SIGINT. */
const INTERRUPTED = 130;

/** Aborted by the first Ctrl-C or SIGTERM, with this text on stderr; later ones change nothing. */
export function interruption(text: string): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) console.error(`\n${text}`);
      controller.abort();
    });
  }
  return controller.signal;
}

/** Starts a service: what fails because of Ctrl-C is no error, and ends this process with the exit code of an interruption. */
export async function startUntil(interrupted: AbortSignal, start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    if (!interrupted.aborted) throw error;
    console.error('Stopped.');
    process.exit(INTERRUPTED);
  }
}

/** Stops the service when the signal comes, and ends this process. */
export function stopWhen(interrupted: AbortSignal, stack: Pick<Stack, 'stop'>): void {
  interrupted.addEventListener('abort', () => {
    void stack.stop().finally(() => {
      console.error('Stopped.');
      process.exit();
    });
  });
}
