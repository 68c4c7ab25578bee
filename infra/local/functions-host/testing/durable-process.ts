/** A durable fixture app in a host process, and the calls that tests make on it. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleHost, eventually, type HostProcess, startHostProcess, temporaryFolder } from './processes';

export interface OrchestrationStatus {
  readonly instanceId: string;
  readonly runtimeStatus: string;
  readonly output: unknown;
  readonly customStatus: unknown;
}

/** Bundles once; `start` runs a host on the folder's storage, as often as wanted. `app` is the path of its app's source. */
export function durableFixture(app = require.resolve('./durable.app.ts')) {
  const { folder, remove } = temporaryFolder();
  const bundles = bundleHost(folder, app);
  const hostJson = path.join(folder, 'host.json');
  const effects = path.join(folder, 'effects');
  writeFileSync(hostJson, JSON.stringify({ version: '2.0', extensions: { http: { routePrefix: '' } } }));
  writeFileSync(effects, '');
  const flags = ['--app', bundles.app, '--port', '0', '--host-json', hostJson, '--storage-dir', folder];
  return {
    remove,
    start: () => startHostProcess(bundles.host, flags, { EFFECTS: effects }),
    /** What activities have done so far. */
    effects: () => readFileSync(effects, 'utf8').split('\n').slice(0, -1),
  };
}

/** Calls the durable client of the SDK inside the app. Rejects with what it throws. */
export async function durableClient<Result>(
  host: HostProcess,
  call: string,
  ...args: unknown[]
): Promise<Result> {
  const response = await fetch(`${host.url}/client`, {
    method: 'POST',
    body: JSON.stringify({ call, args }),
  });
  const { result, error } = (await response.json()) as { result: Result; error?: string };
  if (error !== undefined) throw new Error(error);
  return result;
}

export function statusOf(host: HostProcess, instanceId: string): Promise<OrchestrationStatus> {
  return durableClient<OrchestrationStatus>(host, 'getStatus', instanceId);
}

export function eventuallyStatus(
  host: HostProcess,
  instanceId: string,
  isReached: (status: OrchestrationStatus) => boolean,
): Promise<OrchestrationStatus> {
  return eventually(`status of ${instanceId}`, async () => {
    const status = await statusOf(host, instanceId);
    return isReached(status) ? status : undefined;
  });
}

export function ended(host: HostProcess, instanceId: string): Promise<OrchestrationStatus> {
  return eventuallyStatus(host, instanceId, ({ runtimeStatus }) =>
    /Completed|Failed|Terminated/.test(runtimeStatus),
  );
}

/** Starts an orchestration and waits for its end. */
export async function orchestrate(
  host: HostProcess,
  name: string,
  input?: unknown,
): Promise<OrchestrationStatus> {
  return ended(host, await durableClient<string>(host, 'startNew', name, { input }));
}
