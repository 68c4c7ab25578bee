/** Calls the service as a recording server does: signs in, retries what is retryable, honours Retry-After. */
import { gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { proxiedHttpClient } from './http-client';
import { ServiceClock } from './service-clock';

const BASE = '/api/cloud-client/v1';
/** A body above this size is worth compressing. */
const GZIP_FROM_BYTES = 1_024;
const INITIAL_RETRY_DELAY_MS = 200;
const MAX_RETRY_DELAY_MS = 10_000;
/** A new token is fetched this long before the old one expires. */
const TOKEN_RENEWAL_MARGIN_MS = 60_000;
/** Longer than the longest poll. */
const REQUEST_TIMEOUT_MS = 60_000;

export interface Credentials {
  clientId: string;
  clientSecret: string;
}

export interface Answer<T> {
  status: number;
  etag: string | undefined;
  body: T;
}

export interface CallOptions {
  body?: object;
  /** The service takes gzip here. */
  gzip?: boolean;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The service rejected the request; a retry cannot succeed. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(`${status} ${code}: ${detail}`);
  }
}

/** The service does not accept the credentials (any more): nothing can be sent until they are replaced. */
export class CredentialsRefusedError extends Error {
  override readonly name = 'CredentialsRefusedError';
  constructor(readonly reason: RejectedError) {
    super(
      `The service does not accept the credentials (${reason.code}). The secure client was revoked, its secret has ` +
        'expired, or it is another one: get a new secret from an administrator and start again with it.',
    );
  }
}

/** The token endpoint is busy: it says when to come again. */
class NoTokenNow extends Error {
  constructor(
    status: number,
    readonly retryAfter: string | undefined,
  ) {
    super(`the token endpoint answered ${status}`);
  }
}

export interface ConnectionOptions {
  /** Sends all requests; without it they go directly, or through the proxy of the environment. */
  http?: HttpClient;
  clock?: ServiceClock;
  /** Waits before a retry; rejects when the signal is aborted. */
  wait?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>;
}

export class Connection {
  readonly http: HttpClient;
  readonly clock: ServiceClock;
  private token: { text: string; renewAt: number } | undefined;
  /** How often a call had to be retried; for diagnosis and tests. */
  retries = 0;

  constructor(
    private readonly serviceUrl: string,
    private readonly credentials: Credentials,
    private readonly options: ConnectionOptions = {},
  ) {
    this.http = options.http ?? proxiedHttpClient(undefined);
    this.clock = options.clock ?? new ServiceClock();
  }

  /** A connection with the same credentials to another instance of the service. */
  to(serviceUrl: string): Connection {
    return new Connection(serviceUrl, this.credentials, this.options);
  }

  /**
   * Calls an operation below `/api/cloud-client/v1` until the service answers. Retries without limit while
   * the service is unreachable, busy or restarting.
   * @throws RejectedError for any other 4xx; CredentialsRefusedError; the signal's reason when it is aborted
   */
  async call<T>(method: HttpMethods, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    for (let attempt = 0; ; attempt++) {
      options.signal?.throwIfAborted();
      const outcome = await this.attempt<T>(method, path, options, retryDelayMs(attempt));
      if ('answer' in outcome) return outcome.answer;
      this.retries++;
      await this.wait(outcome.retryAfterMs, options.signal);
    }
  }

  /** Gets a token, in one attempt. @throws CredentialsRefusedError; Error when the service does not answer */
  async signIn(signal: AbortSignal): Promise<void> {
    await this.accessToken(signal);
  }

  /** Waits before a retry. @throws the signal's reason */
  async wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const wait = this.options.wait ?? ((ms, until) => sleep(ms, undefined, until ? { signal: until } : {}));
    await wait(milliseconds, signal);
  }

  private async attempt<T>(
    method: HttpMethods,
    path: string,
    options: CallOptions,
    pauseMs: number,
  ): Promise<{ answer: Answer<T> } | { retryAfterMs: number }> {
    const response = await this.send(method, path, options).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      if (error instanceof CredentialsRefusedError) throw error;
      return error instanceof NoTokenNow ? error : undefined;
    });
    if (!response) return { retryAfterMs: pauseMs };
    if (response instanceof NoTokenNow)
      return { retryAfterMs: waitBeforeRetry(response.retryAfter, pauseMs) };
    const { status, headers, bodyAsText } = response;
    if (status === 401 && this.token) {
      this.token = undefined;
      return { retryAfterMs: pauseMs };
    }
    if (status === 429 || status >= 500)
      return { retryAfterMs: waitBeforeRetry(headers.get('retry-after'), pauseMs) };
    const body = jsonOf(bodyAsText);
    const rejected = status >= 400 ? rejectionOf(status, body) : undefined;
    if (rejected) throw rejected;
    // What is no answer of the service's own, such as the page of a proxy, says nothing about the request.
    const isOurs = status < 300 ? body !== undefined || !bodyAsText : status === 304;
    if (!isOurs) return { retryAfterMs: pauseMs };
    return { answer: { status, etag: headers.get('etag'), body: body as T } };
  }

  private async send(method: HttpMethods, path: string, options: CallOptions): Promise<PipelineResponse> {
    const content = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
    const compress = options.gzip === true && content !== undefined && content.length >= GZIP_FROM_BYTES;
    const headers = {
      authorization: `Bearer ${await this.accessToken(options.signal)}`,
      ...(content ? { 'content-type': 'application/json' } : {}),
      ...(compress ? { 'content-encoding': 'gzip' } : {}),
      ...options.headers,
    };
    return this.request(method, path, headers, compress ? gzipSync(content) : content, options.signal);
  }

  private async request(
    method: HttpMethods,
    path: string,
    headers: Record<string, string>,
    body: Buffer | string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<PipelineResponse> {
    const patience = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const request = createPipelineRequest({
      url: `${this.serviceUrl}${BASE}${path}`,
      method,
      headers: createHttpHeaders(headers),
      ...(body === undefined ? {} : { body }),
      abortSignal: signal ? AbortSignal.any([signal, patience]) : patience,
      allowInsecureConnection: true,
    });
    const response = await this.http.sendRequest(request);
    this.clock.measure(response.headers.get('date'));
    return response;
  }

  private async accessToken(signal: AbortSignal | undefined): Promise<string> {
    if (this.token && performance.now() < this.token.renewAt) return this.token.text;
    const { clientId, clientSecret } = this.credentials;
    const basic = [clientId, clientSecret].map(encodeURIComponent).join(':');
    const headers = {
      authorization: `Basic ${Buffer.from(basic).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const form = new URLSearchParams({ grant_type: 'client_credentials' }).toString();
    const response = await this.request('POST', '/token', headers, form, signal);
    const { status } = response;
    if (status === 429 || status >= 500) throw new NoTokenNow(status, response.headers.get('retry-after'));
    const body = jsonOf(response.bodyAsText);
    const rejected = status === 400 || status === 401 ? rejectionOf(status, body) : undefined;
    if (rejected) throw new CredentialsRefusedError(rejected);
    if (status !== 200 || !isToken(body)) throw new Error(`the token endpoint answered ${status}`);
    // By a clock that nobody sets.
    const renewAt = performance.now() + body.expires_in * 1000 - TOKEN_RENEWAL_MARGIN_MS;
    this.token = { text: body.access_token, renewAt };
    return body.access_token;
  }
}

/**
 * Milliseconds until the next try: never less than the service asks for, and up to half as long again, so that servers
 * that were refused together do not come back together.
 * @param retryAfter seconds or an HTTP date @param pauseMs without it
 */
export function waitBeforeRetry(
  retryAfter: string | undefined,
  pauseMs: number,
  random = Math.random,
): number {
  const seconds = Number(retryAfter ?? Number.NaN);
  const asked = Number.isNaN(seconds) ? Date.parse(retryAfter ?? '') - Date.now() : seconds * 1000;
  return asked > 0 ? asked * (1 + random() / 2) : pauseMs;
}

/** Exponential, with jitter: clients that lost the service at the same moment come back spread out. */
function retryDelayMs(attempt: number): number {
  const delay = Math.min(MAX_RETRY_DELAY_MS, INITIAL_RETRY_DELAY_MS * 2 ** Math.min(attempt, 10));
  return delay * (0.5 + Math.random() / 2);
}

function jsonOf(text: string | null | undefined): unknown {
  try {
    return text ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    return undefined;
  }
}

function isToken(body: unknown): body is { access_token: string; expires_in: number } {
  const { access_token, expires_in } = (body ?? {}) as Record<string, unknown>;
  return typeof access_token === 'string' && typeof expires_in === 'number';
}

/** The refusal that a body states (RFC 9457, or RFC 6749 of the token endpoint); undefined when it states none. */
function rejectionOf(status: number, body: unknown): RejectedError | undefined {
  const problem = (body ?? {}) as Record<string, unknown>;
  const code = problem['code'] ?? problem['error'];
  const detail = problem['detail'] ?? problem['error_description'];
  if (typeof code !== 'string') return undefined;
  return new RejectedError(status, code, typeof detail === 'string' ? detail : '');
}
