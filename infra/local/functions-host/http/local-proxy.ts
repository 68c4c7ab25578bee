/** Passes `/local/*` on to the process that stands in for Azure: sign-in tokens, the outbox, injected faults. */
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Answers a request itself, or returns false when it is not for this proxy. */
export type LocalRoutes = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * `baseUrl` is http or https; certificates are those that the process trusts (NODE_EXTRA_CA_CERTS).
 * @param caFile the authority of every local https endpoint, for clients that upload to signed URLs: `/local/ca.pem`
 */
export function localProxy(baseUrl: string, caFile?: string): LocalRoutes {
  return (request, response) => {
    if (request.url === '/local/ca.pem' && caFile !== undefined) {
      response.writeHead(200, { 'content-type': 'application/x-pem-file' }).end(readFileSync(caFile));
      return true;
    }
    if (!/^\/local(\/|\?|$)/.test(request.url ?? '')) return false;
    const target = new URL(request.url ?? '/', baseUrl);
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(target, {
      method: request.method,
      headers: { ...request.headers, host: target.host },
    });
    outgoing.on('response', (incoming) => {
      response.writeHead(incoming.statusCode ?? 502, incoming.headers);
      incoming.pipe(response);
    });
    outgoing.on('error', (error) => {
      if (response.headersSent) response.destroy();
      else
        response
          .writeHead(502, { 'content-type': 'text/plain' })
          .end(`The local stand-in does not answer: ${error.message}`);
    });
    request.pipe(outgoing);
    return true;
  };
}
