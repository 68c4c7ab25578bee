/** A proxy before Azurite's blobs or queues: forwards every request that its caller may make, subject to injected faults. */
import { IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { type FaultRegistry } from '../../faults/fault-registry';
import { FaultInjector, type Refusal } from '../../faults/fault-injector';
import { type Tls } from '../../stand-in-support/server';
import { refusedAppend } from './append-block';
import { type StorageAuthorization } from './authorization';
import { Azurite, smallBody } from './azurite';
import { withoutConnection } from './headers';
import { isPutBlockFromUrl, putBlockFromUrl } from './put-block-from-url';
import { sendRefusal } from './refusal';
import { isPut, madeVisibleLater } from './queue-message';

export interface StorageOptions {
  standIn: 'blob' | 'queue';
  /** The port that clients use. */
  port: number;
  /** Where Azurite listens; it need not run yet. */
  azuritePort: number;
  tls: Tls;
  faults: FaultRegistry;
  authorize: StorageAuthorization;
}

export interface Storage {
  close(): Promise<void>;
}

export async function startStorage(options: StorageOptions): Promise<Storage> {
  const { standIn, port, azuritePort, tls, authorize } = options;
  const faults = new FaultInjector(options.faults, standIn);
  const azurite = new Azurite(azuritePort);
  const server = createServer({ cert: tls.cert, key: tls.key }, (incoming, outgoing) => {
    // A fault breaks the connection, or Azurite is down: either way there is no answer.
    answer({ standIn, faults, azurite, authorize }, incoming, outgoing).catch(() =>
      incoming.socket.destroy(),
    );
  });
  // Longer than the clients keep idle sockets, so that they never write to one that is being closed.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        azurite.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The request was refused, by Azurite or in its place, so that it was not carried out. */
class RefusedError extends Error {
  constructor(readonly response: IncomingMessage | Refusal) {
    super('The storage refused the request.');
  }
}

interface Parts {
  standIn: StorageOptions['standIn'];
  faults: FaultInjector;
  azurite: Azurite;
  authorize: StorageAuthorization;
}

async function answer(
  { standIn, faults, azurite, authorize }: Parts,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/' } = incoming;
  const refused =
    (await authorize(incoming, withoutAccount(url, 'with the query'))) ?? refusedAppend(incoming);
  if (refused !== undefined) return sendRefusal(incoming, outgoing, refused);
  const body = await smallBody(incoming);
  const responses = new Set<IncomingMessage>();
  const send = async (target: string): Promise<IncomingMessage> => {
    const response = isPutBlockFromUrl(incoming)
      ? await putBlockFromUrl({ azurite, authorize }, incoming, target)
      : await azurite.send(incoming, target, body);
    if (!(response instanceof IncomingMessage)) throw new RefusedError(response);
    responses.add(response);
    if ((response.statusCode ?? 500) >= 400) throw new RefusedError(response);
    return response;
  };
  try {
    const result = await faults
      .carryOut<IncomingMessage | Refusal>({
        call: { method, path: withoutAccount(url), body: () => body?.toString('utf8') ?? '' },
        proceed: () => send(url),
        refuse: (refusal) => refusal,
        ...(standIn === 'queue' && isPut(method, withoutAccount(url))
          ? { proceedLater: (seconds: number) => send(madeVisibleLater(url, seconds)) }
          : {}),
      })
      .catch((error: unknown) => {
        if (error instanceof RefusedError) return error.response;
        throw error;
      });
    if (!(result instanceof IncomingMessage)) return sendRefusal(incoming, outgoing, result);
    responses.delete(result);
    outgoing.writeHead(result.statusCode ?? 502, result.statusMessage, withoutConnection(result.rawHeaders));
    await pipeline(result, outgoing);
  } finally {
    // Answers that are discarded: of copies, and those that a fault has lost.
    for (const response of responses) response.destroy();
  }
}

/** `/devstoreaccount1/container/blob?comp=block` → `/container/blob`, or the same with its query. */
function withoutAccount(url: string, query?: 'with the query'): string {
  const [, path = '', rest = ''] = /^\/[^/?]*([^?]*)(.*)/.exec(url) ?? [];
  return query === undefined ? path : path + rest;
}
