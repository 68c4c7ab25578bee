/** For tests: a worker thread that does what its tasks say. */
import { serveTasks } from '../serve-tasks';

interface Order {
  echo?: unknown;
  log?: string;
  fail?: string;
  /** Computes without a pause for so long. */
  blockMs?: number;
  /** Fills the heap until the thread ends. */
  fillHeap?: boolean;
}

serveTasks(async (input, log) => {
  const { echo, log: line, fail, blockMs = 0, fillHeap } = input as Order;
  if (line !== undefined) log(line, 'warn');
  if (fail !== undefined) throw new Error(fail);
  const end = performance.now() + blockMs;
  while (performance.now() < end);
  const heap: unknown[] = [];
  while (fillHeap) heap.push(Array.from({ length: 1_000 }, () => heap.length));
  return { result: echo };
});
