/** What GET shows can be edited and sent back by PUT or PATCH, for every resource that has both. */
import type { z } from 'zod';
import { operations } from '../../functions/operations';
import type { Operation } from '../../shared/http/operation';
import { createTestCustomer, type TestCustomer } from '../support/customer-requests';
import { fillPath } from '../support/raw-request';
import { type Answer, startService, type TestService } from '../support/service';
import { validRequest } from '../support/valid-requests';

/** No change is like the one before, also where all tests change one resource. */
let changes = 0;
/** A change of one field that can be changed; a new name unless listed. */
const CHANGES: Readonly<Record<string, () => object>> = {
  changeServer: () => ({ description: `Change ${(changes += 1)}` }),
  changeSiteSettings: () => ({ linkHost: `https://play${(changes += 1)}.example` }),
  changeServerSettings: () => ({ rollover: { maximumMegabytes: 50, maximumHours: (changes += 1) } }),
  putPlaybackPermission: () => ({ permission: 'none' }),
  putPreferences: () => ({ playerCacheMegabytes: 300 + (changes += 1) }),
};

const edits = operations.filter(
  ({ method, path, body }) =>
    (method === 'PUT' || method === 'PATCH') &&
    body !== undefined &&
    operations.some((other) => other.method === 'GET' && other.path === path),
);

type Body = Record<string, unknown>;
type Problem = { code: string; errors: { pointer: string; detail: string }[] };

let service: TestService;
let customer: TestCustomer;

beforeAll(async () => {
  service = await startService();
  customer = await createTestCustomer(service, 'contoso');
}, 120_000);

afterAll(() => service.stop());

/** One resource that the operation changes: what GET shows of it, and a request with the ETag of what was shown. */
async function resourceOf(operation: Operation) {
  const { params, body } = await validRequest(operation.id, customer);
  const path = fillPath(operation.path, params);
  // What PUT creates does not exist yet.
  if (operation.ifMatch === 'whenExists') await customer.administrator('PUT', path, { body });
  const read = async () => customer.administrator<Body>('GET', path);
  const shown = await read();
  const send = async <T = Body>(edited: object, basedOn = shown): Promise<Answer<T>> => {
    const headers = { 'if-match': basedOn.headers.get('etag') ?? '' };
    return customer.administrator<T>(operation.method, path, { body: edited, headers });
  };
  return { path, shown: shown.body, read, send };
}

const fieldsOf = ({ body }: Operation) => Object.keys((body as z.ZodObject).shape);
const isVolatile = ({ edits: declared }: Operation, name: string) =>
  declared?.volatile?.includes(name) === true;

/** As JSON, of another value and the same kind. */
function altered(value: unknown): unknown {
  if (typeof value === 'string')
    return /^\d{4}-\d\d-\d\dT/.test(value) ? '2001-01-01T00:00:00.000Z' : `${value}x`;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return [...(value as unknown[]), 'x'];
  return { ...(value as object), x: 1 };
}

it('covers every resource that can be edited', () => {
  expect(edits.map(({ id }) => id).sort()).toEqual([
    'changeServer',
    'changeServerSettings',
    'changeSite',
    'changeSiteSettings',
    'putAdministratorGroup',
    'putEventDetectionPolicy',
    'putEventResponsePolicy',
    'putEventTriggerTemplate',
    'putPlaybackPermission',
    'putPreferences',
    'putRecordingPolicy',
  ]);
  expect(edits.filter((operation) => !operation.edits)).toEqual([]);
});

describe.each(edits.map((operation) => [operation.id, operation] as const))('%s', (id, operation) => {
  it('OPS-2: takes the answer to GET unchanged, and makes no new version', async () => {
    const { read, send } = await resourceOf(operation);
    // Settings that a server keeps for itself are managed once values are given.
    if (id === 'changeServerSettings') await send({ ceip: false });
    const shown = await read();
    const bodies = operation.method === 'PATCH' ? [shown.body, {}] : [shown.body];
    for (const body of bodies) {
      const answer = await send(body, shown);
      expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
      expect(answer.headers.get('etag')).toBe(shown.headers.get('etag'));
      for (const name of fieldsOf(operation))
        expect([name, answer.body[name]]).toEqual([name, shown.body[name]]);
    }
    expect((await read()).headers.get('etag')).toBe(shown.headers.get('etag'));
  });

  it('OPS-2: takes its own answer back, too', async () => {
    const { path, shown, send } = await resourceOf(operation);
    const saved = await send(shown);
    const headers = { 'if-match': saved.headers.get('etag') ?? '' };
    const again = await customer.administrator(operation.method, path, { body: saved.body, headers });
    expect([again.status, again.body]).toEqual([200, expect.anything()]);
  });

  it('OPS-2: takes it with a field changed that can be changed', async () => {
    const { shown, read, send } = await resourceOf(operation);
    const change = CHANGES[id]?.() ?? { name: `Changed by ${id}` };
    expect((await send({ ...shown, ...change })).status).toBe(200);
    expect((await read()).body).toMatchObject(change);
  });

  it('OPS-2: refuses each changed read-only field by name', async () => {
    const { shown, read, send } = await resourceOf(operation);
    const readOnly = Object.keys(shown).filter(
      (name) => !fieldsOf(operation).includes(name) && !isVolatile(operation, name),
    );
    for (const name of readOnly) {
      const refused = await send<Problem>({ ...shown, [name]: altered(shown[name]) });
      expect([name, refused.status, refused.body.code]).toEqual([name, 400, 'validation-failed']);
      expect(refused.body.errors).toEqual([
        { pointer: `/${name}`, detail: expect.stringContaining('read-only') as string },
      ]);
    }
    expect((await read()).body).toEqual(shown);
  });

  it('OPS-2: answers 412, not 400, when the resource was changed meanwhile', async () => {
    const { shown, send } = await resourceOf(operation);
    const change = CHANGES[id]?.() ?? { name: `Changed again by ${id}` };
    expect((await send({ ...shown, ...change })).status).toBe(200);
    expect((await send(shown)).status).toBe(412);
  });
});

it('OPS-2: settings with a password show that one is set, and can be sent back', async () => {
  const path = `/api/v1/sites/${customer.siteId}/settings`;
  const patch = async (body: object) => {
    const etag = (await customer.administrator('GET', path)).headers.get('etag') ?? '';
    return customer.administrator<Body & Problem>('PATCH', path, { body, headers: { 'if-match': etag } });
  };
  const smtp = { host: 'mail.example', port: 587, password: 'correct horse' };
  const set = await patch({
    emailThreshold: 500,
    emailAlerts: { smtp, sender: { address: 'alerts@contoso.example' } },
  });
  expect(set.body).toMatchObject({
    emailThreshold: { configured: 500, effective: 25 },
    emailAlerts: { smtp: { passwordSet: true } },
  });
  const shown = (await customer.administrator<Body>('GET', path)).body;
  expect((await patch(shown)).body).toEqual(shown);
  const { emailAlerts } = shown as { emailAlerts: { smtp: object } };
  const changed = {
    ...shown,
    emailThreshold: { configured: 500, effective: 500 },
    emailAlerts: { ...emailAlerts, smtp: { ...emailAlerts.smtp, passwordSet: false } },
  };
  expect((await patch(changed)).body.errors.map(({ pointer }) => pointer).sort()).toEqual([
    '/emailAlerts/smtp/passwordSet',
    '/emailThreshold/effective',
  ]);
  const lower = await patch({ ...shown, emailThreshold: { configured: 30, effective: 25 } });
  expect(lower.body).toMatchObject({ emailThreshold: { configured: 30, effective: 30 } });
});
