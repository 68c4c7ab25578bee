/** HTTP triggers: turns requests into RPC data, and the answers of functions into responses. */
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type HostLog } from '../host-log';
import { type Invoker } from '../invoker';
import { traceContextOf } from '../trace-context';
import {
  type NullableString,
  type RpcHttp,
  type RpcHttpCookie,
  type RpcTraceContext,
  type TypedData,
} from '../worker/rpc';
import { forwardedFor } from './forwarded-for';
import { type RouteMatch, type Router } from './router';
import { proxyToWorker } from './worker-proxy';

export interface HttpTriggerOptions {
  readonly router: Router;
  readonly invoker: Invoker;
  readonly log: HostLog;
  /** Set when the app streams HTTP: requests then go to the worker by proxy. */
  readonly workerHttpUri?: string;
  /** FUNCTIONS_REQUEST_BODY_SIZE_LIMIT; a larger body is answered with 413. */
  readonly bodyLimitBytes: number;
}

const REASON = 'This function was programmatically called via the host APIs.';

/** Answers requests to the app's HTTP functions; 404 for every other path or method, as the real host. */
export function httpTriggerHandler(options: HttpTriggerOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = requestUrl(request);
    const match = options.router.find(request.method ?? 'GET', url.pathname);
    if (!match) return end(response, 404);
    if (Number(request.headers['content-length'] ?? 0) > options.bodyLimitBytes) return refuseBody(response);
    if (options.workerHttpUri !== undefined)
      return runStreamed(options, options.workerHttpUri, match, url, request, response);
    await runBuffered(options, match, url, request, response);
  };
}

async function runBuffered(
  { invoker, log }: HttpTriggerOptions,
  match: RouteMatch,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, log);
  const result = await invoker.run(match.target, {
    data: { http: toRpcRequest(match, url, request, body) },
    metadata: httpMetadata(match, url, request),
    reason: REASON,
    isSafe: isSafe(request),
    traceContext: traceOf(request),
  });
  if (!result.ok) return end(response, 500);
  // A function without a result is answered with an empty 200.
  if (!result.returnValue?.http) return end(response, 200);
  writeResponse(response, result.returnValue.http);
}

/** With HTTP streams the request itself goes to the worker; over RPC it only receives the invocation. */
async function runStreamed(
  { invoker }: HttpTriggerOptions,
  workerHttpUri: string,
  match: RouteMatch,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const invocationId = randomUUID();
  const proxied = proxyToWorker(workerHttpUri, invocationId, url, request, response);
  const result = await invoker.run(match.target, {
    data: { http: {} },
    metadata: httpMetadata(match, url, request),
    reason: REASON,
    isSafe: isSafe(request),
    traceContext: traceOf(request),
    invocationId,
  });
  if (result.ok) return proxied.finished;
  proxied.abandon();
  if (response.headersSent) response.destroy();
  else end(response, 500);
}

function traceOf({ headers }: IncomingMessage): RpcTraceContext {
  const { traceparent, tracestate } = headers;
  return traceContextOf(traceparent?.toString(), tracestate?.toString());
}

function isSafe({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/**
 * Kestrel refuses with 400 a Host header that is not `name`, `name:port`, an IPv6 address in brackets, or empty, and one
 * that differs from the host of a target that is a whole URL.
 */
export function hasUsableHost({ headers: { host = '' }, url = '/' }: IncomingMessage): boolean {
  const target = wholeUrl(url);
  return (
    /^(([\w.~-]+|\[[\da-f:.]+\])(:\d{1,5})?)?$/i.test(host) &&
    URL.canParse(`http://${host || 'localhost'}`) &&
    (target === undefined || target.host === host.toLowerCase())
  );
}

/** The URL that the app sees: the client's view of the host, path and query untouched. */
export function requestUrl(request: IncomingMessage): URL {
  const target = request.url ?? '/';
  const whole = wholeUrl(target);
  const path = whole ? whole.pathname + whole.search : target.startsWith('/') ? target : '/';
  return new URL(`http://${request.headers.host || 'localhost'}${path}`);
}

function wholeUrl(target: string): URL | undefined {
  return /^https?:\/\//i.test(target) && URL.canParse(target) ? new URL(target) : undefined;
}

function toRpcRequest(
  match: RouteMatch,
  url: URL,
  request: IncomingMessage,
  body: Buffer | undefined,
): RpcHttp {
  return {
    method: request.method,
    url: url.href,
    nullableHeaders: nullable(headers(request)),
    nullableQuery: nullable(query(url)),
    nullableParams: nullable(match.parameters),
    ...(body && { body: { bytes: body } }),
  };
}

function httpMetadata(match: RouteMatch, url: URL, request: IncomingMessage): Record<string, TypedData> {
  const parameters = Object.entries(match.parameters).map(
    ([name, value]) => [name, { string: value }] as const,
  );
  return {
    ...Object.fromEntries(parameters),
    Query: { json: JSON.stringify(query(url)) },
    Headers: { json: JSON.stringify(headers(request)) },
  };
}

function headers(request: IncomingMessage): Record<string, string> {
  const all = Object.entries(request.headersDistinct).map(
    ([name, values]) => [name, (values ?? []).join(',')] as const,
  );
  return { ...Object.fromEntries(all), 'x-forwarded-for': forwardedFor(request) };
}

/** A repeated key becomes one value joined by commas, as .NET's StringValues prints; `url` still has them apart. */
function query(url: URL): Record<string, string> {
  const names = new Set(url.searchParams.keys());
  return Object.fromEntries([...names].map((name) => [name, url.searchParams.getAll(name).join(',')]));
}

function nullable(values: Readonly<Record<string, string>>): Record<string, NullableString> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

/** The real host takes a body over RPC only when it has a Content-Length: a chunked one does not reach the function. */
async function readBody(request: IncomingMessage, log: HostLog): Promise<Buffer | undefined> {
  const chunked = request.headers['transfer-encoding'] !== undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (!chunked) chunks.push(chunk as Buffer);
  if (chunked) {
    log.write(
      'warning',
      'Host.Http',
      `${request.method} ${request.url}: body without Content-Length is dropped`,
    );
  }
  return chunks.length > 0 ? Buffer.concat(chunks) : undefined;
}

function writeResponse(response: ServerResponse, http: RpcHttp): void {
  response.statusCode = Number(http.statusCode ?? 200);
  for (const [name, value] of Object.entries(http.headers ?? {})) response.setHeader(name, value);
  for (const cookie of http.cookies ?? []) response.appendHeader('set-cookie', formatCookie(cookie));
  const body = http.body?.bytes ?? http.body?.string ?? http.body?.json;
  if (body !== undefined && response.statusCode !== 204 && response.statusCode !== 304) {
    response.setHeader('content-length', Buffer.byteLength(body));
    response.write(body);
  }
  response.end();
}

function formatCookie(cookie: RpcHttpCookie): string {
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value)}`];
  if (cookie.expires) parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`);
  if (cookie.maxAge) parts.push(`max-age=${cookie.maxAge.value}`);
  if (cookie.domain) parts.push(`domain=${cookie.domain.value}`);
  parts.push(`path=${cookie.path?.value ?? '/'}`);
  if (cookie.secure?.value) parts.push('secure');
  // In the RPC contract `none` is "not said"; a real SameSite=None is `explicitNone`.
  const sameSite =
    cookie.sameSite === 'explicitNone' ? 'none' : cookie.sameSite === 'none' ? undefined : cookie.sameSite;
  if (sameSite !== undefined) parts.push(`samesite=${sameSite}`);
  if (cookie.httpOnly?.value) parts.push('httponly');
  return parts.join('; ');
}

function refuseBody(response: ServerResponse): void {
  // The rest of the body is not read: the connection cannot be used again.
  response.setHeader('connection', 'close');
  end(response, 413);
}

function end(response: ServerResponse, statusCode: number): void {
  response.statusCode = statusCode;
  response.setHeader('content-length', 0);
  response.end();
}
