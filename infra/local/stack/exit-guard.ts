/** Runs a synchronous action when this process ends without having stopped its stack. */
import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * `act` runs at the end of the process; Ctrl-C and SIGTERM, which otherwise skip that, lead to it as well unless the
 * caller handles them. Returns what takes the guard away. Nothing helps against SIGKILL.
 */
export function guardExit(act: () => void, callerHandlesSignals: boolean): () => void {
  const leave = (signal: NodeJS.Signals): never => process.exit(128 + constants.signals[signal]);
  process.once('exit', act);
  if (!callerHandlesSignals) {
    signals.forEach((signal) => process.once(signal, leave));
  }
  return () => {
    process.off('exit', act);
    signals.forEach((signal) => process.off(signal, leave));
  };
}
