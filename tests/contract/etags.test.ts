/** Every answer that shows a versioned resource carries its ETag, and GET answers 304 to who has it. */
import { operations } from '../../functions/operations';
import type { Operation } from '../../shared/http/operation';
import { createTestCustomer, type CustomerRequest, type TestCustomer } from '../support/customer-requests';
import { fillPath, rawRequest } from '../support/raw-request';
import { startService, type TestService } from '../support/service';
import { validRequest } from '../support/valid-requests';

/**
 * They show what changes without a change of the resource: the last heartbeat, likes, whether a secret has expired,
 * what a server has applied.
 */
const WITHOUT_304 = [
  'getEventTriggerTemplate',
  'getHostConnection',
  'getSecureClient',
  'getServer',
  'getServerSettings',
];

let service: TestService;
let customer: TestCustomer;
let token: string;

beforeAll(async () => {
  service = await startService();
  customer = await createTestCustomer(service, 'contoso');
  token = await service.token();
}, 120_000);

afterAll(() => service.stop());

function send(operation: Operation, { params, body, headers }: CustomerRequest, more: object = {}) {
  const bearer = operation.access === 'cloud-client' ? customer.serverToken : token;
  return rawRequest(service.url, {
    method: operation.method,
    path: fillPath(operation.path, params),
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
      ...more,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const versioned = operations.filter(({ etag }) => etag);
const shown = versioned.filter(({ method }) => method === 'GET');

it('OPS-2: each operation that answers with a versioned resource declares its ETag', () => {
  const views = new Set(shown.map(({ success }) => success.body));
  const undeclared = operations.filter(({ success, etag }) => views.has(success.body) && !etag);
  expect(undeclared.map(({ id }) => id)).toEqual([]);
});

it('OPS-2: each operation whose ETag covers all that it shows declares 304', () => {
  const without = shown.filter(({ otherStatuses = {} }) => !(304 in otherStatuses));
  expect(without.map(({ id }) => id).sort()).toEqual(WITHOUT_304);
});

test.each(versioned.map((operation) => [operation.id, operation] as const))(
  'OPS-2: %s carries the ETag of what it shows',
  async (_id, operation) => {
    const answer = await send(operation, await validRequest(operation.id, customer));
    expect(answer.status).toBeLessThan(300);
    expect(answer.headers.etag).toMatch(/^"[^"]+"$/);
  },
);

test.each(shown.map((operation) => [operation.id, operation] as const))(
  'OPS-2: %s answers 304 to who has this version, where it does so at all',
  async (id, operation) => {
    const request = await validRequest(id, customer);
    const { etag = '' } = (await send(operation, request)).headers;
    const status = WITHOUT_304.includes(id) ? 200 : 304;
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await send(operation, request, { 'if-none-match': header });
      expect([header, answer.status, answer.headers.etag]).toEqual([header, status, etag]);
      if (status === 304) expect(answer.text).toBe('');
    }
    for (const header of ['"other"', etag.replaceAll('"', ''), ''])
      expect((await send(operation, request, { 'if-none-match': header })).status).toBe(200);
  },
);

it('OPS-2: PUT that creates answers 201 with the place, and 200 for a change', async () => {
  const create = operations.find(({ ifMatch }) => ifMatch === 'whenExists');
  if (!create) throw new Error('no PUT creates');
  const request = await validRequest(create.id, customer);
  const created = await send(create, request);
  expect(created).toMatchObject({
    status: 201,
    headers: { location: fillPath(create.path, request.params) },
  });
  const changed = await send(create, request, { 'if-match': created.headers.etag });
  expect(changed.status).toBe(200);
  expect(changed.headers.location).toBeUndefined();
});
