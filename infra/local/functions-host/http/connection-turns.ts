/**
 * One request of a connection at a time, as Kestrel: pipelined requests wait until the answer before them has gone to the
 * network, nothing more is read while some wait, and a client that does not take its answer loses its connection.
 */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** Kestrel's `MinResponseDataRate`: the slowest client that an answer is kept for, and the shortest time it gets. */
const SLOWEST_BYTES_PER_SECOND = 240;
const GRACE_MS = 5_000;

interface TurnOptions {
  /** How long a client may take for an answer of this size. */
  readonly patienceMs?: (bytes: number) => number;
}

/** Calls `handle` for each request when it is its turn on its connection. */
export function inTurn(
  handle: RequestListener,
  { patienceMs = kestrelPatienceMs }: TurnOptions = {},
): RequestListener {
  /** What waits, by connection; absent while none of its requests is being answered. */
  const waiting = new WeakMap<Socket, (() => void)[]>();
  const known = new WeakSet<Socket>();

  return (request, response) => {
    const { socket } = request;
    if (!known.has(socket)) abortWithoutStacks(socket);
    known.add(socket);
    const start = (): void => {
      response.once('close', () => endTurn(socket));
      limitSending(response, socket, patienceMs);
      handle(request, response);
    };
    const queue = waiting.get(socket);
    if (queue) {
      queue.push(start);
      // After the parser, which resumes reading at the end of each message; it has parsed what was read at once.
      process.nextTick(() => pauseWhileWaiting(socket));
    } else {
      waiting.set(socket, []);
      start();
    }
  };

  function pauseWhileWaiting(socket: Socket): void {
    if ((waiting.get(socket)?.length ?? 0) > 0) socket.pause();
  }

  function endTurn(socket: Socket): void {
    const queue = waiting.get(socket);
    const next = socket.destroyed || socket.writableEnded ? undefined : queue?.shift();
    if (next) next();
    else waiting.delete(socket);
    if (queue?.length === 0) socket.resume();
  }
}

/**
 * When a connection ends, Node makes an error for each request that was pipelined on it: well over a thousand, whose stacks
 * take a fifth of a second in which nobody is answered. Kestrel makes none.
 */
function abortWithoutStacks(socket: Socket): void {
  let usual = Error.stackTraceLimit;
  // Before and after the server's own listener.
  socket.prependListener('close', () => {
    usual = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
  });
  socket.on('close', () => {
    Error.stackTraceLimit = usual;
  });
}

/** Destroys the connection when the whole answer has been written but is not taken in time. */
function limitSending(response: ServerResponse, socket: Socket, patienceMs: (bytes: number) => number): void {
  let timer: NodeJS.Timeout | undefined;
  response.once('prefinish', () => {
    timer = setTimeout(() => socket.destroy(), patienceMs(socket.writableLength));
  });
  response.once('close', () => clearTimeout(timer));
}

function kestrelPatienceMs(bytes: number): number {
  return Math.max(GRACE_MS, (bytes / SLOWEST_BYTES_PER_SECOND) * 1000);
}
