/** Behaviours of durable-functions that the product's orchestrators avoid: they fail here as they do in Azure. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  durableClient,
  durableFixture,
  ended,
  eventuallyStatus,
  orchestrate,
} from './testing/durable-process';
import { eventually, type HostProcess } from './testing/processes';

jest.setTimeout(60_000);

let fixture: ReturnType<typeof durableFixture>;
let host: HostProcess;

beforeAll(async () => {
  fixture = durableFixture(require.resolve('./testing/sdk-behaviours.app.ts'));
  host = await fixture.start();
});
afterAll(async () => {
  await host?.kill();
  fixture?.remove();
});

/** The effects of activities while `work` ran. */
async function effectsOf(work: () => Promise<unknown>): Promise<string[]> {
  const before = fixture.effects().length;
  await work();
  return fixture.effects().slice(before);
}

describe('tasks', () => {
  it('runs an activity twice that is yielded in a second Task.any while it runs (durable-js #574)', async () => {
    const effects = await effectsOf(() => orchestrate(host, 'anyTwice'));
    expect(effects.filter((line) => line === 'slow begins')).toHaveLength(2);
  });

  it('throws from Task.all at the first failure, but schedules what follows only after all its children ended', async () => {
    const effects = await effectsOf(async () => {
      const id = await durableClient<string>(host, 'startNew', 'allFails', { input: 600 });
      await eventuallyStatus(host, id, ({ customStatus }) => customStatus === 'caught');
      expect(fixture.effects().at(-1)).not.toBe('echo "after"');
      await ended(host, id);
    });
    expect(effects.filter((line) => line !== 'failing')).toEqual([
      'slow begins',
      'slow ends',
      'echo "after"',
    ]);
  });

  it('leaves an instance Running forever whose retryTimeoutInMilliseconds has passed (durable-js #629)', async () => {
    const effects = await effectsOf(async () => {
      const id = await durableClient<string>(host, 'startNew', 'retryTimeout', {});
      const history = () =>
        fetch(`${host.url}/durabletask/instances/${id}?showHistory=true`)
          .then((response) => response.json() as Promise<{ historyEvents: { EventType: string }[] }>)
          .then(({ historyEvents }) => historyEvents.map(({ EventType }) => EventType));
      await eventually('the failure of the activity', async () =>
        (await history()).includes('TaskFailed') ? true : undefined,
      );
      await sleep(300);
      expect((await history()).slice(-3)).toEqual([
        'OrchestratorStarted',
        'TaskFailed',
        'OrchestratorCompleted',
      ]);
      expect(await durableClient(host, 'getStatus', id)).toMatchObject({ runtimeStatus: 'Running' });
    });
    expect(effects).toEqual(['failing']);
  });
});

describe('values', () => {
  it('gives text back in quotes to an orchestration that continues as new with it, and objects as they are', async () => {
    expect((await orchestrate(host, 'continueWithText', { next: 'text' })).output).toBe('"text"');
    expect((await orchestrate(host, 'continueWithText', { next: { value: 'text' } })).output).toEqual({
      value: 'text',
    });
  });

  it('hands true to an activity as the text True, but not inside an object', async () => {
    expect((await orchestrate(host, 'booleans')).output).toEqual(['True', { value: true }]);
  });

  it('wraps the error of an activity into text that holds its stack', async () => {
    const { output } = await orchestrate(host, 'errorText');
    expect(output).toMatch(
      /^Activity function 'failing' failed: the reason \n \{"ClassName":.*RemoteStackTrace/,
    );
  });
});

describe('continue-as-new', () => {
  it('loses events that the orchestration had received but not waited for', async () => {
    const id = await durableClient<string>(host, 'startNew', 'losesEvents', { input: { isSecond: false } });
    await durableClient(host, 'raiseEvent', id, 'unexpected', 1);
    await eventuallyStatus(host, id, ({ runtimeStatus }) => runtimeStatus === 'Running');
    await durableClient(host, 'raiseEvent', id, 'go', 1);
    expect((await ended(host, id)).output).toBe('lost');
  });
});

describe('what this host refuses', () => {
  it('does not lock entities: df.lock() asks for a newer extension', async () => {
    expect((await orchestrate(host, 'locks')).output).toContain(
      'lock requires a Durable Functions extension',
    );
  });

  it.each([
    ['callsEntity', 'action CallEntity (7) is not implemented'],
    ['signalsEntity', 'action SignalEntity (9) is not implemented'],
    ['callsHttp', 'action CallHttp (8) is not implemented'],
  ])('fails an orchestration that %s, naming the action', async (name, refusal) => {
    expect(await orchestrate(host, name)).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining(refusal) as string,
    });
  });

  it('refuses to start an app with an entity, so that no error of one can lose its message', async () => {
    const app = durableFixture(require.resolve('./testing/entity.app.ts'));
    await expect(app.start()).rejects.toThrow(`'counter': trigger 'entityTrigger' is not implemented`);
    app.remove();
  });
});
