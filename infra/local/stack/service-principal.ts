/** The app's own identity on this machine: a random id and secret for each data folder. */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writePrivateFile } from '../stand-in-support/private-file';
import { serviceTenantId } from '../azure/login/directory-ids';
import { type ServicePrincipal } from '../azure/login/token-issuer';

/** Reads `file`, creating it when missing. */
export function ensureServicePrincipal(file: string): ServicePrincipal {
  if (!existsSync(file)) {
    const clientSecret = randomBytes(32).toString('base64url');
    const principal: ServicePrincipal = { tenantId: serviceTenantId, clientId: randomUUID(), clientSecret };
    writePrivateFile(file, JSON.stringify(principal));
  }
  return JSON.parse(readFileSync(file, 'utf8')) as ServicePrincipal;
}
