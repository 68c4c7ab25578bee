/** Preferences of administrators, through the API. */
import { call, type TestRequest } from '../../../tests/support/call';
import { auditLog } from '../../../tests/support/logs';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { preferenceOperations } from './operations';
import { findFastSeek } from './store';
import { CONTOSO } from '../../../tests/support/test-issuer';

let test: TestServices;

beforeEach(async () => {
  test = await startTestServices();
});
afterEach(() => test.close());

const ADA = { oid: '0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e01', roles: ['SessionRecording.FullAdmin'] };
const BEN = { oid: '0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e02', roles: ['SessionRecording.ReadOnlyAdmin'] };

async function send(who: object, id: string, request: TestRequest = {}) {
  const operation = preferenceOperations.find((item) => item.id === id);
  if (!operation) throw new Error(`There is no operation ${id}`);
  return call(test.services, operation, { token: await test.issuer.token({ ...who }), ...request });
}
const get = (who: object) => send(who, 'getPreferences');
async function put(who: object, change: object) {
  const { body, headers } = await get(who);
  return send(who, 'putPreferences', {
    body: { ...body, ...change },
    headers: { 'if-match': String(headers['etag']) },
  });
}
const FAST = { enabled: true, iFrameIntervalSeconds: 30 };

it('SET-4: the player cache is each administrator’s own', async () => {
  expect(await put(BEN, { playerCacheMegabytes: 500 })).toMatchObject({ status: 200 });
  expect((await get(BEN)).body['playerCacheMegabytes']).toBe(500);
  expect((await get(ADA)).body['playerCacheMegabytes']).toBe(200);
});

it('SET-4: fast seek is the customer’s, and only a full administrator changes it', async () => {
  expect(await put(BEN, { fastSeek: FAST, playerCacheMegabytes: 500 })).toMatchObject({
    status: 403,
    body: { detail: expect.stringMatching(/full administrator/) as string },
  });
  expect((await get(BEN)).body).toMatchObject({ playerCacheMegabytes: 200, fastSeek: { enabled: false } });
  expect((await put(ADA, { fastSeek: FAST })).status).toBe(200);
  expect((await get(BEN)).body['fastSeek']).toEqual(FAST);
  expect(await findFastSeek(test.services, CONTOSO)).toEqual(FAST);
  const entries = await auditLog(test.services);
  expect(entries.filter(({ authorised }) => authorised)).toMatchObject([
    { action: 'preferences.change', old: { enabled: false }, new: FAST },
  ]);
});

it('SET-4: preferences that somebody changed meanwhile are not overwritten', async () => {
  const { body, headers } = await get(ADA);
  const ifMatch = { 'if-match': String(headers['etag']) };
  const answers = await Promise.all(
    [300, 400].map((playerCacheMegabytes) =>
      send(ADA, 'putPreferences', { body: { ...body, playerCacheMegabytes }, headers: ifMatch }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
});

it.each([{ playerCacheMegabytes: 49 }, { playerCacheMegabytes: 2_001 }, { fastSeek: { enabled: true } }])(
  'SET-4: values outside their range are refused (case %#)',
  async (change) => {
    expect((await put(ADA, change)).status).toBe(400);
  },
);
