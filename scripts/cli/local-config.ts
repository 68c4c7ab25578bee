/** For commands that use the storage of the service that `npm start` runs. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { appEnvironment } from '../../infra/local/stack/environment';
import { portsFrom } from '../../infra/local/stack/ports';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { ensureServicePrincipal } from '../../infra/local/stack/service-principal';
import { trustAuthority } from '../../infra/local/stack/trust';
import { type Config, loadConfig } from '../../shared/config';

const TIMEOUT_MS = 5_000;

/**
 * The configuration of the service that `npm start` runs; its certificates are trusted from now on.
 * @throws Error when it does not run, or when the one that runs there has its data in another folder
 */
export async function localConfig(
  basePort: number,
  dataDir = path.join(repositoryRoot(), '.local'),
): Promise<Config> {
  const caFile = path.join(dataDir, 'certificates/ca.pem');
  const ports = portsFrom(basePort);
  const health = `http://127.0.0.1:${basePort}/local/health`;
  const answers = await fetch(health).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!answers)
    throw new Error(`No local service answers at ${health}: start it with npm start, or set PORT.`);
  if (!existsSync(caFile) || !(await isCertified(ports.blob, caFile)))
    throw new Error(
      `The service that answers at ${health} does not keep its data in ${dataDir}, so its storage cannot be used: it was ` +
        'started with --ephemeral, or from another folder. Start it with npm start, or set PORT.',
    );
  trustAuthority(caFile);
  const principal = ensureServicePrincipal(path.join(dataDir, 'service-principal.json'));
  return loadConfig(appEnvironment(ports, principal, caFile));
}

/** Whether what listens at the port of this machine has a certificate of the authority. */
async function isCertified(port: number, caFile: string): Promise<boolean> {
  const socket = tls.connect({ host: '127.0.0.1', port, ca: readFileSync(caFile) });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
