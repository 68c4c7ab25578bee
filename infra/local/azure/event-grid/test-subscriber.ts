/** For tests: a webhook that answers as configured, and records what it received. */
import { createServer, type IncomingMessage, type Server } from 'node:http';

export interface Received {
  headers: IncomingMessage['headers'];
  event: { id: string; data?: unknown; traceparent?: string };
}

/** Polls `look` until it returns a value. */
export async function eventually<T>(look: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = look();
    if (found !== undefined) {
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('It did not arrive.');
}

/** Listens at `port` between `start` and `stop`. */
export class Subscriber {
  readonly received: Received[] = [];
  answer: (received: Received) => number = () => 200;
  private server: Server | undefined;

  constructor(readonly port: number) {}

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const event = JSON.parse(Buffer.concat(chunks).toString()) as Received['event'];
        const received = { headers: request.headers, event };
        this.received.push(received);
        response.writeHead(this.answer(received)).end();
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', () => resolve()));
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => {
      this.server?.close(resolve);
      this.server?.closeAllConnections();
    });
  }

  seen(id: string, times = 1): Promise<Received[]> {
    return eventually(() => {
      const matching = this.received.filter(({ event }) => event.id === id);
      return matching.length >= times ? matching : undefined;
    });
  }
}
