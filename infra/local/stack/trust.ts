/** Trust in the local authority for a running process, for which `NODE_EXTRA_CA_CERTS` comes too late. */
import { readFileSync } from 'node:fs';
import tls from 'node:tls';

const trusted: string[] = [];

/**
 * From now on https clients of this process, whatever agent they use, trust the authority in `caFile`; authorities
 * add up, but the public ones no longer count: provisioning and tests talk to this machine alone.
 */
export function trustAuthority(caFile: string): void {
  if (trusted.length === 0) {
    // The Cosmos client and fetch bring agents of their own: this is the one function that they all use.
    const createSecureContext = tls.createSecureContext;
    tls.createSecureContext = (options) => createSecureContext({ ca: trusted, ...options });
  }
  trusted.push(readFileSync(caFile, 'utf8'));
}
