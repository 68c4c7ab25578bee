import { SecretClient } from '@azure/keyvault-secrets';
import { FaultRegistry } from '../faults/fault-registry';
import { answerFaultRequest } from '../faults/fault-requests';
import { problemBody } from '../stand-in-support/errors';
import { jsonBody, serve, type Handler, type LocalServer } from '../stand-in-support/server';
import { freeBasePort } from '../stack/ports';
import { startTestAzure, type TestAzure } from './test-azure';
import { faultClient, type FaultClient } from './test-fault-client';

/** What the gateway serves, which is a process of its own. */
class Gateway {
  private server: LocalServer | undefined;
  private readonly registry = new FaultRegistry();

  async start(port: number): Promise<void> {
    const answer: Handler = (request) =>
      answerFaultRequest(this.registry, {
        method: request.method,
        path: request.url.pathname,
        body: request.method === 'POST' ? jsonBody(request) : undefined,
      });
    this.server = await serve({
      name: 'gateway',
      port,
      tls: test.options.tls,
      routes: {
        'POST /local/faults': answer,
        'GET /local/faults': answer,
        'DELETE /local/faults': answer,
        'DELETE /local/faults/{id}': answer,
      },
      errorBody: problemBody,
    });
  }

  async stop(): Promise<void> {
    await this.server?.close();
  }
}

let test: TestAzure;
let faults: FaultClient;
let cosmosPort: number;
const gateway = new Gateway();
beforeAll(async () => {
  cosmosPort = await freeBasePort();
  test = await startTestAzure({ cosmosUrl: `https://127.0.0.1:${cosmosPort}` });
  faults = faultClient(test.loginUrl);
  await gateway.start(cosmosPort);
});
afterAll(async () => {
  await gateway.stop();
  await test.close();
});
afterEach(() => faults.clear());

const remove = async (id: string): Promise<number> =>
  (await fetch(`${test.loginUrl}/local/faults/${id}`, { method: 'DELETE' })).status;

const refuse = (standIn: string) => ({ standIn, effect: { do: 'refuse' } });

it('LOC-4: injects and lists the faults of this process and of the gateway as one', async () => {
  const mine = await faults.inject(refuse('email'));
  const gateways = await faults.inject(refuse('cosmos'));
  expect(await faults.list()).toEqual([mine, gateways]);
});

it('removes one by its id, wherever it is, and all', async () => {
  const mine = await faults.inject(refuse('email'));
  const gateways = await faults.inject(refuse('cosmos'));
  expect([await remove(mine.id), await remove(gateways.id), await remove(mine.id)]).toEqual([204, 204, 404]);
  await faults.inject(refuse('email'));
  await faults.inject(refuse('cosmos'));
  await faults.clear();
  expect(await faults.list()).toEqual([]);
});

it('says what is wrong with a fault, and which stand-ins there are', async () => {
  await expect(faults.inject(refuse('toaster'))).rejects.toThrow(/400.*cosmos.*blob.*smtp/s);
  await expect(faults.inject({ standIn: 'cosmos', effect: { do: 'burn' } })).rejects.toThrow(/400.*effect/s);
});

it('is never under a fault itself, although the login server is', async () => {
  await faults.inject({ ...refuse('login'), times: null });
  expect(await faults.list()).toHaveLength(1);
  expect((await fetch(`${test.loginUrl}/local/token?role=FullAdmin`)).status).toBe(200);
  expect((await fetch(`${test.loginUrl}/common/discovery/v2.0/keys`)).status).toBe(503);
});

it('holds without the gateway, whose faults end with it', async () => {
  await gateway.stop();
  try {
    const mine = await faults.inject(refuse('email'));
    expect(await faults.list()).toEqual([mine]);
    await expect(faults.inject(refuse('cosmos'))).rejects.toThrow('does not run');
    expect(await remove('unknown')).toBe(404);
    await faults.clear();
  } finally {
    await gateway.start(cosmosPort);
  }
});

describe('each service refuses in its own words', () => {
  /** The answer while `fault` is injected. */
  async function answered(fault: object, url: string, scope: string, init: RequestInit = {}) {
    const headers = {
      authorization: `Bearer ${(await test.credential.getToken(scope)).token}`,
      ...init.headers,
    };
    await faults.inject(fault);
    const response = await fetch(url, { ...init, headers });
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: await response.json(),
    };
  }
  const throttle = { do: 'throttle', retryAfterSeconds: 4 };

  it('Key Vault', async () => {
    const url = `${test.keyVaultUrl}/secrets/a?api-version=7.6`;
    const scope = 'https://vault.azure.net/.default';
    expect(await answered({ standIn: 'keyVault', effect: throttle }, url, scope)).toMatchObject({
      status: 429,
      retryAfter: '4',
      body: {
        error: {
          code: 'Throttled',
          message: expect.stringContaining('VaultRequestTypeLimitReached') as string,
        },
      },
    });
    const effect = { do: 'refuse', status: 403, code: 'Forbidden' };
    expect(await answered({ standIn: 'keyVault', effect }, url, scope)).toMatchObject({
      status: 403,
      retryAfter: null,
      body: { error: { code: 'Forbidden' } },
    });
  });

  it.each([
    [
      'eventGrid',
      () => `${test.topicEndpoint}?api-version=2018-01-01`,
      'https://eventgrid.azure.net/.default',
    ],
    [
      'email',
      () => `${test.emailEndpoint}/emails:send?api-version=2025-09-01`,
      'https://communication.azure.com/.default',
    ],
  ])('%s', async (standIn, url, scope) => {
    const init = { method: 'POST', body: '[]' };
    expect(await answered({ standIn, effect: throttle }, url(), scope, init)).toMatchObject({
      status: 429,
      retryAfter: '4',
      body: { error: { code: 'TooManyRequests' } },
    });
    expect(await answered(refuse(standIn), url(), scope, init)).toMatchObject({
      status: 503,
      body: { error: { code: 'ServiceUnavailable' } },
    });
  });

  it('Entra, whose error the credential reports', async () => {
    const token = () => test.credential.getToken('https://fresh.example/.default');
    const effect = { do: 'refuse', status: 401, code: 'AADSTS7000222' };
    await faults.inject({ standIn: 'login', path: '*/oauth2/v2.0/token', effect });
    await expect(token()).rejects.toThrow(/AADSTS7000222/);
    await faults.inject({ standIn: 'login', path: '*/oauth2/v2.0/token', effect: throttle, times: null });
    const { tenantId } = test.options.principal;
    const response = await fetch(`${test.loginUrl}/${tenantId}/oauth2/v2.0/token`, { method: 'POST' });
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('4');
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable', error_codes: [90055] });
  });
});

describe('Key Vault under faults', () => {
  const vault = (maxRetries: number): SecretClient =>
    new SecretClient(test.keyVaultUrl, test.credential, {
      disableChallengeResourceVerification: true,
      retryOptions: { maxRetries, retryDelayInMs: 1, maxRetryDelayInMs: 1 },
    });

  it('is tried again by the client, which then succeeds', async () => {
    const effect = { do: 'throttle', retryAfterSeconds: 0 };
    await faults.inject({ standIn: 'keyVault', method: 'PUT', times: 2, effect });
    expect(await vault(3).setSecret('again', 'value')).toMatchObject({ value: 'value' });
    expect(await faults.list()).toMatchObject([{ met: 2 }]);
  });

  it('affects requests with a token, not the unauthenticated challenge request', async () => {
    const fault = {
      standIn: 'keyVault',
      method: 'PUT',
      path: '/secrets/once',
      effect: { do: 'failAfterSuccess' },
    };
    await faults.inject(fault);
    await expect(vault(0).setSecret('once', 'value')).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(await vault(0).getSecret('once')).toMatchObject({ value: 'value' });
  });
});
