/** An administrator client that retries until the service answers; a POST uses one Idempotency-Key for all attempts. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 300;

interface Answer {
  status: number;
  etag: string;
  body: Record<string, unknown> & { code?: string };
}

export class RetryingAdministrator {
  private token: string | undefined;

  /** A full administrator of the customer. */
  constructor(
    private readonly serviceUrl: string,
    private readonly customer: string,
  ) {}

  async get<T>(path: string): Promise<{ etag: string; body: T }> {
    const { etag, body } = accepted(`GET ${path}`, await this.ask('GET', path));
    return { etag, body: body as T };
  }

  /** All items of a list, page by page. */
  async list<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let next: string | undefined = path;
    while (next !== undefined) {
      const { body }: { body: { value: T[]; nextLink?: string } } = await this.get(next);
      items.push(...body.value);
      next = body.nextLink?.slice(`${this.serviceUrl}/api/v1`.length);
    }
    return items;
  }

  async post<T>(path: string, body?: object): Promise<T> {
    for (;;) {
      const answer = await this.ask('POST', path, body, { 'idempotency-key': randomUUID() });
      // It was done, but the answer with its secret was lost: only a new request helps.
      if (answer.body.code === 'idempotency-response-not-kept') continue;
      return accepted(`POST ${path}`, answer).body as T;
    }
  }

  /** Makes a change once, however often the answer is lost: `isDone` tells whether it has been made. */
  async patch<T>(path: string, patch: object, isDone: (current: T) => boolean): Promise<void> {
    for (;;) {
      const { etag, body } = await this.get<T>(path);
      if (isDone(body)) return;
      const answer = await this.attempt('PATCH', path, patch, {
        'if-match': etag,
        'content-type': 'application/merge-patch+json',
      });
      if (answer && answer.status !== 412) accepted(`PATCH ${path}`, answer);
    }
  }

  private async ask(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    for (;;) {
      const answer = await this.attempt(method, path, body, headers);
      if (answer && answer.body.code !== 'idempotency-in-progress') return answer;
      await sleep(PAUSE_MS);
    }
  }

  /** Undefined when the service cannot be reached, does not answer, or fails. */
  private async attempt(
    method: string,
    path: string,
    body: object | undefined,
    headers: Record<string, string>,
  ): Promise<Answer | undefined> {
    try {
      const response = await fetch(`${this.serviceUrl}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${await this.signIn()}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await response.text();
      if (response.status === 429 || response.status >= 500) return undefined;
      const parsed = (text === '' ? {} : JSON.parse(text)) as Answer['body'];
      return { status: response.status, etag: response.headers.get('etag') ?? '', body: parsed };
    } catch {
      return undefined;
    }
  }

  private async signIn(): Promise<string> {
    if (this.token === undefined) {
      const query = new URLSearchParams({ role: 'FullAdmin', customer: this.customer });
      const response = await fetch(`${this.serviceUrl}/local/token?${query.toString()}`);
      if (!response.ok) throw new Error(`no token: ${response.status}`);
      this.token = ((await response.json()) as { access_token: string }).access_token;
    }
    return this.token;
  }
}

function accepted(what: string, answer: Answer): Answer {
  if (answer.status < 400) return answer;
  throw new Error(`${what} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
}
