/** The interface between host and app works across a process boundary: the app runs, and only RPC data is exchanged. */
import path from 'node:path';
import { QueueServiceClient } from '@azure/storage-queue';
import { type RunningHost, startHost } from '../host';
import { parseHostJson } from '../host-settings';
import { startProcessWorker } from '../testing/process-worker';
import { bundle, eventually, startAzuriteQueues, temporaryFolder } from '../testing/processes';
import { assertRpcShaped } from '../testing/rpc-shaped';

jest.setTimeout(60_000);

const { folder, remove } = temporaryFolder();
let azurite: Awaited<ReturnType<typeof startAzuriteQueues>>;
let processFile: string;
beforeAll(async () => {
  azurite = await startAzuriteQueues();
  await QueueServiceClient.fromConnectionString(azurite.connection).createQueue('orders');
  process.env.EFFECTS = path.join(folder, 'effects');
  processFile = bundle(require.resolve('../testing/app-process.ts'), path.join(folder, 'app-process.js'));
});
afterAll(async () => {
  delete process.env.EFFECTS;
  await azurite.stop();
  remove();
});

/** A host in this process whose app runs in another one. */
function start(app: string): Promise<RunningHost> {
  const appFile = bundle(require.resolve(`../testing/${app}.app.ts`), path.join(folder, `${app}.js`));
  const extensions = { http: { routePrefix: '' }, queues: { messageEncoding: 'none' } };
  return startHost({
    port: 0,
    settings: parseHostJson(JSON.stringify({ version: '2.0', extensions })),
    storageDir: path.join(folder, app),
    environment: { AzureWebJobsStorage: azurite.connection, ORDERS_QUEUE: 'orders' },
    queueLeaseSeconds: 30,
    loadWorker: (hostUrl, writeLog) => startProcessWorker(processFile, appFile, hostUrl, writeLog),
    print: () => undefined,
  });
}

it('serves HTTP, queues, timers and events through a worker in another process', async () => {
  const host = await start('triggers');
  const seen = (name: string) =>
    eventually(name, async () => {
      const entries = (await (await fetch(`${host.url}/seen/${name}`)).json()) as unknown[];
      return entries.length > 0 ? entries : undefined;
    });
  const echo = await fetch(`${host.url}/echo/5/x`, { method: 'POST', body: Buffer.from([1, 255, 0]) });
  expect(await echo.json()).toMatchObject({ bodyBytes: 3, body: '01ff00' });
  const binary = await fetch(`${host.url}/binary`);
  expect([...new Uint8Array(await binary.arrayBuffer())]).toEqual([0, 255, 10]);
  expect((await fetch(`${host.url}/broken`)).status).toBe(500);
  await QueueServiceClient.fromConnectionString(azurite.connection)
    .getQueueClient('orders')
    .sendMessage('{"n":1}');
  expect(await seen('orders')).toMatchObject([{ message: { n: 1 }, metadata: { dequeueCount: 1 } }]);
  await fetch(`${host.url}/send`, { method: 'POST', body: '["one"]' });
  expect(await seen('returned')).toEqual([{ copied: 'one' }]);
  expect(await seen('yearly')).toHaveLength(1);
  expect(
    await eventually('retries', async () => ((await seen('retried')).length === 3 ? 3 : undefined)),
  ).toBe(3);
  const event = { id: 'a', data: { fail: true } };
  const headers = { 'aeg-event-type': 'Notification' };
  const delivery = { method: 'POST', headers, body: JSON.stringify(event) };
  expect((await fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=events`, delivery)).status).toBe(
    500,
  );
  await host.stop(2000);
});

it('runs orchestrations, whose state crosses as text', async () => {
  const host = await start('durable');
  const call = async <Result>(name: string, ...args: unknown[]): Promise<Result> => {
    const response = await fetch(`${host.url}/client`, {
      method: 'POST',
      body: JSON.stringify({ call: name, args }),
    });
    return ((await response.json()) as { result: Result }).result;
  };
  const outcome = async (name: string, input: unknown) => {
    const id = await call<string>('startNew', name, { input });
    return eventually(name, async () => {
      const status = await call<{ runtimeStatus: string; output: unknown }>('getStatus', id);
      return /Completed|Failed/.test(status.runtimeStatus) ? status : undefined;
    });
  };
  expect((await outcome('parent', null)).output).toMatchObject({
    first: ['child', 'text', 7, { a: [1] }, null],
  });
  expect(await outcome('fails', null)).toMatchObject({
    runtimeStatus: 'Failed',
    output: expect.stringContaining('attempt 1') as string,
  });
  await host.stop(2000);
});

it('takes a class, a function or a promise for what cannot cross', () => {
  for (const value of [new Date(), () => 1, Promise.resolve(), new Map(), Symbol('s'), 1n, new Error('e')])
    expect(() => assertRpcShaped({ deep: [value] })).toThrow('value.deep[0] is not RPC-shaped');
  expect(() =>
    assertRpcShaped({ a: [1, null, undefined, true, new Uint8Array(1), { b: 'text' }] }),
  ).not.toThrow();
});
