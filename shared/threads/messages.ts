/** What the main thread and a worker thread send each other. */
import type { LogLevel } from '../telemetry/log-events';

/** To a thread: one task, with what it works on. */
export interface TaskMessage {
  id: number;
  input: unknown;
}

/** From a thread: a log line of a task, its result, or why it failed; and for how long it computed (milliseconds). */
export type ThreadMessage =
  | { id: number; kind: 'log'; level: LogLevel; line: string }
  | { id: number; kind: 'result'; result: unknown; activeMs: number }
  | { id: number; kind: 'failure'; message: string; stack: string | undefined; activeMs: number };
