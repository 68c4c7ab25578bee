import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleHost, type HostProcess, startHostProcess, temporaryFolder } from './testing/processes';

jest.setTimeout(60_000);

const { folder, remove } = temporaryFolder();
let host: HostProcess;

beforeAll(async () => {
  const bundles = bundleHost(folder, require.resolve('./testing/streams.app.ts'));
  const hostJson = path.join(folder, 'host.json');
  writeFileSync(hostJson, JSON.stringify({ version: '2.0' }));
  const flags = ['--app', bundles.app, '--port', '0', '--host-json', hostJson, '--storage-dir', folder];
  host = await startHostProcess(bundles.host, flags, {});
});

afterAll(async () => {
  await host?.kill();
  remove();
});

describe('an app with HTTP streams', () => {
  it('gets the body as it comes, with the URL, parameters and headers of the client', async () => {
    const body = new Blob([Buffer.alloc(3_000_000)]).stream();
    const url = `${host.url}/api/count/things?a=1`;
    const response = await fetch(url, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'x-sent': 'value' },
    });
    expect(await response.json()).toEqual({
      bytes: 3_000_000,
      name: 'things',
      path: '/api/count/things?a=1',
      header: 'value',
    });
  });

  it('answers in parts', async () => {
    const response = await fetch(`${host.url}/api/parts`);
    expect(await response.text()).toBe('first second');
  });

  it('is answered for with 500 when its function fails', async () => {
    expect((await fetch(`${host.url}/api/broken`)).status).toBe(500);
  });
});
