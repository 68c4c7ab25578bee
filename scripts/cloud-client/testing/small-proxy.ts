/** For tests: an HTTP proxy, for plain requests and tunnels, with a name and a password where wanted. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as forward,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export class SmallProxy {
  /** Requests that went through it: `GET http://…`, `CONNECT host:port`. */
  readonly seen: string[] = [];
  private readonly server: Server;
  private readonly sockets = new Set<Duplex>();

  private constructor(private readonly credentials: string | undefined) {
    this.server = createServer((request, response) => {
      this.forward(request, response);
    });
    this.server.on('connect', (request: IncomingMessage, socket: Duplex) => {
      this.tunnel(request, socket);
    });
  }

  /** @param credentials `name:password` that it asks for */
  static async start(credentials?: string): Promise<SmallProxy> {
    const proxy = new SmallProxy(credentials);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.closeAllConnections();
    this.server.close();
  }

  private isAllowed({ headers }: IncomingMessage): boolean {
    if (this.credentials === undefined) return true;
    const expected = `Basic ${Buffer.from(this.credentials).toString('base64')}`;
    return headers['proxy-authorization'] === expected;
  }

  private forward(request: IncomingMessage, response: ServerResponse): void {
    this.seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (!this.isAllowed(request)) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end('<html>Sign in</html>');
      return;
    }
    const { 'proxy-authorization': _secret, ...headers } = request.headers;
    const onwards = forward(request.url ?? '', { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onwards.on('error', () => response.writeHead(502).end('<html>Bad gateway</html>'));
    request.pipe(onwards);
  }

  private tunnel(request: IncomingMessage, client: Duplex): void {
    this.seen.push(`CONNECT ${request.url ?? ''}`);
    if (!this.isAllowed(request)) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
      return;
    }
    const { hostname, port } = new URL(`http://${request.url ?? ''}`);
    const target: Socket = connect(Number(port || 80), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    for (const socket of [client, target]) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
  }
}
