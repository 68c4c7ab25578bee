/** The gateway for tests: in memory and in process, behind the real SDK, without a port. */
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { CosmosClient, type CosmosClientOptions } from '@azure/cosmos';
import { createCosmosGateway, type CosmosGatewayOptions } from './gateway';
import { type Handler } from './message';

type HttpClient = NonNullable<CosmosClientOptions['httpClient']>;

/** Any base64 text will do: nothing but the test knows this account. */
const testKey = Buffer.from('key of the account in memory').toString('base64');

export interface TestCosmos {
  readonly client: CosmosClient;
  close(): Promise<void>;
}

/**
 * A client connected to a fresh, empty, strict account.
 * @param options change the gateway: `now` for a clock of your own, `middleware` for planted faults
 */
export async function startTestCosmos(options: CosmosGatewayOptions = {}): Promise<TestCosmos> {
  const gateway = createCosmosGateway({ strict: true, masterKey: testKey, ...options });
  const client = new CosmosClient({
    endpoint: 'https://cosmos.test',
    key: options.masterKey ?? testKey,
    httpClient: inProcessClient(gateway.handler),
  });
  return {
    client,
    close: async () => {
      client.dispose();
      await gateway.close();
    },
  };
}

/** Hands the SDK's requests to the gateway, and its answers back. */
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
      });
      const headers = createHttpHeaders(response.headers);
      return { request, status: response.status, headers, bodyAsText: response.body };
    },
  };
}
