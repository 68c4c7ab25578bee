/** Injected faults as seen by a client of the real SDK. */
import { type Container, type ErrorResponse, type OperationInput } from '@azure/cosmos';
import { createCosmosGateway } from './gateway';
import { startTestCosmos, type TestCosmos } from './testing';

interface Doc {
  id: string;
  n: number;
}

let cosmos: TestCosmos;
let container: Container;

beforeEach(async () => {
  cosmos = await startTestCosmos();
  const { database } = await cosmos.client.databases.create({ id: 'db' });
  ({ container } = await database.containers.create({ id: 'things', partitionKey: '/pk' }));
  await container.items.create({ id: 'a', pk: 'p', n: 1 });
});

afterEach(() => cosmos.close());

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    ({ code, substatus }: ErrorResponse) => (substatus ? `${code}/${substatus}` : code),
  );
const read = () => container.item('a', 'p').read<Doc>();
const create = (id: string) => container.items.create({ id, pk: 'p', n: 1 });
const increment = (etag: string) =>
  container
    .item('a', 'p')
    .patch([{ op: 'incr', path: '/n', value: 1 }], { accessCondition: { type: 'IfMatch', condition: etag } });
const query = () => container.items.query<Doc>('SELECT * FROM c', { partitionKey: 'p' }).fetchAll();
const docs = '/dbs/db/colls/things/docs';

describe('throttling', () => {
  it('makes the SDK wait as long as the answer says, and then the call succeeds', async () => {
    cosmos.injectFault({ path: `${docs}/a`, times: 2, effect: { do: 'throttle', retryAfterSeconds: 0 } });
    const { statusCode, headers } = await read();
    expect(statusCode).toBe(200);
    expect(headers['x-ms-throttle-retry-count']).toBe(2);
  });

  it('reports wait and substatus when the SDK gives up waiting', async () => {
    cosmos.injectFault({ path: docs, times: null, effect: { do: 'throttle', retryAfterSeconds: 0 } });
    const error = await create('b').catch((thrown: ErrorResponse) => thrown);
    expect(error).toMatchObject({ code: 429, substatus: 3200 });
    expect(error.headers).toMatchObject({ 'x-ms-retry-after-ms': '0', 'x-ms-throttle-retry-count': 9 });
  });

  it('of a bulk request makes the SDK wait, operation by operation', async () => {
    cosmos.injectFault({ method: 'BATCH', effect: { do: 'throttle', retryAfterSeconds: 0 } });
    const operations = ['b', 'c'].map((id): OperationInput => ({
      operationType: 'Create',
      partitionKey: 'p',
      resourceBody: { id, pk: 'p' },
    }));
    const results = await container.items.executeBulkOperations(operations);
    expect(results.map(({ response }) => response?.statusCode)).toEqual([201, 201]);
  });
});

describe('refusals', () => {
  it.each([
    [{ status: 449, code: 'RetryWith' }, 449],
    [{ status: 410 }, '410/1002'],
    [{ status: 403, code: '5300' }, '403/5300'],
    [{ status: 408 }, 408],
    [{ status: 500 }, 500],
  ])('%j reaches the caller of a write, which is not carried out', async (refusal, code) => {
    cosmos.injectFault({ method: 'POST', path: docs, times: null, effect: { do: 'refuse', ...refusal } });
    expect(await codeOf(create('b'))).toBe(code);
    expect((await query()).resources).toHaveLength(1);
  });

  it('with 503 is retried once by the SDK', async () => {
    cosmos.injectFault({ path: `${docs}/a`, effect: { do: 'refuse' } });
    expect((await read()).statusCode).toBe(200);
  });

  it('of a batch reaches the caller as a whole', async () => {
    cosmos.injectFault({ method: 'BATCH', effect: { do: 'refuse', status: 449 } });
    const batch = () =>
      container.items.batch([{ operationType: 'Create', resourceBody: { id: 'b', pk: 'p' } }], 'p');
    await expect(batch()).rejects.toThrow();
    expect((await batch()).code).toBe(200);
  });
});

describe('lost connections', () => {
  it('before the call are retried by the SDK for reads', async () => {
    cosmos.injectFault({ path: `${docs}/a`, times: 2, effect: { do: 'disconnect' } });
    expect((await read()).resource?.n).toBe(1);
    cosmos.injectFault({ method: 'QUERY', effect: { do: 'disconnect' } });
    expect((await query()).resources).toHaveLength(1);
  }, 30_000);

  it('before a write reach the caller, who may repeat it', async () => {
    cosmos.injectFault({ method: 'POST', path: docs, effect: { do: 'disconnect' } });
    expect(await codeOf(create('b'))).toBe('ECONNRESET');
    expect(await codeOf(create('b'))).toBe('no error');
  });

  it('after a creation leave the caller with 409 when it repeats it', async () => {
    cosmos.injectFault({ method: 'POST', path: docs, effect: { do: 'failAfterSuccess' } });
    expect(await codeOf(create('b'))).toBe('ECONNRESET');
    expect(await codeOf(create('b'))).toBe(409);
  });

  it('after a change leave the caller with 412 when it repeats it', async () => {
    const { etag } = await read();
    cosmos.injectFault({ method: 'PATCH', effect: { do: 'failAfterSuccess' } });
    expect(await codeOf(increment(etag))).toBe('ECONNRESET');
    expect(await codeOf(increment(etag))).toBe(412);
    expect((await read()).resource?.n).toBe(2);
  });

  it('after the write may also look like an error of the service', async () => {
    cosmos.injectFault({ method: 'POST', path: docs, effect: { do: 'failAfterSuccess', status: 500 } });
    expect(await codeOf(create('b'))).toBe(500);
    expect(await codeOf(create('b'))).toBe(409);
  });
});

describe('other effects', () => {
  it('carry a call out twice: the second creation changes nothing', async () => {
    cosmos.injectFault({ method: 'POST', path: docs, effect: { do: 'duplicate' } });
    expect((await create('b')).statusCode).toBe(201);
    expect((await query()).resources).toHaveLength(2);
  });

  it('carry an unconditional increment out twice', async () => {
    cosmos.injectFault({ method: 'PATCH', effect: { do: 'duplicate' } });
    await container.item('a', 'p').patch([{ op: 'incr', path: '/n', value: 1 }]);
    expect((await read()).resource?.n).toBe(3);
  });

  it('hold a write back until another one has overtaken it', async () => {
    cosmos.injectFault({ method: 'PUT', path: `${docs}/a`, effect: { do: 'reorder', seconds: 60 } });
    const replace = (n: number) => container.item('a', 'p').replace({ id: 'a', pk: 'p', n });
    const first = replace(2);
    await replace(3);
    await first;
    expect((await read()).resource?.n).toBe(2);
  });

  it('distinguish queries, their plans, batches and single calls, by path and body', async () => {
    const everything = { times: null, effect: { do: 'refuse', status: 418 } };
    cosmos.injectFault({ ...everything, method: 'QUERY', body: 'c.other' });
    cosmos.injectFault({ ...everything, method: 'PLAN' });
    cosmos.injectFault({ ...everything, method: 'GET', path: `${docs}/with space` });
    expect((await query()).resources).toHaveLength(1);
    expect(await codeOf(container.items.query('SELECT * FROM c WHERE c.other = 1').fetchAll())).toBe(418);
    expect(
      await codeOf(
        container.items.query('SELECT * FROM c ORDER BY c.id', { forceQueryPlan: true }).fetchAll(),
      ),
    ).toBe(418);
    expect(await codeOf(container.item('with space', 'p').read())).toBe(418);
    expect((await read()).statusCode).toBe(200);
  });
});

describe('/local/faults', () => {
  it('injects, lists and removes on the port of the gateway, without authorization', async () => {
    const gateway = createCosmosGateway({ masterKey: 'a2V5' });
    const url = await gateway.listen(0);
    const ask = async (method: string, path = '', body?: object) => {
      const init = { method, ...(body && { body: JSON.stringify(body) }) };
      const response = await fetch(`${url}/local/faults${path}`, init);
      const text = await response.text();
      return {
        status: response.status,
        body: text === '' ? undefined : (JSON.parse(text) as { id: string }),
      };
    };
    const order = { standIn: 'cosmos', method: 'GET', path: '/dbs', effect: { do: 'disconnect' } };
    const { status, body } = await ask('POST', '', order);
    expect(status).toBe(201);
    expect((await ask('GET')).body).toMatchObject({ value: [{ ...order, met: 0 }] });
    await expect(fetch(`${url}/dbs`)).rejects.toThrow('fetch failed');
    expect((await ask('GET')).body).toMatchObject({ value: [{ met: 1 }] });
    expect((await ask('DELETE', `/${body?.id}`)).status).toBe(204);
    expect((await ask('GET')).body).toEqual({ value: [] });
    expect(await ask('POST', '', { standIn: 'cosmos' })).toMatchObject({
      status: 400,
      body: { status: 400 },
    });
    const broken = await fetch(`${url}/local/faults`, { method: 'POST', body: '{' });
    expect(broken.status).toBe(400);
    await gateway.close();
  });
});

describe('middleware', () => {
  it('wraps every request and may answer itself', async () => {
    const gateway = createCosmosGateway({
      middleware: async () => ({ status: 503, headers: {}, body: '{}' }),
    });
    const request = { method: 'GET', origin: 'https://cosmos.test', path: '/', headers: {}, body: '' };
    expect((await gateway.handler(request)).status).toBe(503);
    await gateway.close();
  });
});
