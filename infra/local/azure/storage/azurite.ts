/** Forwards requests to Azurite, which listens on another port than clients use. */
import { type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { withoutConnection, withoutUnknownRange } from './headers';

/** Bodies up to this size are read before they are passed on: faults can look into them, and send them twice. */
export const smallBodyBytes = 1_048_576;
/** Shorter than the time after which Azurite closes an idle connection (`--blobKeepAliveTimeout`). */
const idleMilliseconds = 30_000;

/** The body when it is known to be small; undefined leaves it to be streamed, once. */
export async function smallBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const { 'content-length': length, 'transfer-encoding': encoding } = incoming.headers;
  if (encoding !== undefined || Number(length ?? 0) > smallBodyBytes) return undefined;
  if (length === undefined) return Buffer.alloc(0);
  return buffer(incoming);
}

export class Azurite {
  private readonly agent = new Agent({ keepAlive: true, timeout: idleMilliseconds, maxFreeSockets: 16 });

  constructor(private readonly port: number) {}

  /**
   * Passes a request on to `target` (path and query), and resolves with the head of the answer.
   * @param body absent: the request's own is streamed
   */
  send(incoming: IncomingMessage, target: string, body: Buffer | undefined): Promise<IncomingMessage> {
    if (body === undefined && incoming.readableDidRead) {
      return Promise.reject(new Error('A large body can be sent once only.'));
    }
    // Unchanged: the names of metadata keep their letter case.
    const headers = withoutUnknownRange(withoutConnection(incoming.rawHeaders));
    return this.request(incoming.method, target, headers, body ?? incoming);
  }

  /**
   * Sends a request, and resolves with the head of the answer.
   * @param headers names and values in turn
   */
  request(
    method: string | undefined,
    target: string,
    headers: string[],
    body: Buffer | Readable,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request({
        host: '127.0.0.1',
        port: this.port,
        agent: this.agent,
        method,
        path: target,
        headers,
      });
      outgoing.once('response', resolve).on('error', reject);
      if (Buffer.isBuffer(body)) outgoing.end(body);
      else pipeline(body, outgoing, () => undefined);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
