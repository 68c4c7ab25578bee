/**
 * The process of the hostile customer, apart from the one that measures: attacks until it gets a message, then reports
 * what came of it.
 */
import { setMaxListeners } from 'node:events';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../../cloud-client/connection';
import { type Attack, ATTACKS, type Means, type Target } from './attacks';

export interface AttackOrder {
  target: Target;
  /** Only attacks whose name contains this text. */
  only: string | undefined;
}

export interface AttackReport {
  /** How often an attack ended so, by name and outcome. */
  outcomes: Record<string, Record<string, number>>;
  /** Ids of events in accepted batches that the customer's rule answers. */
  watchedEvents: string[];
}

/** What a failing or refused round waits, so that the processor of this machine is left to the service. */
const PAUSE_MS = 20;

async function attack({ target, only }: AttackOrder): Promise<void> {
  // An attacker has a machine of its own.
  setPriority(5);
  const stop = new AbortController();
  // Each request that runs listens.
  setMaxListeners(0, stop.signal);
  const report: AttackReport = { outcomes: {}, watchedEvents: [] };
  const means = await meansOf(target, stop.signal, report);
  const chosen = ATTACKS.filter(({ name }) => only === undefined || name.includes(only));
  const running = chosen.flatMap((one) =>
    Array.from({ length: one.concurrent }, (_, index) => repeat(one, index, means, report)),
  );
  process.send?.('attacking');
  process.once('message', () => stop.abort());
  await Promise.all(running);
  process.send?.(report);
  process.disconnect();
}

async function repeat(one: Attack, index: number, means: Means, report: AttackReport): Promise<void> {
  const counts = (report.outcomes[one.name] ??= {});
  for (let number = index; !means.signal.aborted; number += one.concurrent) {
    const outcome = await one.round(number, means).catch((error: unknown) => codeOf(error));
    if (means.signal.aborted) return;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    await sleep(PAUSE_MS);
  }
}

async function meansOf(target: Target, signal: AbortSignal, report: AttackReport): Promise<Means> {
  const { url, customer, clientId, clientSecret } = target.hostile;
  const query = new URLSearchParams({ role: 'FullAdmin', customer });
  const answer = await fetch(`${url}/local/token?${query.toString()}`);
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const connection = new Connection(url, { clientId, clientSecret });
  return {
    target,
    signal,
    send: async (method, path, body) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const init = { method, headers, signal, ...(body === undefined ? {} : { body }) };
      const response = await fetch(`${url}${path}`, init);
      await response.arrayBuffer();
      return String(response.status);
    },
    deliver: async (batch) => {
      // Retried until it is answered: what was accepted is known.
      const { status } = await connection.call('POST', '/events', { body: batch, gzip: true, signal });
      report.watchedEvents.push(...batch.events.slice(0, 1).map(({ id }) => id));
      return String(status);
    },
  };
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : String(cause);
}

process.once('message', (order: AttackOrder) => void attack(order));
