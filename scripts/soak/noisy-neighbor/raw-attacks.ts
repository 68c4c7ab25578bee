/** Attacks below the level of requests: connections that are never read, and guesses from many addresses. */
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const PIPELINED = 10_000;
const UNREAD_SECONDS = 5;

/** Pipelines 10,000 requests for a large document, and reads nothing of the answers. */
export async function pipelineUnread(url: string, path: string, signal: AbortSignal): Promise<string> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname).pause();
  socket.on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(PIPELINED));
  await sleep(UNREAD_SECONDS * 1000, undefined, { signal }).catch(() => undefined);
  socket.destroy();
  return 'not read';
}

/** Presents a wrong secret for this client from an address of the loopback network. */
export function guessSecret(
  url: string,
  clientId: string,
  localAddress: string,
  signal: AbortSignal,
): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: randomUUID(),
  }).toString();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${url}/api/cloud-client/v1/token`,
      {
        method: 'POST',
        localAddress,
        signal,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(body),
          'x-forwarded-for': `203.0.113.${Math.floor(Math.random() * 256)}`,
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(String(response.statusCode)));
        response.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
