/** The customer who works normally: one batch of 100 events and two reads a second, and a sign-in every five. */
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type Latencies, latenciesOf } from './latencies';
import { batchOf, type CustomerAccess } from './test-customer';

const EVENTS_PER_BATCH = 100;
/** By which a request that is not answered counts as lost; no wait is expected to come near it. */
const PATIENCE_MS = 60_000;

const KINDS = ['batch of 100 events', 'read', 'sign-in'] as const;
type Kind = (typeof KINDS)[number];

export class Neighbor {
  /** Requests that were not answered as they should be. */
  readonly failures: string[] = [];
  /** Ids of events in accepted batches that the customer's rule answers. */
  readonly watchedEvents: string[] = [];
  private token = '';
  private durations = new Map<Kind, number[]>();

  private constructor(
    private readonly access: CustomerAccess,
    private readonly administratorToken: string,
  ) {}

  static async signIn(access: CustomerAccess): Promise<Neighbor> {
    const query = new URLSearchParams({ role: 'FullAdmin', customer: access.customer });
    const answer = await fetch(`${access.url}/local/token?${query.toString()}`);
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const neighbor = new Neighbor(access, token);
    await neighbor.renewToken();
    return neighbor;
  }

  /** Works for so long; each request begins at its time, whether the ones before are answered or not. */
  async work(seconds: number): Promise<Map<Kind, Latencies>> {
    this.durations = new Map(KINDS.map((kind) => [kind, []]));
    const startedAt = performance.now();
    const running: Promise<void>[] = [];
    for (let half = 0; half < 2 * seconds; half++) {
      await sleep(Math.max(0, startedAt + half * 500 - performance.now()));
      running.push(this.timed('read', () => this.read(half)));
      if (half % 2 === 0) running.push(this.timed('batch of 100 events', () => this.sendBatch()));
      if (half % 10 === 5) running.push(this.timed('sign-in', () => this.renewToken()));
    }
    await Promise.all(running);
    return new Map([...this.durations].map(([kind, durations]) => [kind, latenciesOf(durations)]));
  }

  private async timed(kind: Kind, request: () => Promise<void>): Promise<void> {
    const startedAt = performance.now();
    await request().catch((error: unknown) => this.failures.push(`${kind}: ${String(error)}`));
    this.durations.get(kind)?.push(performance.now() - startedAt);
  }

  private async read(number: number): Promise<void> {
    const { siteId } = this.access;
    const paths = [`/sites/${siteId}`, `/recordings?siteId=${siteId}&top=20`];
    await this.send(200, `/api/v1${paths[number % paths.length]}`, {
      headers: { authorization: `Bearer ${this.administratorToken}` },
    });
  }

  private async sendBatch(): Promise<void> {
    const others = Array.from({ length: EVENTS_PER_BATCH - 1 }, (_, index) => ({
      appName: `program${index}.exe`,
      commandLine: `C:\\Program Files\\Vendor\\program${index}.exe --profile default --document report-${index}.docx`,
    }));
    const batch = batchOf(this.access, others);
    await this.send(202, '/api/cloud-client/v1/events', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.token}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: gzipSync(JSON.stringify(batch)),
    });
    this.watchedEvents.push(...batch.events.slice(0, 1).map(({ id }) => id));
  }

  private async renewToken(): Promise<void> {
    const { clientId: client_id, clientSecret: client_secret } = this.access;
    const text = await this.send(200, '/api/cloud-client/v1/token', {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret }),
    });
    this.token = (JSON.parse(text) as { access_token: string }).access_token;
  }

  private async send(expected: number, path: string, init: RequestInit): Promise<string> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`${this.access.url}${path}`, { ...init, signal });
    const text = await response.text();
    if (response.status !== expected)
      throw new Error(`${path} answered ${response.status}: ${text.slice(0, 200)}`);
    return text;
  }
}
