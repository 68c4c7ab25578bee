/** Which part listens where: fourteen ports in a row, from the Functions host's own. */
import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

export interface StackPorts {
  host: number;
  cosmos: number;
  blob: number;
  queue: number;
  table: number;
  login: number;
  keyVault: number;
  eventGrid: number;
  email: number;
  smtp: number;
  /** Azurite's own blobs and queues: clients use `blob` and `queue`, where faults are injected. */
  azuriteBlob: number;
  azuriteQueue: number;
  resourceManager: number;
  /** A second instance of the app, when it is started. */
  secondHost: number;
}

const count = 14;
/** With the last port behind it. */
export const LAST_BASE_PORT = 65_536 - count;

/** The ports from `base` (the Functions host) to `base` + 13 (a second one). */
export function portsFrom(base: number): StackPorts {
  if (!Number.isInteger(base) || base < 1024 || base > LAST_BASE_PORT) {
    throw new RangeError(`PORT must be a number from 1024 to ${LAST_BASE_PORT}; it is '${base}'.`);
  }
  return {
    host: base,
    cosmos: base + 1,
    blob: base + 2,
    queue: base + 3,
    table: base + 4,
    login: base + 5,
    keyVault: base + 6,
    eventGrid: base + 7,
    email: base + 8,
    smtp: base + 9,
    azuriteBlob: base + 10,
    azuriteQueue: base + 11,
    resourceManager: base + 12,
    secondHost: base + 13,
  };
}

/** A base whose ports are free now, below the range that systems use for outgoing connections. */
export async function freeBasePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const base = randomInt(720, 2280) * count;
    const free = await Promise.all(Object.values(portsFrom(base)).map(isFree));
    if (free.every(Boolean)) {
      return base;
    }
  }
  throw new Error('No free ports in a row were found.');
}

/** Whether a server could listen on this port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    // A client of an earlier server on this port must not keep the probe open.
    const probe = createServer((socket) => socket.destroy());
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** Whether somebody listens on this port of 127.0.0.1. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}
