/** The address of the caller, as App Service's front end passes it on. */
import { type IncomingMessage } from 'node:http';

/**
 * The value of X-Forwarded-For: what the caller wrote, which proves nothing, then the address and port that the
 * connection comes from.
 */
export function forwardedFor({ headersDistinct, socket }: IncomingMessage): string {
  const { remoteAddress = '', remotePort = 0 } = socket;
  const peer = remoteAddress.includes(':')
    ? `[${remoteAddress}]:${remotePort}`
    : `${remoteAddress}:${remotePort}`;
  return [...(headersDistinct['x-forwarded-for'] ?? []), peer].join(', ');
}
