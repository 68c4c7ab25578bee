import { call } from '../../../tests/support/call';
import { recordedSession, SITE } from '../../../tests/support/recorded-session';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { siteSettings, siteSettingsType } from '../../sites/site-settings';
import { idleOperations } from './operations';

let test: TestServices;

beforeEach(async () => {
  test = await startTestServices();
});
afterEach(() => test.close());

async function idlePeriods(limits: object) {
  const idle = siteSettings.parse({ idlePeriods: limits });
  await test.services.database.control(CONTOSO).create(siteSettingsType, { ...idle, id: SITE });
  const { event, receive, part } = await recordedSession(test.services, test.clock.now());
  await receive('batch', [
    event(1, 50, { type: 'idle', data: { idleSeconds: 40 } }),
    event(2, 60),
    event(3, 130, { type: 'idle', data: { idleSeconds: 60 } }),
  ]);
  const { id } = await part(1, 0, 200);
  const [operation] = idleOperations;
  if (!operation) throw new Error('there is no operation');
  const token = await test.issuer.token();
  return (await call(test.services, operation, { token, params: { recordingId: id } })).body;
}

it('RCD-5: idle periods of a recording are computed with the limits of its site', async () => {
  expect(await idlePeriods({})).toEqual({
    enabled: true,
    thresholdSeconds: 30,
    idleSeconds: 100,
    omitted: 0,
    value: [
      { startSeconds: 10, endSeconds: 50 },
      { startSeconds: 70, endSeconds: 130 },
    ],
  });
});

it('RCD-5: a site chooses its own threshold', async () => {
  expect(await idlePeriods({ thresholdSeconds: 45 })).toMatchObject({ value: [{ startSeconds: 70 }] });
});

it('RCD-5: a site can do without idle periods', async () => {
  expect(await idlePeriods({ enabled: false })).toMatchObject({ enabled: false, idleSeconds: 0, value: [] });
});
