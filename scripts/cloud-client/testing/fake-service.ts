/** For tests: a service in memory that speaks as much of the protocol as the reference client needs. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface FakeRequest {
  method: string;
  /** Below `/api/cloud-client/v1`. */
  path: string;
  body: Record<string, unknown>;
}

type FakeAnswer = [status: number, body: object | string, headers?: Record<string, string>];

export class FakeService {
  /** All requests that were answered, in order. */
  readonly requests: FakeRequest[] = [];
  /** Closes connections without an answer, as a service that is away. */
  isAway: () => boolean = () => false;
  /** The token endpoint refuses, and so do all operations. */
  isRevoked = false;
  /** The service's clock, in milliseconds since 1970. */
  now: () => number = Date.now;
  /** Answers a request in another way; undefined for the usual one. */
  answer: (request: FakeRequest) => FakeAnswer | undefined = () => undefined;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.handle(request, response));
  }

  static async start(): Promise<FakeService> {
    const service = new FakeService();
    service.server.listen(0, '127.0.0.1');
    await once(service.server, 'listening');
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** What was delivered, in order: session keys of starts and ends, ids of events. */
  get delivered(): string[] {
    return this.requests.flatMap(({ path, body }) => {
      if (path === '/sessions') return [`start ${String(body['sessionKey'])}`];
      if (path === '/events') return (body['events'] as { id: string }[]).map(({ id }) => id);
      if (path.endsWith('/end')) return [`end ${path.split('/')[2] ?? ''}`];
      return [];
    });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isAway()) {
      request.socket.destroy();
      return;
    }
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const bytes = Buffer.concat(pieces);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    const path = new URL(request.url ?? '/', this.url).pathname.replace('/api/cloud-client/v1', '');
    const asked = { method: request.method ?? '', path, body: path === '/token' ? {} : objectOf(text) };
    const [status, body, headers] = this.answerTo(asked);
    if (status < 300 && typeof body === 'object' && path !== '/token') this.requests.push(asked);
    response
      .writeHead(status, {
        'content-type': 'application/json',
        date: new Date(this.now()).toUTCString(),
        ...headers,
      })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  private answerTo(request: FakeRequest): FakeAnswer {
    if (this.isRevoked && request.path !== '/api/health') {
      if (request.path === '/token')
        return [401, { error: 'invalid_client', error_description: 'unknown client or secret' }];
      return [401, { code: 'unauthenticated', detail: 'the token is not valid' }];
    }
    return this.answer(request) ?? usualAnswer(request);
  }
}

function usualAnswer({ path, body }: FakeRequest): FakeAnswer {
  if (path === '/token') return [200, { access_token: 'a', expires_in: 900 }];
  if (path === '/servers') return [200, { serverId: 'server' }];
  if (path.endsWith('/configuration')) return [200, { server: { heartbeatSeconds: 60 } }, { etag: '"1"' }];
  if (path.endsWith('/heartbeat')) return [200, { configurationEtag: '"1"', commandsWaiting: false }];
  if (path === '/sessions')
    return [200, { sessionId: `session-of-${String(body['sessionKey'])}`, decision: {} }];
  if (path === '/events') return [202, { pollCommandsSeconds: 0 }];
  return [200, {}];
}

function objectOf(text: string): Record<string, unknown> {
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
