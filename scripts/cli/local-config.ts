/** For commands that use the storage of the service that `npm start` runs. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { appEnvironment } from '../../infra/local/stack/environment';
import { portsFrom } from '../../infra/local/stack/ports';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { ensureServicePrincipal } from '../../infra/local/stack/service-principal';
import { trustAuthority } from '../../infra/local/stack/trust';
import { type Config, loadConfig } from '../../shared/config';

/** The configuration of the service that `npm start` runs; its certificates are trusted from now on. @throws Error when it does not run */
export async function localConfig(
  basePort: number,
  dataDir = path.join(repositoryRoot(), '.local'),
): Promise<Config> {
  const caFile = path.join(dataDir, 'certificates/ca.pem');
  const health = `http://127.0.0.1:${basePort}/local/health`;
  const answers = await fetch(health).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!answers || !existsSync(caFile))
    throw new Error(`No local service answers at ${health}: start it with npm start, or set PORT.`);
  trustAuthority(caFile);
  const principal = ensureServicePrincipal(path.join(dataDir, 'service-principal.json'));
  return loadConfig(appEnvironment(portsFrom(basePort), principal, caFile));
}
