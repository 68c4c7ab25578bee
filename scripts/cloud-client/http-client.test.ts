/** Which requests go through a proxy, and how. */
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { proxiedHttpClient } from './http-client';
import { FakeService } from './testing/fake-service';
import { SmallProxy } from './testing/small-proxy';

let service: FakeService;
let proxy: SmallProxy;
beforeEach(async () => {
  service = await FakeService.start();
  proxy = await SmallProxy.start();
});
afterEach(() => {
  delete process.env['HTTP_PROXY'];
  service.stop();
  proxy.stop();
});

const get = async (named: string | undefined, url: string) => {
  const http = proxiedHttpClient(named === undefined ? undefined : new URL(named));
  const request = createPipelineRequest({ url, allowInsecureConnection: true });
  return (await http.sendRequest(request)).status;
};

it('CCL-6: a proxy that is named gets every request, plain ones as they are', async () => {
  expect(await get(proxy.url, `${service.url}/a`)).toBe(200);
  expect(proxy.seen).toEqual([`GET ${service.url}/a`]);
});

it('CCL-6: https goes through a tunnel', async () => {
  // Nothing speaks TLS there: the tunnel is opened, and the handshake fails.
  await expect(get(proxy.url, service.url.replace('http:', 'https:'))).rejects.toThrow();
  expect(proxy.seen).toEqual([`CONNECT ${new URL(service.url).host}`]);
});

it('CCL-6: a proxy of the environment does not get what this machine asks of itself', async () => {
  process.env['HTTP_PROXY'] = proxy.url;
  expect(await get(undefined, service.url)).toBe(200);
  expect(proxy.seen).toEqual([]);
});
