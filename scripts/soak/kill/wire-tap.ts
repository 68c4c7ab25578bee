/**
 * A proxy between the app and the Cosmos DB gateway that reports what each request reads or writes: every step of the
 * service can be observed, and stopped, before it is carried out or before the app receives the answer.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificates } from '../../../infra/local/stack/certificates';

export interface Exchange {
  kind: 'read' | 'write';
  /** First value of the partition key: the customer's id, except in the directory. */
  customerId: string;
  /** What is written; of a read, just the `type`. */
  documents: Record<string, unknown>[];
}

/**
 * `asked`: not yet carried out. `answered`: carried out, and the app does not know. The exchange goes on when it
 * resolves.
 */
export type Watch = (moment: 'asked' | 'answered', exchange: Exchange) => Promise<void>;

export interface WireTap {
  /** To be used in place of the gateway's. */
  url: string;
  close(): Promise<void>;
}

/** @param gatewayPort the gateway need not run yet */
export async function startWireTap(
  gatewayPort: number,
  { caFile, certFile, keyFile }: Certificates,
  watch: Watch,
): Promise<WireTap> {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(caFile) });
  const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  const server = createServer(tls, (incoming, outgoing) => {
    pass(incoming, outgoing, gatewayPort, agent, watch).catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  gatewayPort: number,
  agent: Agent,
  watch: Watch,
): Promise<void> {
  const body = await read(incoming);
  const exchange = exchangeOf(incoming, body);
  if (exchange) await watch('asked', exchange);
  // The client was killed meanwhile: the request never arrived.
  if (incoming.socket.destroyed) return;
  const { method, url, headers } = incoming;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port: gatewayPort, agent, method, path: url, headers }, resolve)
      .once('error', reject)
      .end(body);
  });
  const content = await read(answer);
  if (exchange && wasCarriedOut(answer)) await watch('answered', exchange);
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(content);
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A batch is answered 207 when one of its parts was refused, and then none was carried out. */
function wasCarriedOut({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode < 300 && statusCode !== 207;
}

/** Undefined for what neither reads one document nor writes any: queries, and what is asked of account and containers. */
function exchangeOf({ method, url = '', headers }: IncomingMessage, body: Buffer): Exchange | undefined {
  const key = headers['x-ms-documentdb-partitionkey'];
  if (typeof key !== 'string' || !url.includes('/docs')) return undefined;
  const [customerId = ''] = JSON.parse(key) as string[];
  if (method === 'GET') {
    const type = decodeURIComponent(url.split('/').at(-1) ?? '').split(':')[0];
    return { kind: 'read', customerId, documents: [{ type }] };
  }
  if (body.length === 0 || headers['x-ms-documentdb-isquery'] !== undefined) return undefined;
  const content = JSON.parse(body.toString('utf8')) as
    Record<string, unknown> | { resourceBody?: Record<string, unknown> }[];
  const documents = Array.isArray(content) ? content.map(({ resourceBody = {} }) => resourceBody) : [content];
  return { kind: 'write', customerId, documents };
}
