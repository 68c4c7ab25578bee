/** Commands that use the storage of the local service: what they say when they cannot. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureCertificates } from '../../infra/local/stack/certificates';
import { freeBasePort, portsFrom } from '../../infra/local/stack/ports';
import { localConfig } from './local-config';

let folder: string;
let basePort: number;
const servers: Pick<Server, 'close' | 'closeAllConnections'>[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'local-config-'));
  basePort = await freeBasePort();
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

const certificatesOf = (name: string) => ensureCertificates(path.join(folder, name, 'certificates'));

/** A service whose certificates are in the data folder of this name. */
async function start(name: string): Promise<void> {
  const { certFile, keyFile } = await certificatesOf(name);
  const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  const health = createServer((_, response) => response.end('{}')).listen(basePort, '127.0.0.1');
  const blob = createTlsServer(tls).listen(portsFrom(basePort).blob, '127.0.0.1');
  servers.push(health, blob);
  await Promise.all([once(health, 'listening'), once(blob, 'listening')]);
}

it('says that nothing answers', async () => {
  await expect(localConfig(basePort, folder)).rejects.toThrow(
    `No local service answers at http://127.0.0.1:${basePort}`,
  );
});

it('says that the service that answers has its data elsewhere, whether or not an earlier one has left some here', async () => {
  await start('ephemeral');
  const elsewhere = /^The service that answers at .* started with --ephemeral, or from another folder\./;
  await expect(localConfig(basePort, path.join(folder, 'kept'))).rejects.toThrow(elsewhere);
  await certificatesOf('kept');
  await expect(localConfig(basePort, path.join(folder, 'kept'))).rejects.toThrow(elsewhere);
});

it('finds the storage of a service with this data folder', async () => {
  await start('kept');
  const { storage } = await localConfig(basePort, path.join(folder, 'kept'));
  expect(storage.blobEndpoint).toContain(String(portsFrom(basePort).blob));
});
