/** The routes below /local that are not tested with what they show. */
import { createHash } from 'node:crypto';
import { appEnvironment } from '../stack/environment';
import { startTestAzure, type TestAzure } from './test-azure';

let azure: TestAzure;
beforeAll(async () => {
  azure = await startTestAzure();
});
afterAll(() => azure.close());

it('ARM-5: answers the URL of the installer that local templates name, with the content that they expect', async () => {
  const ports = new Proxy({}, { get: () => 1 }) as Parameters<typeof appEnvironment>[0];
  const environment = appEnvironment(ports, azure.options.principal, '');
  const { pathname } = new URL(environment['CLOUD_CLIENT_PACKAGE_URL'] ?? '');
  const response = await fetch(`${azure.loginUrl}${pathname}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
  const content = Buffer.from(await response.arrayBuffer());
  expect(createHash('sha256').update(content).digest('hex')).toBe(environment['CLOUD_CLIENT_PACKAGE_SHA256']);
});
