/** Time limits of calls: who is waited for, how often, and what becomes of a call that is left behind. */
import { Readable } from 'node:stream';
import { NotAnswered, withinTimeLimit, withoutLongSilence } from './time-limits';

const never = () => new Promise<never>(() => undefined);
const limit = { tryMilliseconds: 1_000, tries: 2 };

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('gives back what a call answers in time', async () => {
  expect(await withinTimeLimit('it', limit, async () => 'answer')).toBe('answer');
  expect(jest.getTimerCount()).toBe(0);
});

it('passes on what a call throws, without another try', async () => {
  const call = jest.fn(() => Promise.reject(new Error('refused')));
  await expect(withinTimeLimit('it', limit, call)).rejects.toThrow('refused');
  expect(call).toHaveBeenCalledTimes(1);
  expect(jest.getTimerCount()).toBe(0);
});

it('ends a call that ignores its signal, after all of its tries', async () => {
  const signals: AbortSignal[] = [];
  const ends = expect(
    withinTimeLimit('Storage', limit, (signal) => {
      signals.push(signal);
      return never();
    }),
  ).rejects.toThrow(new NotAnswered('Storage', 1_000));
  await jest.advanceTimersByTimeAsync(2_000);
  await ends;
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

it('takes the answer of a later try', async () => {
  const call = jest.fn().mockImplementationOnce(never).mockResolvedValueOnce('answer');
  const answer = withinTimeLimit('it', limit, call);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(await answer).toBe('answer');
});

describe('a stream', () => {
  const read = async (stream: Readable) => {
    const pieces: string[] = [];
    for await (const piece of withoutLongSilence('it', stream, 1_000)) pieces.push(piece.toString());
    return pieces;
  };

  it('is read to its end', async () => {
    expect(await read(Readable.from([Buffer.from('a'), Buffer.from('b')]))).toEqual(['a', 'b']);
  });

  it('that falls silent is closed', async () => {
    const stream = new Readable({ read: () => undefined });
    stream.push('a');
    const ends = expect(read(stream)).rejects.toThrow(NotAnswered);
    await jest.advanceTimersByTimeAsync(1_100);
    await ends;
    expect(stream.destroyed).toBe(true);
  });
});
