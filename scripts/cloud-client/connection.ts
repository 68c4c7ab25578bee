/** Calls the service as a recording server does: signs in, retries what is retryable, honours Retry-After. */
import { gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';

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

export class Connection {
  private token: { text: string; renewAt: number } | undefined;
  /** How often a call had to be retried; for diagnosis and tests. */
  retries = 0;

  constructor(
    private readonly serviceUrl: string,
    private readonly credentials: Credentials,
  ) {}

  /** A connection with the same credentials to another instance of the service. */
  to(serviceUrl: string): Connection {
    return new Connection(serviceUrl, this.credentials);
  }

  /**
   * Calls an operation below `/api/cloud-client/v1` until the service answers. Retries without limit while
   * the service is unreachable, busy or restarting.
   * @throws RejectedError for any other 4xx; the signal's reason when it is aborted
   */
  async call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    for (let attempt = 0; ; attempt++) {
      options.signal?.throwIfAborted();
      const pauseMs = Math.min(MAX_RETRY_DELAY_MS, INITIAL_RETRY_DELAY_MS * 2 ** Math.min(attempt, 10));
      const outcome = await this.attempt<T>(method, path, options, pauseMs);
      if ('answer' in outcome) return outcome.answer;
      this.retries++;
      await sleep(outcome.retryAfterMs, undefined, options.signal ? { signal: options.signal } : {});
    }
  }

  private async attempt<T>(
    method: string,
    path: string,
    options: CallOptions,
    pauseMs: number,
  ): Promise<{ answer: Answer<T> } | { retryAfterMs: number }> {
    const response = await this.send(method, path, options).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      if (error instanceof RejectedError) throw error;
      return undefined;
    });
    if (!response) return { retryAfterMs: jittered(pauseMs) };
    if (response.status === 401 && this.token) {
      this.token = undefined;
      return { retryAfterMs: jittered(pauseMs) };
    }
    if (response.status === 429 || response.status >= 500) {
      await response.body?.cancel();
      return { retryAfterMs: waitBeforeRetry(response.headers.get('retry-after'), pauseMs) };
    }
    const text = await response.text().catch(() => undefined);
    if (text === undefined) return { retryAfterMs: jittered(pauseMs) };
    if (response.status >= 400) throw rejection(response.status, text);
    const body = (text === '' ? undefined : JSON.parse(text)) as T;
    return { answer: { status: response.status, etag: response.headers.get('etag') ?? undefined, body } };
  }

  private async send(method: string, path: string, options: CallOptions): Promise<Response> {
    const content = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
    const compress = options.gzip === true && content !== undefined && content.length >= GZIP_FROM_BYTES;
    const patience = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const token = await this.accessToken();
    // The token endpoint is busy: its answer says when to come again.
    if (token instanceof Response) return token;
    return fetch(`${this.serviceUrl}${BASE}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(content ? { 'content-type': 'application/json' } : {}),
        ...(compress ? { 'content-encoding': 'gzip' } : {}),
        ...options.headers,
      },
      ...(content ? { body: compress ? gzipSync(content) : content } : {}),
      signal: options.signal ? AbortSignal.any([options.signal, patience]) : patience,
    });
  }

  /** The token, or the answer of a token endpoint that issues none now. @throws RejectedError when it never will */
  private async accessToken(): Promise<string | Response> {
    if (this.token && Date.now() < this.token.renewAt) return this.token.text;
    const { clientId, clientSecret } = this.credentials;
    const basic = [clientId, clientSecret].map(encodeURIComponent).join(':');
    const response = await fetch(`${this.serviceUrl}${BASE}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(basic).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (response.status === 429 || response.status >= 500) return response;
    const text = await response.text();
    if (response.status === 400 || response.status === 401) throw rejection(response.status, text);
    if (!response.ok) throw new Error(`the token endpoint answered ${response.status}`);
    const { access_token, expires_in } = JSON.parse(text) as { access_token: string; expires_in: number };
    this.token = { text: access_token, renewAt: Date.now() + expires_in * 1000 - TOKEN_RENEWAL_MARGIN_MS };
    return access_token;
  }
}

/**
 * Milliseconds until the next try: never less than the service asks for, and up to half as long again, so that servers
 * that were refused together do not come back together.
 * @param retryAfter seconds or an HTTP date @param pauseMs without it
 */
export function waitBeforeRetry(retryAfter: string | null, pauseMs: number, random = Math.random): number {
  const seconds = Number(retryAfter ?? Number.NaN);
  const asked = Number.isNaN(seconds) ? Date.parse(retryAfter ?? '') - Date.now() : seconds * 1000;
  return asked > 0 ? jittered(asked, random) : jittered(pauseMs, random);
}

/** As long as this, and up to half as long again. */
function jittered(milliseconds: number, random = Math.random): number {
  return milliseconds * (1 + random() / 2);
}

function rejection(status: number, text: string): RejectedError {
  try {
    const problem = JSON.parse(text) as Record<string, unknown>;
    const code = problem['code'] ?? problem['error'];
    const detail = problem['detail'] ?? problem['error_description'];
    return new RejectedError(status, String(code), String(detail));
  } catch {
    return new RejectedError(status, 'unknown', text.slice(0, 200));
  }
}
