/** The network address that a request comes from. */
import type { HttpRequest } from '@azure/functions';

/**
 * The address that the platform's front end saw, without its port; empty when there is none. App Service appends it to
 * X-Forwarded-For as the last entry: everything before it, and every other header, is the caller's own text.
 */
export function clientAddressOf(headers: Pick<HttpRequest['headers'], 'get'>): string {
  const last = headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
  return last.replace(/^\[([^\]]+)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1');
}
