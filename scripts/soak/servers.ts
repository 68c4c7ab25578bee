/** The suite of servers: many simulated ones against one service; what a heartbeat costs, and no command lost or doubled. */
import { withoutRequestLimits } from '../../infra/local/stack/environment';
import { provisioner } from '../../infra/local/stack/provision';
import { type Stack, startStack } from '../../infra/local/stack/stack';
import { storage } from '../../functions/storage';
import { isUuid } from '../../shared/ids';
import { mapConcurrently } from '../../shared/pure/map-concurrently';
import { Connection } from '../cloud-client/connection';
import { line, table } from '../demo/print';
import { RetryingAdministrator } from './journey/retrying-administrator';
import { latenciesOf } from './noisy-neighbor/latencies';
import type { SoakOptions } from './options';
import { LightServer } from './servers/light-server';
import { requestsOfSweep } from './servers/offline-sweep';

const CUSTOMER = 'soak';
const CONCURRENT = 8;
const MAX_REQUESTS_PER_HEARTBEAT = 2;
/** Servers that get a command, and that have a session, in the busy part. */
const EACH = 5;

/** Half of the time the servers are idle, then they get commands and have sessions. @throws Error with what was found */
export async function soakServers({ count, minutes }: Pick<SoakOptions, 'count' | 'minutes'>): Promise<void> {
  const sweeps = { few: await requestsOfSweep(10), many: await requestsOfSweep(5_000) };
  const stack = await startStack({
    ephemeral: true,
    provision: provisioner(storage),
    env: withoutRequestLimits,
  });
  try {
    const administrator = new RetryingAdministrator(stack.url, CUSTOMER);
    const servers = await registerAll(stack, administrator, count);
    const requests = await idle(stack, servers, (minutes * 60_000) / 2);
    const wrong = await busy(administrator, servers, (minutes * 60_000) / 2);
    const { count: heartbeats, p99Ms } = latenciesOf(servers.flatMap(({ heartbeatMs }) => heartbeatMs));
    table(
      ['measured', 'value'],
      [
        ['heartbeats', heartbeats],
        ['heartbeat p99, ms', Math.round(p99Ms)],
        ['Cosmos requests per idle heartbeat', requests.toFixed(2)],
        ['Cosmos requests of an offline sweep, 10 servers', sweeps.few],
        ['Cosmos requests of an offline sweep, 5,000 servers', sweeps.many],
      ],
    );
    if (requests > MAX_REQUESTS_PER_HEARTBEAT) wrong.push(`${requests} Cosmos requests per heartbeat`);
    if (sweeps.few !== sweeps.many) wrong.push('the offline sweep costs more with more healthy servers');
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
  } finally {
    await stack.stop();
  }
}

async function registerAll(stack: Stack, administrator: RetryingAdministrator, count: number) {
  const secret = await administrator.post<{ clientId: string; secret: string }>('/secureClients', {
    name: 'Soak',
  });
  const credentials = { clientId: secret.clientId, clientSecret: secret.secret };
  const connection = new Connection(stack.url, credentials);
  const servers = Array.from({ length: count }, (_, index) => new LightServer(connection, index));
  await mapConcurrently(servers, CONCURRENT, async (server) => {
    await server.register();
    await server.heartbeat();
  });
  line(`${count} servers registered`);
  return servers;
}

/** Requests of the customer's partitions per heartbeat. */
async function idle(stack: Stack, servers: readonly LightServer[], milliseconds: number): Promise<number> {
  const before = await requestsOf(stack);
  const known = heartbeatsOf(servers);
  await workAll(servers, milliseconds);
  return ((await requestsOf(stack)) - before) / Math.max(1, heartbeatsOf(servers) - known);
}

/** What was lost or doubled. */
async function busy(
  administrator: RetryingAdministrator,
  servers: readonly LightServer[],
  milliseconds: number,
): Promise<string[]> {
  const some = servers.filter((_, index) => index % EACH === 0);
  await mapConcurrently(some, CONCURRENT, async (server) => {
    await administrator.post(`/servers/${server.id}/services/refresh`);
    await server.playSession();
  });
  // Each has at least one heartbeat.
  await workAll(servers, Math.max(milliseconds, 95_000));
  const wrong = servers.flatMap(({ id, delivered }, index) => {
    const expected = index % EACH === 0 ? 1 : 0;
    return delivered.length === expected
      ? []
      : [`server ${id}: ${delivered.length} commands, not ${expected}`];
  });
  line(`${some.length} commands and sessions, ${wrong.length} lost or doubled`);
  return wrong;
}

async function workAll(servers: readonly LightServer[], milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds;
  await Promise.all(servers.map((server) => server.work(until)));
}

function heartbeatsOf(servers: readonly LightServer[]): number {
  return servers.reduce((sum, { heartbeatMs }) => sum + heartbeatMs.length, 0);
}

/** Requests for partitions of customers, who are the only ones with ids of this form. */
async function requestsOf({ ports }: Stack): Promise<number> {
  const answer = await fetch(`https://127.0.0.1:${ports.cosmos}/local/requests`);
  const counts = (await answer.json()) as Record<string, number>;
  return Object.entries(counts).reduce((sum, [name, value]) => sum + (isUuid(name) ? value : 0), 0);
}
