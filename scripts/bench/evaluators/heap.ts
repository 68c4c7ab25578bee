/** How much memory is in use, and how to release what one side of a comparison has left. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

/** Collects the young generation. A full collection would be too much: V8 drops compiled code with it. */
export function collectYoung(): void {
  collectGarbage({ type: 'minor' });
}

/** What is alive on the heap and in array buffers now, in MB. */
export function heapMegabytes(): number {
  // What only finalisers held is gone after the second time.
  for (let time = 0; time < 3; time += 1) collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1_000_000;
}
