import { PollBackoff } from './poll-backoff';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** How long the next pause lasts, in steps of ten milliseconds. */
async function pauseLength(pace: PollBackoff): Promise<number> {
  const state = { isOver: false };
  const pause = pace.pause().then(() => (state.isOver = true));
  let length = 0;
  while (!state.isOver) {
    await jest.advanceTimersByTimeAsync(10);
    length += 10;
  }
  await pause;
  return length;
}

describe('polling of an empty queue', () => {
  it('slows down to a second', async () => {
    const pace = new PollBackoff(60_000);
    const lengths: number[] = [];
    for (let count = 0; count < 6; count += 1) lengths.push(await pauseLength(pace));
    expect(lengths).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('is never slower than maxPollingInterval', async () => {
    const pace = new PollBackoff(300);
    for (let count = 0; count < 4; count += 1) await pauseLength(pace);
    expect(await pauseLength(pace)).toBe(300);
  });

  it('is fast again after a message', async () => {
    const pace = new PollBackoff(60_000);
    for (let count = 0; count < 5; count += 1) await pauseLength(pace);
    pace.reset();
    expect(await pauseLength(pace)).toBe(100);
  });

  it('looks at once when it is woken, but not more often than four times a second', async () => {
    const pace = new PollBackoff(60_000);
    for (let count = 0; count < 5; count += 1) await pauseLength(pace);
    const woken = pauseLength(pace);
    await jest.advanceTimersByTimeAsync(100);
    pace.wake();
    await jest.advanceTimersByTimeAsync(200);
    expect(await woken).toBeLessThanOrEqual(260);
  });

  it('ends its pause when it is stopped', async () => {
    const pace = new PollBackoff(60_000);
    const pause = pace.pause();
    pace.stop();
    await expect(pause).resolves.toBeUndefined();
    await expect(pace.pause()).resolves.toBeUndefined();
  });
});
