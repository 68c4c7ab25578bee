/** A `Worker` whose app runs in a process of its own; only data that could be sent over gRPC is passed. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type FunctionMetadata, type RpcInvocationResponse, type RpcLog } from '../worker/rpc';
import { type Worker } from '../worker/worker';
import { type Call } from './app-process';
import { assertRpcShaped } from './rpc-shaped';

type Message =
  | { readonly kind: 'loaded'; readonly functions: readonly FunctionMetadata[]; readonly httpUri?: string }
  | { readonly kind: 'log'; readonly entry: RpcLog }
  | { readonly kind: 'answer'; readonly id: number; readonly result: RpcInvocationResponse };

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;

/** `processFile` is the bundle of `app-process.ts`. Resolves when the app is loaded. */
export async function startProcessWorker(
  processFile: string,
  appFile: string,
  hostUrl: string,
  writeLog: (entry: RpcLog) => void,
): Promise<Worker> {
  // With `advanced`, bytes stay bytes.
  const child = fork(processFile, [appFile, hostUrl], { serialization: 'advanced' });
  const waiting = new Map<number, (result: RpcInvocationResponse) => void>();
  let lastId = 0;
  const call = (request: Unnumbered<Call>): Promise<RpcInvocationResponse> =>
    new Promise((resolve) => {
      assertRpcShaped(request);
      lastId += 1;
      waiting.set(lastId, resolve);
      child.send({ ...request, id: lastId });
    });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The worker ended with ${code}`)));
    child.on('message', (message: Message) => {
      if (message.kind === 'log') writeLog(message.entry);
      else if (message.kind === 'answer') waiting.get(message.id)?.(message.result);
      else
        resolve({
          functions: message.functions,
          httpUri: message.httpUri,
          invoke: (name, request) => call({ kind: 'invoke', name, request }),
          stop: async () => {
            await call({ kind: 'stop' });
            const ended = once(child, 'exit');
            child.kill();
            await ended;
          },
        });
    });
  });
}
