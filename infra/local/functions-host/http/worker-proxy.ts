/** Passes an HTTP request through to the worker, which answers it itself when the app streams HTTP. */
import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { forwardedFor } from './forwarded-for';

export interface ProxiedRequest {
  /** Settles when the worker's answer has been passed on; rejects when the connection broke. */
  readonly finished: Promise<void>;
  /** Aborts the request: the function failed and will never answer. */
  abandon(): void;
}

/** `invocationId` tells the worker which invocation, sent over RPC, the request belongs to. */
export function proxyToWorker(
  workerHttpUri: string,
  invocationId: string,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): ProxiedRequest {
  const outgoing = httpRequest(new URL(`${url.pathname}${url.search}`, workerHttpUri), {
    method: request.method,
    headers: {
      ...request.headers,
      'x-ms-invocation-id': invocationId,
      'x-forwarded-for': forwardedFor(request),
      'x-forwarded-host': url.host,
      'x-forwarded-proto': 'http',
    },
  });
  const finished = new Promise<void>((resolve, reject) => {
    outgoing.on('response', (incoming) => {
      const headers = { ...incoming.headers };
      delete headers['x-ms-invocation-id'];
      response.writeHead(incoming.statusCode ?? 502, headers);
      incoming.pipe(response);
      incoming.on('error', reject);
      response.on('finish', resolve);
      response.on('close', resolve);
    });
    outgoing.on('error', reject);
  });
  // Nothing waits for an aborted request any more.
  finished.catch(() => undefined);
  request.pipe(outgoing);
  return { finished, abandon: () => outgoing.destroy() };
}
