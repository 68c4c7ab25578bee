import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningHost, startHost } from './host';
import { parseHostJson } from './host-settings';
import { temporaryFolder } from './testing/processes';
import { type FunctionMetadata, type RpcInvocationResponse, type TypedData } from './worker/rpc';

const { folder, remove } = temporaryFolder();
afterAll(remove);

function httpFunction(name: string): FunctionMetadata {
  const trigger = { type: 'httpTrigger', direction: 'in' as const, methods: ['GET'], authLevel: 'anonymous' };
  return { name, bindings: { trigger, $return: { type: 'http', direction: 'out' } } };
}

/** A host over a worker that answers GET /work by `answer`. */
function start(
  answer: () => Promise<TypedData>,
  settings: object = {},
  onFunctionTimeout?: () => void,
): Promise<RunningHost> {
  return startHost({
    port: 0,
    settings: parseHostJson(
      JSON.stringify({ version: '2.0', extensions: { http: { routePrefix: '' } }, ...settings }),
    ),
    storageDir: folder,
    environment: {},
    queueLeaseSeconds: 30,
    loadWorker: async () => ({
      functions: [httpFunction('work')],
      invoke: async (): Promise<RpcInvocationResponse> => {
        const http = { statusCode: '200', body: await answer() };
        return { status: 'success', outputData: [], returnValue: { http } };
      },
      stop: async () => undefined,
    }),
    print: () => undefined,
    ...(onFunctionTimeout && { onFunctionTimeout }),
  });
}

it('sends the whole answer of a function that ran when it was stopped, to a client that reads slowly', async () => {
  const body = randomBytes(16_000_000);
  const host = await start(async () => {
    await sleep(200);
    return { bytes: body };
  });
  const answer = fetch(`${host.url}/work`);
  await sleep(50);
  const stopped = host.stop(5000);
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of (await answer).body ?? []) {
    hash.update(chunk as Uint8Array);
    received += (chunk as Uint8Array).length;
    if (received % 1_000_000 < (chunk as Uint8Array).length) await sleep(10);
  }
  await stopped;
  expect(hash.digest('hex')).toBe(createHash('sha256').update(body).digest('hex'));
  await expect(fetch(`${host.url}/work`)).rejects.toThrow('fetch failed');
});

it('does not wait forever for a function that hangs when it is stopped', async () => {
  const host = await start(() => new Promise(() => undefined));
  const answer = fetch(`${host.url}/work`).catch(() => 'cut off');
  await sleep(50);
  await host.stop(100);
  expect(await answer).toBe('cut off');
});

it('fails a function that runs for longer than functionTimeout, and requests the end of its worker', async () => {
  const onTimeout = jest.fn();
  const host = await start(() => new Promise(() => undefined), { functionTimeout: '00:00:00.1' }, onTimeout);
  expect((await fetch(`${host.url}/work`)).status).toBe(500);
  expect(onTimeout).toHaveBeenCalledTimes(1);
  await host.stop(100);
});
