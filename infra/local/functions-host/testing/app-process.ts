/**
 * A worker in a process of its own: loads the app for the host at the other end of the IPC channel, and runs its
 * functions.
 */
import { loadApp } from '../worker/in-process-worker';
import { type RpcInvocationRequest } from '../worker/rpc';
import { assertRpcShaped } from './rpc-shaped';

/** A request of the host; answered under the same number. */
export type Call =
  | {
      readonly id: number;
      readonly kind: 'invoke';
      readonly name: string;
      readonly request: RpcInvocationRequest;
    }
  | { readonly id: number; readonly kind: 'stop' };

const [, , appFile = '', hostUrl = ''] = process.argv;
process.env.WEBSITE_HOSTNAME = new URL(hostUrl).host;

async function main(): Promise<void> {
  const worker = await loadApp(appFile, (entry) => process.send?.({ kind: 'log', entry }));
  process.on('message', (call: Call) => void answer(call));
  assertRpcShaped(worker.functions);
  process.send?.({ kind: 'loaded', functions: worker.functions, httpUri: worker.httpUri });

  async function answer(call: Call): Promise<void> {
    const result =
      call.kind === 'invoke' ? await worker.invoke(call.name, call.request) : await worker.stop();
    assertRpcShaped(result);
    process.send?.({ kind: 'answer', id: call.id, result });
  }
}

// The host has ended.
process.once('disconnect', () => process.exit(0));
void main();
