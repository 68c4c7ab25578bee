import { setTimeout as sleep } from 'node:timers/promises';
import { durableClient, durableFixture, ended, eventuallyStatus } from './testing/durable-process';
import { eventually, type HostProcess } from './testing/processes';

jest.setTimeout(60_000);

let fixture: ReturnType<typeof durableFixture>;
const hosts: HostProcess[] = [];

async function start(): Promise<HostProcess> {
  const host = await fixture.start();
  hosts.push(host);
  return host;
}

beforeAll(() => {
  fixture = durableFixture();
});

afterAll(async () => {
  await Promise.all(hosts.map((host) => host.kill()));
  fixture.remove();
});

function effect(line: string): Promise<true> {
  return eventually(line, async () => (fixture.effects().includes(line) ? true : undefined));
}

it('goes on after a crash in an activity, a timer and a wait for an event, running finished activities no second time', async () => {
  let host = await start();
  const id = await durableClient<string>(host, 'startNew', 'crash', {});
  await effect('slow begins 700');
  await host.kill();

  host = await start();
  await effect('slow ends 700');
  await sleep(200);
  await host.kill();

  host = await start();
  await eventuallyStatus(host, id, ({ customStatus }) => customStatus === 'waiting');
  await host.kill();

  host = await start();
  await durableClient(host, 'raiseEvent', id, 'go', 'event');
  const { output } = await ended(host, id);
  expect(output).toEqual({
    before: 'before',
    slow: 700,
    event: 'event',
    child: ['child', 'text', 7, { a: [1] }, null],
  });
  expect(fixture.effects().filter((line) => line === 'echo "before"')).toHaveLength(1);
  expect(fixture.effects().filter((line) => line === 'slow begins 700')).toHaveLength(2);
  expect(fixture.effects().filter((line) => line === 'slow ends 700')).toHaveLength(1);
  await host.kill();
});

it('shares the work of one storage folder, and takes over that of a host that dies', async () => {
  const [first, second] = [await start(), await start()];
  const id = await durableClient<string>(first, 'startNew', 'fanOut', { input: 300 });
  const slow = await durableClient<string>(first, 'startNew', 'crash', {});
  await effect('echo 20');
  await first.kill();
  expect((await ended(second, id)).output).toBe(44_850);
  await eventuallyStatus(second, slow, ({ customStatus }) => customStatus === 'waiting');
  await durableClient(second, 'raiseEvent', slow, 'go', 1);
  expect((await ended(second, slow)).output).toMatchObject({ slow: 700, event: 1 });
});
