/** Ctrl-C of commands that run a service: said, and followed by an orderly end. */
import type { Stack } from '../../infra/local/stack/stack';

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

/** Stops the service when the signal comes, and ends this process. */
export function stopWhen(interrupted: AbortSignal, stack: Stack): void {
  interrupted.addEventListener('abort', () => {
    void stack.stop().finally(() => {
      console.error('Stopped.');
      process.exit();
    });
  });
}
