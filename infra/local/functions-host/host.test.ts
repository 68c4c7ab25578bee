import { EventEmitter, once } from 'node:events';
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
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
  const calls = new EventEmitter();
  const called = once(calls, 'call');
  const host = await start(async () => {
    calls.emit('call');
    await sleep(200);
    return { bytes: body };
  });
  const answer = fetch(`${host.url}/work`);
  await called;
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
  const calls = new EventEmitter();
  const called = once(calls, 'call');
  const host = await start(() => {
    calls.emit('call');
    return new Promise(() => undefined);
  });
  const answer = fetch(`${host.url}/work`).catch(() => 'cut off');
  await called;
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

describe('a client that pipelines', () => {
  const REQUEST = 'GET /work HTTP/1.1\r\nHost: host\r\n\r\n';
  const connectTo = (host: RunningHost) => connect(Number(new URL(host.url).port), '127.0.0.1');

  it('and never reads has one answer held for it, as Kestrel does', async () => {
    let asked = 0;
    const body = Buffer.alloc(8_000_000);
    const host = await start(async () => {
      asked += 1;
      return { bytes: body };
    });
    const socket = connectTo(host).pause();
    socket.on('error', () => undefined);
    socket.write(REQUEST.repeat(10_000));
    await sleep(500);
    expect(asked).toBe(1);
    socket.destroy();
    await host.stop(1000);
    expect(asked).toBe(1);
  });

  it('and reads gets every answer, in order', async () => {
    let asked = 0;
    const host = await start(async () => ({ string: `<${(asked += 1)}>` }));
    const socket = connectTo(host);
    const count = 5_000;
    socket.write(REQUEST.repeat(count - 1));
    socket.write(REQUEST.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    const received = await text(socket);
    const numbers = [...received.matchAll(/<(\d+)>/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    await host.stop(1000);
  });

  it('and sends bodies between its requests gets every answer', async () => {
    const host = await start(async () => ({ string: 'done' }));
    const socket = connectTo(host);
    const body = 'x'.repeat(300_000);
    const post = `GET /work HTTP/1.1\r\nHost: host\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    socket.write(`${REQUEST}${post}${REQUEST}${post}`);
    socket.write(REQUEST.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    expect((await text(socket)).match(/done/g)).toHaveLength(5);
    await host.stop(1000);
  });
});
