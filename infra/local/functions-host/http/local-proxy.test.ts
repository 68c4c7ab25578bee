import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { localProxy } from './local-proxy';

const servers: Server[] = [];

afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

describe('/local/*', () => {
  it('is passed on with method, query and body, and its answer passed back', async () => {
    const standIn = await serve((request, response) => {
      response.writeHead(418, { 'x-stand-in': request.url ?? '' });
      request.pipe(response);
    });
    const proxy = localProxy(standIn);
    const host = await serve((request, response) => {
      if (!proxy(request, response)) response.writeHead(200).end('app');
    });
    const response = await fetch(`${host}/local/faults?x=1`, { method: 'POST', body: 'plan' });
    expect([response.status, response.headers.get('x-stand-in'), await response.text()]).toEqual([
      418,
      '/local/faults?x=1',
      'plan',
    ]);
    expect(await (await fetch(`${host}/locality`)).text()).toBe('app');
  });

  it('serves the certificate authority of the local endpoints to recorders of one’s own', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'authority-'));
    const caFile = path.join(folder, 'ca.pem');
    writeFileSync(caFile, '-----BEGIN CERTIFICATE-----');
    const proxy = localProxy('http://127.0.0.1:1', caFile);
    const host = await serve((request, response) => void proxy(request, response));
    const response = await fetch(`${host}/local/ca.pem`);
    expect([response.status, await response.text()]).toEqual([200, '-----BEGIN CERTIFICATE-----']);
    rmSync(folder, { recursive: true });
  });

  it('is answered with 502 when the stand-in is down', async () => {
    const proxy = localProxy('http://127.0.0.1:1');
    const host = await serve((request, response) => void proxy(request, response));
    const response = await fetch(`${host}/local/token`);
    expect(response.status).toBe(502);
    expect(await response.text()).toContain('does not answer');
  });
});
