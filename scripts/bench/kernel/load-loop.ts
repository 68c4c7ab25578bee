/** A small load generator: keep-alive connections that each send the next request when the last one is answered. */
import { connect, type Socket } from 'node:net';

const CONNECTIONS = 16;
const HEAD_END = '\r\n\r\n';

export interface Load {
  readonly requestsPerSecond: number;
  /** The processor's time of the whole process, this client's share included. */
  readonly cpuMicrosecondsPerRequest: number;
  readonly latenciesMilliseconds: readonly number[];
}

/**
 * Sends the requests in turn until `isEnough` says so. It writes and reads whole HTTP/1.1 messages itself,
 * so that the client costs little beside the server that shares its thread.
 * @throws Error when an answer has another status
 */
export async function load(
  port: number,
  requests: readonly Buffer[],
  expectedStatus: number,
  isEnough: (answered: number, elapsedMilliseconds: number) => boolean,
): Promise<Load> {
  const latenciesMilliseconds: number[] = [];
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let sent = 0;
  const next = () => requests[sent++ % requests.length] ?? Buffer.alloc(0);
  const isOver = () => isEnough(latenciesMilliseconds.length, performance.now() - startedAt);
  const status = `HTTP/1.1 ${expectedStatus} `;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () => converse(port, status, next, isOver, latenciesMilliseconds)),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const requestCount = latenciesMilliseconds.length;
  return {
    requestsPerSecond: requestCount / seconds,
    cpuMicrosecondsPerRequest: (user + system) / requestCount,
    latenciesMilliseconds,
  };
}

function converse(
  port: number,
  status: string,
  next: () => Buffer,
  isOver: () => boolean,
  latencies: number[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = '';
    let sentAt = 0;
    const send = () => {
      sentAt = performance.now();
      socket.write(next());
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (!isWhole(received)) return;
      if (!received.startsWith(status)) {
        socket.destroy(new Error(`Instead of ${status}the answer was ${received}`));
        return;
      }
      latencies.push(performance.now() - sentAt);
      received = '';
      if (!isOver()) return send();
      socket.end();
      resolve();
    });
  });
}

/** Whether head and body are there; each connection has one answer in progress. */
function isWhole(received: string): boolean {
  const head = received.indexOf(HEAD_END);
  if (head < 0) return false;
  const body = received.length - head - HEAD_END.length;
  const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, head))?.[1];
  return length === undefined ? received.endsWith('0\r\n\r\n') : body >= Number(length);
}
