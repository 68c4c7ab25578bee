/** Carries the gateway's requests over http or https, on the loopback interface only. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { type GatewayRequest, type Handler } from './message';

export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** What is larger is not read to the end; the largest legal request has 2 MiB. */
const maxBodyBytes = 8 * 1024 * 1024;

const loopbackHosts = new Set(['127.0.0.1', 'localhost']);

/** @param port 0 takes any free port */
export async function startServer(handler: Handler, port: number, tls: Tls | undefined): Promise<HttpServer> {
  const scheme = tls ? 'https' : 'http';
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    serve(handler, scheme, incoming, outgoing).catch((error: unknown) => {
      // An injected fault, or a client that disconnected: the answer is lost.
      outgoing.destroy(error instanceof Error ? error : undefined);
    });
  };
  const server = tls ? createSecureServer(tls, listener) : createServer(listener);
  // Longer than clients keep idle connections, so that none is closed just as a request is sent.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(handler: Handler, scheme: string, incoming: IncomingMessage, outgoing: ServerResponse) {
  const url = new URL(incoming.url ?? '/', `${scheme}://${incoming.headers.host ?? '127.0.0.1'}`);
  if (!loopbackHosts.has(url.hostname)) {
    // A web page may have re-bound a name of its own to this machine.
    outgoing.writeHead(421).end();
    return;
  }
  const body = await readBody(incoming);
  const {
    status,
    headers,
    body: text,
  } = await handler({
    method: incoming.method ?? 'GET',
    origin: url.origin,
    path: url.pathname,
    headers: plainHeaders(incoming),
    body,
  } satisfies GatewayRequest);
  const length =
    status === 204 || status === 304 ? {} : { 'content-length': String(Buffer.byteLength(text)) };
  outgoing.writeHead(status, { ...headers, ...length }).end(text);
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBodyBytes) throw new RangeError('The request is too large to be read.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
