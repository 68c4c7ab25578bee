/**
 * Two host processes on one storage, like two instances of the app in Azure, and the recovery of the work of one that
 * crashes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type HostProcess } from './testing/processes';
import { seenAtLeastBy, seenBy, triggersFixture } from './testing/trigger-processes';

jest.setTimeout(90_000);

let fixture: Awaited<ReturnType<typeof triggersFixture>>;
let first: HostProcess;
let second: HostProcess;

beforeAll(async () => {
  fixture = await triggersFixture(5);
  first = await fixture.start();
  second = await fixture.start();
});
afterAll(async () => {
  await Promise.all([first?.kill(), second?.kill()]);
  await fixture?.stop();
});

async function send(queueName: string, messages: readonly string[]): Promise<void> {
  const queue = fixture.queues.getQueueClient(queueName);
  await Promise.all(messages.map((message) => queue.sendMessage(message)));
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

it('serves HTTP at a port of each', async () => {
  expect(new URL(first.url).port).not.toBe(new URL(second.url).port);
  for (const { url } of [first, second]) expect((await fetch(`${url}/echo/1/x`)).status).toBe(201);
});

it('fires timers once over both', async () => {
  await seenAtLeastBy(first, 'everySecond', 3);
  expect(await seenBy(second, 'everySecond')).toEqual([]);
  expect([(await seenBy(first, 'yearly')).length, (await seenBy(second, 'yearly')).length]).toEqual([1, 0]);
});

it('shares the messages of a queue, each of which is run by one of them', async () => {
  const sent = names('shared', 40);
  await send('long', sent);
  const runs = await eventually(
    'all messages',
    async () => {
      const seen = await Promise.all([seenBy(first, 'long'), seenBy(second, 'long')]);
      return seen.flat().length >= sent.length ? seen : undefined;
    },
    45_000,
  );
  expect(runs.map(({ length }) => length > 0)).toEqual([true, true]);
  await sleep(2500);
  const all = [...(await seenBy(first, 'long')), ...(await seenBy(second, 'long'))] as string[];
  expect(all.sort()).toEqual([...sent].sort());
});

it('goes on with the timers and the messages of one that was killed', async () => {
  const before = (await seenBy(first, 'long')).length;
  // More than the other one takes at a time, so that some are left for this one.
  const sent = names('orphan', 20);
  await send('long', sent);
  await seenAtLeastBy(first, 'long', before + 1);
  await first.kill();
  await eventually(
    'all messages, by the other',
    async () => {
      const { approximateMessagesCount } = await fixture.queues.getQueueClient('long').getProperties();
      return approximateMessagesCount === 0 ? true : undefined;
    },
    45_000,
  );
  await seenAtLeastBy(second, 'everySecond', 2);
  // The killed one had not finished any that it had started.
  const runs = ((await seenBy(second, 'long')) as string[]).filter((name) => name.startsWith('orphan'));
  expect(runs.sort()).toEqual([...sent].sort());
});
