/** The worker thread's side of a thread pool: takes tasks from the main thread, one at a time, and answers them. */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { LogLevel } from '../telemetry/log-events';
import type { TaskMessage, ThreadMessage } from './messages';

/** Where a task writes its log lines: the main thread writes them into the log of the invocation. */
export type TaskLog = (line: string, level: LogLevel) => void;

/** Of -20 to 19; the main thread, which answers everybody, has 0. */
const NICE_VALUE = 5;

/** Answers every task with what `work` returns; buffers named by `transfer` are moved instead of copied. */
export function serveTasks(
  work: (input: unknown, log: TaskLog) => Promise<{ result: unknown; transfer?: ArrayBuffer[] }>,
): void {
  const port = parentPort;
  if (!port) throw new Error('this is not a worker thread');
  lowerPriority();
  const send = (message: ThreadMessage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  port.on('message', ({ id, input }: TaskMessage) => {
    const log: TaskLog = (line, level) => send({ id, kind: 'log', level, line });
    const before = performance.eventLoopUtilization();
    // What it waited for does not count.
    const activeMs = () => performance.eventLoopUtilization(before).active;
    work(input, log).then(
      ({ result, transfer }) => send({ id, kind: 'result', result, activeMs: activeMs() }, transfer),
      (error: unknown) => {
        const { message, stack } = error instanceof Error ? error : new Error(String(error));
        send({ id, kind: 'failure', message, stack, activeMs: activeMs() });
      },
    );
  });
}

/** On Linux a thread has a priority of its own, named by its thread id; elsewhere all threads are equal. */
function lowerPriority(): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), NICE_VALUE);
  } catch {
    // Not Linux, or not allowed: the operating system shares the processors equally.
  }
}
