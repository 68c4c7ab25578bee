/**
 * For tests: a temporary instance of the whole service, with real processes and SDKs, and nothing of the product
 * replaced.
 */
import { withoutRequestLimits } from '../../infra/local/stack/environment';
import { storage } from '../../functions/storage';
import { provisioner } from '../../infra/local/stack/provision';
import { startStack, type Stack, type StackOptions } from '../../infra/local/stack/stack';

export type Role = 'FullAdmin' | 'PrivilegedPlayerAdmin' | 'ReadOnlyAdmin' | 'none';

export interface Who {
  role?: Role;
  customer?: string;
  user?: string;
  group?: string;
}

export interface Mail {
  id: string;
  via: 'smtp' | 'communicationServices';
  to: string[];
  subject: string;
  messageId: string;
  text: string;
  html: string;
}

export interface TestService {
  stack: Stack;
  url: string;
  /** An access token of the local issuer. */
  token(who?: Who): Promise<string>;
  /** Calls the service as an administrator (a full one of contoso unless said otherwise). */
  as(who?: Who): Promise<Api>;
  outbox(): Promise<Mail[]>;
  stop(): Promise<void>;
}

export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  body: T;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
}

/** Calls with one caller's token. */
export type Api = <T = Record<string, unknown>>(
  method: string,
  path: string,
  options?: CallOptions,
) => Promise<Answer<T>>;

/** Starts a service of its own on free ports, without limits of requests; takes a few seconds. Stop it in `afterAll`. */
export async function startService(options: StackOptions = {}): Promise<TestService> {
  const stack = await startStack({
    ephemeral: true,
    provision: provisioner(storage),
    ...options,
    env: { ...withoutRequestLimits, ...options.env },
  });
  const token = async (who: Who = {}): Promise<string> => {
    const query = new URLSearchParams({ role: 'FullAdmin', ...who });
    const response = await fetch(`${stack.url}/local/token?${query.toString()}`);
    const { access_token } = (await response.json()) as { access_token: string };
    return access_token;
  };
  return {
    stack,
    url: stack.url,
    token,
    as: async (who) => callerWith(stack.url, await token(who)),
    outbox: async () =>
      ((await (await fetch(`${stack.url}/local/outbox`)).json()) as { value: Mail[] }).value,
    stop: () => stack.stop(),
  };
}

/** Calls with this bearer token. JSON in, JSON out; PATCH is a merge patch. */
export function callerWith(url: string, token: string): Api {
  return async <T>(method: string, path: string, options: CallOptions = {}) => {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(options.body === undefined ? {} : { 'content-type': contentType }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as T,
    };
  };
}

/** Polls until there is a value. @throws Error with the last state after `seconds` */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  seconds = 30,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
