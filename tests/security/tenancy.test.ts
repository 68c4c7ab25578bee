/** Another customer's ids are unknown on every route: they cannot be distinguished from ids that do not exist. */
import { randomUUID } from 'node:crypto';
import { operations } from '../../functions/operations';
import {
  createTestCustomer,
  CUSTOMER_REQUESTS,
  type CustomerRequest,
  type TestCustomer,
} from '../support/customer-requests';
import { fillPath } from '../support/raw-request';
import { type Answer, type Api, startService, type TestService } from '../support/service';

/** What the caller names is its own: another customer's PUT creates its own mapping of a group, or own preferences. */
const CREATES_ITS_OWN = ['putAdministratorGroup', 'putPreferences'];

const naming = operations.filter(
  ({ id, path }) => (path.includes('{') || id in CUSTOMER_REQUESTS) && !CREATES_ITS_OWN.includes(id),
);

let service: TestService;
let owner: TestCustomer;
let stranger: TestCustomer;

beforeAll(async () => {
  service = await startService();
  owner = await createTestCustomer(service, 'contoso');
  stranger = await createTestCustomer(service, 'fabrikam');
}, 60_000);

afterAll(() => service.stop());

test.each(naming.map((operation) => [operation.id, operation] as const))(
  'IAM-1: %s answers its owner, and 404 another customer',
  async (id, { method, path, access, success }) => {
    const make = CUSTOMER_REQUESTS[id];
    if (!make) throw new Error(`tests/support/customer-requests.ts has no request for ${id}`);
    const by = (customer: TestCustomer): Api =>
      access === 'cloud-client' ? customer.server : customer.administrator;
    const send = (api: Api, request: CustomerRequest): Promise<Answer> =>
      api(method, fillPath(path, request.params), request);

    expect((await send(by(owner), await make(owner))).status).toBe(success.status);

    const request = await make(owner);
    const refused = await send(by(stranger), request);
    expect(refused).toMatchObject({ status: 404, body: { code: 'not-found', status: 404 } });

    // The same request is valid: it still succeeds for its owner.
    expect((await send(by(owner), request)).status).toBe(success.status);
  },
  60_000,
);

test('a group mapped by another customer does not change the mapping of its owner', async () => {
  const path = `/api/v1/administratorGroups/${randomUUID()}`;
  await owner.administrator('PUT', path, { body: { name: 'Ours', kind: 'readOnlyAdmin' } });
  await stranger.administrator('PUT', path, { body: { name: 'Theirs', kind: 'fullAdmin' } });
  expect((await owner.administrator('GET', path)).body).toMatchObject({
    name: 'Ours',
    kind: 'readOnlyAdmin',
  });
});

test('IAM-1: lists of another customer contain nothing of the owner', async () => {
  for (const path of ['/api/v1/sites', '/api/v1/servers', '/api/v1/recordings', '/api/v1/secureClients']) {
    const ours = await owner.administrator<{ value: { id: string }[] }>('GET', `${path}?top=200`);
    const theirs = await stranger.administrator<{ value: { id: string }[] }>('GET', `${path}?top=200`);
    const known = new Set(ours.body.value.map(({ id }) => id));
    expect(theirs.body.value.filter(({ id }) => known.has(id))).toEqual([]);
  }
});
