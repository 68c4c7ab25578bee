/** A very small https server: named routes, whole bodies with a limit, JSON replies, one place for errors. */
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { BrokenConnectionError } from '../faults/fault-injector';
import { HttpError, notImplemented } from './errors';

export interface LocalRequest {
  method: string;
  url: URL;
  /** Decoded values of the `{name}` segments of the route. */
  params: Record<string, string>;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON; nothing when undefined. */
  body?: unknown;
}

export type Handler = (request: LocalRequest) => Reply | Promise<Reply>;

/**
 * Wraps every handler of a server, such as authentication and injected faults. With a
 * BrokenConnectionError the connection ends without an answer.
 */
export type Middleware = (request: LocalRequest, next: () => Promise<Reply>) => Promise<Reply>;

export interface Tls {
  cert: string | Buffer;
  key: string | Buffer;
}

export interface ServerOptions {
  /** Named in refusals, e.g. "Key Vault". */
  name: string;
  /** 0 takes a free port. */
  port: number;
  tls: Tls;
  /** Keys are `METHOD /path/{param}`. */
  routes: Record<string, Handler>;
  /** Outermost first. */
  middleware?: Middleware[];
  maxBodyBytes?: number;
  errorBody: (error: HttpError) => object;
}

export interface LocalServer {
  url: string;
  port: number;
  close(): Promise<void>;
}

interface CompiledRoute {
  method: string;
  pattern: RegExp;
  handle: Handler;
}

const loopbackHosts = new Set(['127.0.0.1', 'localhost']);

/** Starts a server on 127.0.0.1; unknown paths answer 501 with their name. */
export async function serve(options: ServerOptions): Promise<LocalServer> {
  const routes = Object.entries(options.routes).map(([key, handle]) => compileRoute(key, handle));
  const server = createServer({ cert: options.tls.cert, key: options.tls.key }, (incoming, response) => {
    answer(options, routes, incoming).then(
      (reply) => send(response, reply),
      () => incoming.socket.destroy(),
    );
  });
  // Longer than the clients keep idle sockets, so that they never write to one that is being closed.
  server.keepAliveTimeout = 65_000;
  const port = await listen(server, options.port);
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The JSON value of a body; 400 when it is not JSON. */
export function jsonBody(request: LocalRequest, code = 'BadRequest'): unknown {
  try {
    return JSON.parse(request.body.toString('utf8')) as unknown;
  } catch {
    throw new HttpError(400, code, 'The request body is not valid JSON.');
  }
}

/** One header's value; undefined when absent. */
export function header(request: LocalRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function compileRoute(key: string, handle: Handler): CompiledRoute {
  const [method = '', path = ''] = key.split(' ');
  const pattern = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return { method, pattern: new RegExp(`^${pattern}/?$`), handle };
}

/** Rejects when the connection must end without an answer. */
async function answer(
  options: ServerOptions,
  routes: CompiledRoute[],
  incoming: IncomingMessage,
): Promise<Reply> {
  try {
    const url = loopbackUrl(incoming);
    const body = await readBody(incoming, options.maxBodyBytes ?? 1_048_576);
    const request = { method: incoming.method ?? 'GET', url, params: {}, headers: incoming.headers, body };
    const layers = options.middleware ?? [];
    const run = (index: number): Promise<Reply> => {
      const layer = layers[index];
      return layer === undefined ? dispatch(options, routes, request) : layer(request, () => run(index + 1));
    };
    return await run(0);
  } catch (error) {
    if (error instanceof BrokenConnectionError) throw error;
    const refusal = error instanceof HttpError ? error : unexpected(options.name, error);
    return { status: refusal.status, headers: refusal.extra.headers, body: options.errorBody(refusal) };
  }
}

async function dispatch(
  options: ServerOptions,
  routes: CompiledRoute[],
  request: LocalRequest,
): Promise<Reply> {
  for (const route of routes) {
    const match = route.method === request.method ? route.pattern.exec(request.url.pathname) : null;
    if (match !== null) {
      return route.handle({ ...request, params: decodeParams(match.groups ?? {}) });
    }
  }
  throw notImplemented(options.name, `${request.method} ${request.url.pathname}`);
}

function decodeParams(groups: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
  } catch {
    throw new HttpError(400, 'BadRequest', 'The path is not valid percent-encoding.');
  }
}

/** A name other than the loopback's in `Host` is a web page that re-bound its own name to this machine. */
function loopbackUrl(incoming: IncomingMessage): URL {
  // Two slashes in front would be read as a host; a client that puts an id after a slash sends them.
  const path = (incoming.url ?? '/').replace(/^\/{2,}/, '/');
  const url = new URL(path, `https://${incoming.headers.host ?? '127.0.0.1'}`);
  if (!loopbackHosts.has(url.hostname)) {
    throw new HttpError(421, 'MisdirectedRequest', `This server does not answer for ${url.hostname}.`);
  }
  return url;
}

async function readBody(incoming: IncomingMessage, maxBodyBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    // A body that is too large is read to its end: a client that still writes would not see the answer.
    if (sizeBytes <= maxBodyBytes) {
      chunks.push(chunk);
    }
  }
  if (sizeBytes > maxBodyBytes) {
    throw new HttpError(
      413,
      'RequestEntityTooLarge',
      `The request has ${sizeBytes} bytes; at most ${maxBodyBytes}.`,
    );
  }
  return Buffer.concat(chunks);
}

function unexpected(name: string, error: unknown): HttpError {
  console.error(`${name}:`, error);
  return new HttpError(500, 'InternalServerError', `The local ${name} failed; see its log.`);
}

function send(response: ServerResponse, reply: Reply): void {
  const body = bytesOf(reply.body);
  response.writeHead(reply.status, {
    ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    'content-length': body?.length ?? 0,
    ...reply.headers,
  });
  response.end(body);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** A body as JSON, unless it is bytes already. */
function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return Buffer.from(JSON.stringify(body));
}
