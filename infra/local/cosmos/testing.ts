/** The gateway for tests: in memory and in process, behind the real SDK, without a port. */
import { createHttpHeaders, RestError } from '@azure/core-rest-pipeline';
import { CosmosClient, type CosmosClientOptions } from '@azure/cosmos';
import { faultSchema, type InjectedFault } from '../faults/fault';
import { FaultRegistry } from '../faults/fault-registry';
import { BrokenConnectionError } from '../faults/fault-injector';
import { createCosmosGateway, type CosmosGatewayOptions } from './gateway';
import { type Handler } from './message';

type HttpClient = NonNullable<CosmosClientOptions['httpClient']>;

/** Any base64 text will do: only the test uses this account. */
const testKey = Buffer.from('key of the account in memory').toString('base64');

export interface TestCosmos {
  readonly client: CosmosClient;
  /** Injects a fault, as `POST /local/faults` does; its stand-in need not be named. */
  injectFault(fault: object): InjectedFault;
  close(): Promise<void>;
}

/**
 * A client connected to a fresh, empty, strict account.
 * @param options change the gateway, such as `now` for a clock of your own or `staleSeconds` for reads that lag
 */
export async function startTestCosmos(options: CosmosGatewayOptions = {}): Promise<TestCosmos> {
  const faults = options.faults ?? new FaultRegistry();
  const gateway = createCosmosGateway({ strict: true, masterKey: testKey, ...options, faults });
  const client = new CosmosClient({
    endpoint: 'https://cosmos.test',
    key: options.masterKey ?? testKey,
    httpClient: inProcessClient(gateway.handler),
  });
  return {
    client,
    injectFault: (fault) => faults.inject(faultSchema.parse({ standIn: 'cosmos', ...fault })),
    close: async () => {
      client.dispose();
      await gateway.close();
    },
  };
}

/** Hands the SDK's requests to the gateway, and its answers back; a broken connection looks as over a socket. */
export function inProcessClient(handler: Handler): HttpClient {
  return {
    async sendRequest(request) {
      const { origin, pathname } = new URL(request.url);
      const response = await handler({
        method: request.method,
        origin,
        path: pathname,
        headers: request.headers.toJSON(),
        body: typeof request.body === 'string' ? request.body : '',
      }).catch((cause: unknown) => {
        if (!(cause instanceof BrokenConnectionError)) throw cause;
        throw new RestError('socket hang up', { code: 'ECONNRESET', request });
      });
      const headers = createHttpHeaders(response.headers);
      return { request, status: response.status, headers, bodyAsText: response.body };
    },
  };
}
