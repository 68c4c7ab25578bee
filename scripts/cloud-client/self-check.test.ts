/** The self-check says where the way to the service ends, why, and what to do. */
import { proxiedHttpClient } from './http-client';
import { selfCheck, type CheckResult } from './self-check';
import { FakeService } from './testing/fake-service';
import { SmallProxy } from './testing/small-proxy';

let service: FakeService;
beforeEach(async () => {
  service = await FakeService.start();
});
afterEach(() => {
  service.stop();
});

interface Circumstances {
  serviceUrl?: string;
  proxy?: string;
  serverId?: string;
  now?: () => number;
}

function check({ serviceUrl = service.url, proxy, serverId, now }: Circumstances = {}) {
  const url = proxy === undefined ? undefined : new URL(proxy);
  const credentials = { clientId: 'c', clientSecret: 's' };
  const http = proxiedHttpClient(url);
  return selfCheck({ serviceUrl, credentials, proxy: url, http, serverId, ...(now && { now }) });
}

const states = (results: CheckResult[]) => results.map(({ state }) => state).join(' ');
const failure = (results: CheckResult[]) => results.find(({ state }) => state === 'failed');

it('CCL-6: a way without an obstacle is ok in every step, and nothing is registered by it', async () => {
  const results = await check({ serverId: 'server' });
  expect(results.map(({ name, state }) => `${name.split(' ')[0] ?? ''} ${state}`)).toEqual(
    ['DNS', 'TCP', 'TLS', 'Service', 'Clock', 'Token', 'Registration'].map((name) => `${name} ok`),
  );
  expect(service.requests.map(({ path }) => path)).not.toContain('/servers');
});

it('CCL-6: a machine that is not registered yet asks whether it may, by a registration that the service refuses', async () => {
  service.answer = ({ path }) =>
    path === '/servers' ? [400, { code: 'validation-failed', detail: '/machineId' }] : undefined;
  expect(await check()).toContainEqual({
    name: 'Registration',
    state: 'ok',
    result: 'this secure client may register servers',
  });
});

it('CCL-6: nothing that listens, and a name that does not exist, each have their cause and remedy', async () => {
  const nobody = new URL(service.url);
  service.stop();
  const refused = await check({ serviceUrl: nobody.origin });
  expect(states(refused)).toBe('ok failed skipped skipped skipped skipped skipped');
  expect(failure(refused)).toMatchObject({
    cause: expect.stringContaining('nothing listens') as string,
    remedy: expect.stringContaining('Check the port') as string,
  });
  const unknown = await check({ serviceUrl: 'https://no-such-host.invalid' });
  expect(failure(unknown)).toMatchObject({ name: 'DNS no-such-host.invalid' });
  expect(failure(unknown)?.remedy).toContain('DNS settings');
});

it('CCL-1: a wrong secret is found at the token, with what to ask for', async () => {
  service.isRevoked = true;
  const results = await check();
  expect(states(results)).toBe('ok ok ok ok ok failed skipped');
  expect(failure(results)).toMatchObject({
    name: 'Token',
    result: expect.stringContaining('invalid_client') as string,
    remedy: expect.stringContaining('new secret') as string,
  });
});

it('CCL-1: a server of another client is found at the registration', async () => {
  service.answer = ({ path }) =>
    path.startsWith('/servers/') ? [404, { code: 'not-found', detail: 'no such server' }] : undefined;
  expect(failure(await check({ serverId: 'server' }))).toMatchObject({ name: 'Registration' });
});

it('CCL-5: a clock that is ten minutes off is a warning that says by how much', async () => {
  const results = await check({ serverId: 'server', now: () => Date.now() - 600_000 });
  expect(states(results)).toBe('ok ok ok ok warning ok ok');
  expect(results.find(({ name }) => name === 'Clock')?.result).toMatch(
    /^(600|599|601) s behind the service$/,
  );
});

it('CCL-6: another server at the address is distinguished from the service', async () => {
  service.answer = () => [404, '<html>Not here</html>'];
  expect(failure(await check())).toMatchObject({ name: 'Service' });
});

it('CCL-6: a proxy that lets the client through, one that wants a password, and one that is not there', async () => {
  const proxy = await SmallProxy.start('name:pass word');
  const withPassword = proxy.url.replace('//', '//name:pass%20word@');
  expect(states(await check({ proxy: withPassword, serverId: 'server' }))).toBe('ok ok ok ok ok ok ok ok');
  const refused = await check({ proxy: proxy.url, serviceUrl: 'https://recording.example' });
  expect(failure(refused)).toMatchObject({ name: 'Proxy', result: 'the proxy answered 407' });
  const plain = await check({ proxy: proxy.url });
  expect(failure(plain)).toMatchObject({ name: 'Service', result: 'the proxy answered 407' });
  const { url } = proxy;
  proxy.stop();
  expect(failure(await check({ proxy: url }))).toMatchObject({
    name: expect.stringMatching(/^TCP/) as string,
  });
});
