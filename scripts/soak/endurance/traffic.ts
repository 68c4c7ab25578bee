/** A seeded mix of what administrators and a recording server ask for, counted. */
import { randomUUID } from 'node:crypto';
import { Random } from '../../../infra/local/stand-in-support/random';
import type { Journey } from '../journey/play-journey';
import { eventsOf, factsOf } from '../journey/scenario';

const CONCURRENCY = 4;

export class Traffic {
  /** Requests that were answered. */
  requests = 0;
  private readonly random: Random;

  /** Uses the site and the server of a journey that has been played. */
  constructor(
    private readonly journey: Journey,
    seed: number,
  ) {
    this.random = new Random(seed);
  }

  /** Sends at least this many requests, several concurrently. */
  async send(count: number): Promise<void> {
    const until = this.requests + count;
    const work = async (): Promise<void> => {
      while (this.requests < until) await this.next();
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  }

  private next(): Promise<void> {
    const chance = this.random.below(100);
    if (chance < 5) return this.session();
    if (chance < 40) return this.heartbeat();
    if (chance < 44) return this.health();
    return this.read();
  }

  private async read(): Promise<void> {
    const { administrator, siteId } = this.journey;
    const paths = [
      '/me',
      '/sites?top=1',
      `/sites/${siteId}`,
      `/sites/${siteId}/settings`,
      '/servers?top=5',
      `/recordings?siteId=${siteId}&top=5`,
      `/sites/${siteId}/responses?top=5`,
    ];
    await administrator.get(paths[this.random.below(paths.length)] ?? '/me');
    this.requests++;
  }

  private async heartbeat(): Promise<void> {
    await this.journey.client.heartbeat();
    this.requests++;
  }

  private async health(): Promise<void> {
    const response = await fetch(`${this.journey.options.stack.url}/api/health`);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`/api/health answered ${response.status}`);
    this.requests++;
  }

  /** Starts a session, causes events that trigger a mail and a command, and ends it. */
  private async session(): Promise<void> {
    const { client, serverId } = this.journey;
    const sessionKey = randomUUID();
    const startedAtMs = Date.now() - 10_000;
    const start = {
      serverId,
      sessionKey,
      startedAt: new Date(startedAtMs).toISOString(),
      facts: factsOf('locked'),
    };
    const { body } = await client.connection.call<{ sessionId: string }>('POST', '/sessions', {
      body: start,
    });
    const { sessionId } = body;
    const events = eventsOf(sessionKey, 'locked', startedAtMs).slice(0, 2);
    await client.connection.call('POST', '/events', { body: { batchId: randomUUID(), sessionId, events } });
    const end = { endedAt: new Date().toISOString() };
    await client.connection.call('POST', `/sessions/${sessionId}/end`, { body: end });
    this.requests += 3;
  }
}
