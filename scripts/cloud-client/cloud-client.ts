/**
 * The reference cloud client: sends what a recording server reports to the service, and executes its commands.
 *
 * Everything that must arrive goes through a spool on disk and is delivered in order; everything that
 * is sent carries an id of its own, so that sending it again changes nothing.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionEvent, SessionFacts } from '../../functions/policies/engine';
import { type ExecutedCommand, CommandRunner, type SessionHost } from './command-runner';
import { Connection, type Credentials, RejectedError } from './connection';
import { PersistentMap } from './persistent-map';
import { cutBatches } from './event-batches';
import { Spool } from './spool';
import { uploadRecording } from './upload-recording';

/** What a machine reports about itself. */
export interface Machine {
  machineId: string;
  hostName: string;
  operatingSystem: string;
  timeZone: string;
  clientVersion: string;
  serverVersion?: string;
  domain?: string;
  database?: { instance: string; name: string };
}

export interface MachineState {
  services: 'running' | 'degraded' | 'stopped';
  cpuPercent: number;
  memoryPercent: number;
  networkSendKbps: number;
  networkReceiveKbps: number;
  storage: { path: string; usedBytes: number; freeBytes: number }[];
  liveSessions: number;
}

export interface StartedSession {
  sessionId: string;
  decision: {
    action: string;
    record: 'full' | 'eventsOnly' | 'none';
    eventTypes: string[];
    ruleName: string;
  };
}

/** An item that must reach the service. */
type Delivery =
  | { kind: 'sessionStart'; sessionKey: string; startedAt: string; facts: SessionFacts }
  | { kind: 'events'; sessionKey: string; batchId: string; events: SessionEvent[] }
  | {
      kind: 'recording';
      sessionKey: string;
      part: number;
      container: 'mp4' | 'webm' | 'events';
      startedAt: string;
      endedAt: string;
      file: string;
    }
  | { kind: 'sessionEnd'; sessionKey: string; endedAt: string };

/** A delivery that the service has rejected for good. */
export interface RejectedDelivery {
  kind: Delivery['kind'];
  sessionKey: string;
  /** What is lost with it; empty for anything but events. */
  events: readonly SessionEvent[];
}

export interface CloudClientOptions {
  serviceUrl: string;
  credentials: Credentials;
  machine: Machine;
  /** Where spool and state are kept. */
  folder: string;
  /** What can be done to the sessions of this machine. */
  host: SessionHost;
  readState?: () => MachineState;
  /** Called for each delivery that the service has rejected permanently. */
  onRejected?: (delivery: RejectedDelivery, reason: RejectedError) => void;
  /** Called for each delivery that is retried. */
  onRetry?: (delivery: string, reason: unknown) => void;
}

const RETRY_MS = 500;

function withoutSite({ hostName }: Machine): string {
  return (
    `${hostName} is registered, but belongs to no site yet: register it with the database of a site, ` +
    'or let an administrator give it one. What it has to deliver is kept.'
  );
}

const IDLE_MACHINE: MachineState = {
  services: 'running',
  cpuPercent: 0,
  memoryPercent: 0,
  networkSendKbps: 0,
  networkReceiveKbps: 0,
  storage: [],
  liveSessions: 0,
};

export class CloudClient {
  readonly connection: Connection;
  /** Sessions by key, as the service answered them. */
  readonly sessions: PersistentMap<StartedSession>;
  private readonly spool: Spool<Delivery>;
  private readonly commands: CommandRunner;
  private readonly stopped = new AbortController();
  /** Why the service did not take a session: the reason why nothing of it can be delivered. */
  private readonly refusedSessions = new Map<string, RejectedError>();
  private running: Promise<unknown> | undefined;
  private serverId = '';
  private configurationEtag: string | undefined;

  constructor(private readonly options: CloudClientOptions) {
    mkdirSync(options.folder, { recursive: true });
    this.connection = new Connection(options.serviceUrl, options.credentials);
    this.sessions = new PersistentMap(path.join(options.folder, 'sessions.json'));
    this.spool = new Spool(path.join(options.folder, 'spool'));
    this.commands = new CommandRunner(
      this.connection,
      new PersistentMap(path.join(options.folder, 'commands.json')),
      options.host,
    );
  }

  /**
   * Registers the machine, sends a first heartbeat, applies the configuration, and begins to deliver. Returns the
   * server's id.
   * @throws Error when the machine belongs to no site: the service would refuse what is spooled, so nothing is sent
   */
  async start(): Promise<string> {
    const { signal } = this.stopped;
    const { machine } = this.options;
    const { body } = await this.connection.call<{ serverId: string; siteId?: string }>('POST', '/servers', {
      body: { ...machine, clientTime: new Date().toISOString() },
      signal,
    });
    if (body.siteId === undefined) throw new Error(withoutSite(machine));
    this.serverId = body.serverId;
    const heartbeatSeconds = await this.applyConfiguration();
    await this.heartbeat();
    this.running = Promise.all([
      this.spool.drain((delivery) => this.deliver(delivery), signal),
      this.commands.run(this.serverId, signal),
      this.sendHeartbeat(heartbeatSeconds, signal),
    ]).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return this.serverId;
  }

  startSession(session: { sessionKey: string; startedAt: string; facts: SessionFacts }): void {
    this.spool.append({ kind: 'sessionStart', ...session });
  }

  /** Spools events of one session; they are split into batches here, once. */
  addEvents(sessionKey: string, events: readonly SessionEvent[]): void {
    for (const batch of cutBatches(events)) {
      this.spool.append({ kind: 'events', sessionKey, batchId: randomUUID(), events: batch });
    }
  }

  /** Spools a finished recording file. */
  addRecording(recording: Omit<Extract<Delivery, { kind: 'recording' }>, 'kind'>): void {
    this.spool.append({ kind: 'recording', ...recording });
  }

  endSession(sessionKey: string, endedAt: string): void {
    this.spool.append({ kind: 'sessionEnd', sessionKey, endedAt });
  }

  /** Number of deliveries that wait. */
  get pending(): number {
    return this.spool.size;
  }

  /** Resolves when everything in the spool has been delivered. */
  async delivered(): Promise<void> {
    await this.spool.empty(this.stopped.signal);
  }

  /** Executed commands, in order. */
  get executed(): readonly ExecutedCommand[] {
    return this.commands.executed;
  }

  /** Stops at once; what is spooled is delivered after the next start. */
  async stop(): Promise<void> {
    this.stopped.abort(new Error('the cloud client was stopped'));
    await this.running;
  }

  /** Sends a heartbeat, and fetches what the answer reports as new. */
  async heartbeat(): Promise<void> {
    const state = this.options.readState?.() ?? IDLE_MACHINE;
    const { body } = await this.connection.call<{ configurationEtag: string; commandsWaiting: boolean }>(
      'POST',
      `/servers/${this.serverId}/heartbeat`,
      { body: { ...state, clientTime: new Date().toISOString() }, signal: this.stopped.signal },
    );
    if (body.configurationEtag !== this.configurationEtag) await this.applyConfiguration();
    if (body.commandsWaiting) this.commands.pollFor(0);
  }

  private async sendHeartbeat(seconds: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // Ends early when the client is stopped, which the loop checks.
      await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.heartbeat();
    }
  }

  /** Applies the desired configuration. Returns the seconds between heartbeats. */
  private async applyConfiguration(): Promise<number> {
    const { body, etag } = await this.connection.call<
      { server: { heartbeatSeconds: number } } & Record<string, unknown>
    >('GET', `/servers/${this.serverId}/configuration`, { signal: this.stopped.signal });
    const sections = Object.keys(body).map((name) => ({ name, state: 'applied' }));
    await this.connection.call('POST', `/servers/${this.serverId}/configuration/report`, {
      body: { etag, sections },
      signal: this.stopped.signal,
    });
    this.configurationEtag = etag;
    return body.server.heartbeatSeconds;
  }

  /** Sends until it has arrived or is rejected permanently; all other errors are retried. */
  private async deliver(delivery: Delivery): Promise<'delivered' | 'refused'> {
    const { signal } = this.stopped;
    for (;;) {
      try {
        await this.send(delivery);
        return 'delivered';
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof RejectedError) {
          const { kind, sessionKey } = delivery;
          if (kind === 'sessionStart') this.refusedSessions.set(sessionKey, error);
          const events = kind === 'events' ? delivery.events : [];
          this.options.onRejected?.({ kind, sessionKey, events }, error);
          return 'refused';
        }
        this.options.onRetry?.(delivery.kind, error);
        await sleep(RETRY_MS, undefined, { signal });
      }
    }
  }

  private async send(delivery: Delivery): Promise<void> {
    const { signal } = this.stopped;
    if (delivery.kind === 'sessionStart') {
      const { kind: _kind, ...start } = delivery;
      const body = { serverId: this.serverId, ...start };
      const answer = await this.connection.call<StartedSession>('POST', '/sessions', { body, signal });
      this.sessions.set(delivery.sessionKey, answer.body);
      return;
    }
    const session = this.sessions.get(delivery.sessionKey);
    if (!session)
      throw (
        this.refusedSessions.get(delivery.sessionKey) ??
        new RejectedError(404, 'unknown-session', `the session ${delivery.sessionKey} was not started`)
      );
    const { sessionId } = session;
    switch (delivery.kind) {
      case 'events': {
        const body = { batchId: delivery.batchId, sessionId, events: delivery.events };
        const answer = await this.connection.call<{ pollCommandsSeconds: number }>('POST', '/events', {
          body,
          gzip: true,
          signal,
        });
        if (answer.body.pollCommandsSeconds > 0) this.commands.pollFor(answer.body.pollCommandsSeconds);
        return;
      }
      case 'recording':
        await uploadRecording(this.connection, { ...delivery, sessionId });
        return;
      case 'sessionEnd':
        await this.connection.call('POST', `/sessions/${sessionId}/end`, {
          body: { endedAt: delivery.endedAt },
          signal,
        });
    }
  }
}
