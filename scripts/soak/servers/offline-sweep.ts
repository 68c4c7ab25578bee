/** What the sweep for silent servers costs when all are healthy, by the number of stored servers. */
import { containers } from '../../../functions/containers';
import { markServersOffline } from '../../../functions/servers';
import { heartbeatAt, heartbeatType } from '../../../functions/servers/heartbeat';
import { startTestCosmos } from '../../../infra/local/cosmos/testing';
import { Database, provisionDatabase } from '../../../shared/cosmos/database';
import { derivedId } from '../../../shared/ids';
import { lineLog } from '../../../shared/telemetry/telemetry';

const NOW = new Date('2030-01-01T00:00:00.000Z');

/** Requests of one run with so many healthy servers. */
export async function requestsOfSweep(servers: number): Promise<number> {
  let requests = 0;
  const cosmos = await startTestCosmos({
    middleware: (request, next) => {
      requests += 1;
      return next(request);
    },
  });
  try {
    await provisionDatabase(cosmos.client, 'sweep', containers);
    const database = new Database(cosmos.client, 'sweep');
    const heartbeat = heartbeatAt(NOW, NOW.toISOString(), undefined, undefined);
    for (let index = 0; index < servers; index += 1)
      await database
        .presence('contoso', derivedId('server', String(index)))
        .create(heartbeatType, { ...heartbeat, state: undefined });
    const run = { receivingSince: new Date(0) };
    const services = { database, clock: { now: () => NOW } };
    const failing = lineLog((line) => {
      throw new Error(line);
    });
    // The first run also asks for the account.
    await markServersOffline(services, failing, run);
    requests = 0;
    await markServersOffline(services, failing, run);
    return requests;
  } finally {
    await cosmos.close();
  }
}
