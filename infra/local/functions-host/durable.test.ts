import { setTimeout as sleep } from 'node:timers/promises';
import {
  durableClient,
  durableFixture,
  ended,
  eventuallyStatus,
  orchestrate,
  statusOf,
} from './testing/durable-process';
import { type HostProcess } from './testing/processes';

jest.setTimeout(60_000);

let fixture: ReturnType<typeof durableFixture>;
let host: HostProcess;

beforeAll(async () => {
  fixture = durableFixture();
  host = await fixture.start();
});

afterAll(async () => {
  await host?.kill();
  fixture?.remove();
});

const startNew = (name: string, instanceId: string, input?: unknown) =>
  durableClient<string>(host, 'startNew', name, { instanceId, input });
const isWaiting = ({ customStatus }: { customStatus: unknown }) => customStatus === 'waiting';

describe('orchestrations', () => {
  it('hand every kind of value to activities and back', async () => {
    const status = await orchestrate(host, 'chain', 'input');
    expect(status).toMatchObject({
      runtimeStatus: 'Completed',
      output: ['input', 'text', 7, { a: [1] }, null],
    });
  });

  it('fan out and in', async () => {
    expect((await orchestrate(host, 'fanOut', 200)).output).toBe(19_900);
  });

  it('retry activities until one succeeds or the attempts are used up', async () => {
    expect((await orchestrate(host, 'retry', { key: 'a', times: 2, attempts: 3 })).output).toBe(3);
    const gaveUp = await orchestrate(host, 'retry', { key: 'b', times: 9, attempts: 2 });
    expect(gaveUp.output).toBe(`gave up: Activity function 'failing' failed: attempt 2 of b`);
    expect(fixture.effects().filter((line) => line.startsWith('failing b'))).toHaveLength(2);
  });

  it('fail with the error of the activity, keeping their custom status', async () => {
    const status = await orchestrate(host, 'fails');
    expect(status).toMatchObject({ runtimeStatus: 'Failed', customStatus: { step: 'about to fail' } });
    expect(status.output).toMatch(
      /^Orchestrator function 'fails' failed: Activity function 'failing' failed: attempt 1 /,
    );
  });

  it('sleep on durable timers', async () => {
    expect((await orchestrate(host, 'timer', 60)).output).toBe(true);
  });

  it('run sub-orchestrations and see their failures', async () => {
    expect((await orchestrate(host, 'parent')).output).toEqual({
      first: ['child', 'text', 7, { a: [1] }, null],
      second: true,
      failure: expect.stringContaining(`Orchestrator function 'fails' failed`) as string,
    });
  });

  it('retry sub-orchestrations, each time a new instance, until one succeeds or the attempts are used up', async () => {
    expect((await orchestrate(host, 'retriesChild', 3)).output).toBe(3);
    expect((await orchestrate(host, 'retriesChild', 2)).output).toMatch(
      /^gave up: Orchestrator function 'flakyChild' failed: Activity function 'failing' failed: attempt 2/,
    );
  });

  it('fail when their code is not deterministic', async () => {
    const status = await orchestrate(host, 'nonDeterministic');
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toMatch(/^Non-Deterministic workflow detected: .*'echo'.*a timer/);
  });

  it('fail naming an action that is not implemented', async () => {
    expect((await orchestrate(host, 'callsHttp')).output).toContain('action CallHttp (8) is not implemented');
  });
});

describe('external events', () => {
  it('reach an orchestration that waits, and are kept for one that does not yet', async () => {
    const id = await startNew('waits', 'events');
    await durableClient(host, 'raiseEvent', id, 'go', { n: 1 });
    await durableClient(host, 'raiseEvent', id, 'go', 'two');
    expect((await ended(host, id)).output).toEqual([{ n: 1 }, 'two']);
  });

  it('win or lose against a timer', async () => {
    expect((await orchestrate(host, 'eventOrTimeout', 50)).output).toBe('timeout');
    const id = await startNew('eventOrTimeout', 'winner', 3_600_000);
    await durableClient(host, 'raiseEvent', id, 'go', 'won');
    expect((await ended(host, id)).output).toBe('won');
  });

  it('go over to the next execution of an orchestration that continues as new', async () => {
    const id = await startNew('counter', 'counter', { count: 4, seen: [] });
    for (const item of ['a', 'b', 'c', 'd']) {
      await durableClient(host, 'raiseEvent', id, 'item', item);
      await eventuallyStatus(host, id, (status) => {
        const { seen } = (status as unknown as { input: { seen: string[] } }).input;
        return seen.includes(item);
      });
    }
    expect((await ended(host, id)).output).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are refused for an unknown instance and ignored for one that has ended', async () => {
    await expect(durableClient(host, 'raiseEvent', 'nobody', 'go', 1)).rejects.toThrow(
      `No instance with ID 'nobody' found.`,
    );
    const { instanceId } = await orchestrate(host, 'timer', 1);
    await expect(durableClient(host, 'raiseEvent', instanceId, 'go', 1)).resolves.toBeUndefined();
  });
});

describe('managing instances', () => {
  it('starts an id once: again only after the instance has ended', async () => {
    await startNew('waits', 'only-one');
    await expect(startNew('waits', 'only-one')).rejects.toThrow('unexpected status code: 409');
    await durableClient(host, 'terminate', 'only-one', 'enough');
    expect(await ended(host, 'only-one')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
    expect(await startNew('timer', 'only-one', 1)).toBe('only-one');
    expect(await ended(host, 'only-one')).toMatchObject({ runtimeStatus: 'Completed', output: true });
  });

  it('refuses an unknown orchestrator and an impossible id', async () => {
    await expect(durableClient(host, 'startNew', 'nothing')).rejects.toThrow('status code: 400');
    await expect(startNew('waits', '@entity')).rejects.toThrow('must not start with @');
  });

  it('holds a suspended orchestration until it is resumed', async () => {
    const id = await startNew('waits', 'suspended');
    await eventuallyStatus(host, id, isWaiting);
    await durableClient(host, 'suspend', id, 'hold on');
    await eventuallyStatus(host, id, ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    await durableClient(host, 'raiseEvent', id, 'go', 1);
    await durableClient(host, 'raiseEvent', id, 'go', 2);
    await sleep(100);
    expect((await statusOf(host, id)).runtimeStatus).toBe('Suspended');
    await durableClient(host, 'resume', id, 'go on');
    expect((await ended(host, id)).output).toEqual([1, 2]);
  });

  it('lists by status and time, and purges one or many that have ended', async () => {
    const before = new Date();
    await sleep(5);
    const done = await orchestrate(host, 'timer', 1);
    await startNew('waits', 'still-running');
    const list = (runtimeStatus: string) =>
      fetch(
        `${host.url}/durabletask/instances/?createdTimeFrom=${before.toISOString()}&runtimeStatus=${runtimeStatus}`,
      )
        .then((response) => response.json() as Promise<{ instanceId: string }[]>)
        .then((statuses) => statuses.map(({ instanceId }) => instanceId));
    expect(await list('Completed')).toEqual([done.instanceId]);
    expect(await list('Running,Pending')).toEqual(['still-running']);
    expect(await durableClient(host, 'purgeInstanceHistory', done.instanceId)).toEqual({
      instancesDeleted: 1,
    });
    expect(await durableClient(host, 'purgeInstanceHistory', done.instanceId)).toEqual({
      instancesDeleted: 0,
    });
    await expect(statusOf(host, done.instanceId)).rejects.toThrow('404');
    const purged = await fetch(`${host.url}/durabletask/instances/?createdTimeFrom=2000-01-01`, {
      method: 'DELETE',
    });
    expect(((await purged.json()) as { instancesDeleted: number }).instancesDeleted).toBeGreaterThan(5);
    expect(await list('Running,Pending')).toEqual(['still-running']);
  });

  it('shows history and pages of a list on demand', async () => {
    const { instanceId } = await orchestrate(host, 'chain', 1);
    const api = `${host.url}/runtime/webhooks/durabletask/instances`;
    const shown = (await (await fetch(`${api}/${instanceId}?showHistory=true`)).json()) as {
      historyEvents: { EventType: string }[];
    };
    expect(shown.historyEvents.map(({ EventType }) => EventType)).toEqual(
      expect.arrayContaining(['ExecutionStarted', 'TaskScheduled', 'TaskCompleted', 'ExecutionCompleted']),
    );
    const page = await fetch(`${api}?top=1`);
    expect(await page.json()).toHaveLength(1);
    expect(page.headers.get('x-ms-continuation-token')).toEqual(expect.any(String));
  });

  it('refuses entities and rewinding by name', async () => {
    expect((await fetch(`${host.url}/durabletask/entities/counter/1`)).status).toBe(501);
    await startNew('waits', 'no-rewind');
    await expect(durableClient(host, 'rewind', 'no-rewind', 'why')).rejects.toThrow(
      'Rewind is not supported',
    );
  });
});
