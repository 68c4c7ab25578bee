/** Waiting for asynchronous work of the service. */
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 150;

/** Polls until there is a value. @throws Error with `describe()` when there is none within `seconds` */
export async function pollUntil<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | undefined> | T | undefined,
  describe: () => string = () => '',
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${seconds} s. ${describe()}`);
    await sleep(PAUSE_MS);
  }
}
