/** Which server a version gate of a site looks at. */
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { newId } from '../../shared/ids';
import type { Feature } from '../../shared/pure/versions';
import { type Server, serverType } from './server';
import { missingFeatures, requireFeatures } from './site-features';

const SITE = newId();
let test: RecordingServerTest;

beforeAll(async () => {
  test = await startRecordingServerTest();
});
beforeEach(() => test.newCustomer());
afterAll(() => test.close());

async function addServer(more: Partial<Server>): Promise<string> {
  const server: Server = {
    id: newId(),
    siteId: SITE,
    hostName: 'REC01',
    description: '',
    serverVersion: '26.1',
    clientVersion: '7.50.0.0',
    status: 'available',
    statusSince: test.time(),
    ...more,
  };
  await test.services.database.control(test.customerId).create(serverType, server);
  return server.id;
}
const missing = (...features: Feature[]) => missingFeatures(test.services, test.customerId, SITE, features);

it('SRV-6: the lowest server version of the site decides, compared as numbers', async () => {
  for (const serverVersion of ['23.11.0.0', '23.8.0.1', '23.05.0.1', '24.2'])
    await addServer({ serverVersion });
  expect(await missing('fastSeek', 'accessRestrictions')).toEqual([
    { feature: 'fastSeek', found: '23.05.0.1', needed: '2308' },
  ]);
  await expect(
    requireFeatures(test.services, test.customerId, SITE, ['accessRestrictions', 'fastSeek']),
  ).rejects.toMatchObject({ code: 'feature-not-supported', extensions: { feature: 'fastSeek' } });
});

it('SRV-6: of the cloud client the lowest version decides as well', async () => {
  await addServer({ clientVersion: '7.42.15010.4' });
  await addServer({ clientVersion: '7.37.25459.8745' });
  expect(await missing('noCustomDomain', 'recordingSuccessRate')).toEqual([
    { feature: 'recordingSuccessRate', found: '7.37.25459.8745', needed: '7.42.15010.4' },
  ]);
});

it('SRV-6: servers that are removed or uninstalled, of other sites, or without a version do not count', async () => {
  const old = { serverVersion: '1912', clientVersion: '7.36.7020.11' };
  await addServer({ ...old, status: 'deleted' });
  await addServer({ ...old, status: 'uninstalled' });
  await addServer({ ...old, siteId: newId() });
  await addServer({ serverVersion: undefined, clientVersion: undefined, status: 'planned' });
  expect(await missing('administratorLogging', 'selfRepair')).toEqual([]);
  await addServer({ ...old, status: 'offline' });
  expect(await missing('administratorLogging', 'selfRepair')).toHaveLength(2);
});

it('SRV-6: a site without servers lacks nothing', async () => {
  expect(await missing('administratorLogging', 'recordingSuccessRate')).toEqual([]);
});
