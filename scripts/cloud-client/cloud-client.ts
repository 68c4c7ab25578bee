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
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { SessionEvent, SessionFacts } from '../../functions/policies/engine';
import { type ExecutedCommand, CommandRunner, type SessionHost } from './command-runner';
import {
  Connection,
  type ConnectionOptions,
  CredentialsRefusedError,
  type Credentials,
  RejectedError,
} from './connection';
import {
  type Delivery,
  type RecordingDelivery,
  type RejectedDelivery,
  send,
  type StartedSession,
} from './delivery';
import { cutBatches } from './event-batches';
import { KnownEvents } from './known-events';
import { PersistentMap } from './persistent-map';
import { Registration } from './registration';
import type { Machine, MachineState } from './machine';
import { ServiceClock } from './service-clock';
import { Spool } from './spool';
import { uploadGrowing } from './upload-recording';

export interface CloudClientOptions {
  serviceUrl: string;
  credentials: Credentials;
  machine: Machine;
  /** Where spool and state are kept. */
  folder: string;
  /** What can be done to the sessions of this machine. */
  host: SessionHost;
  /** Without a site there is nothing to do for it, as for one log that is delivered; otherwise it waits for a site. */
  needsSite?: boolean;
  readState?: () => MachineState | Promise<MachineState>;
  /** Applies a section of the configuration; a rejection is reported to the service as the reason why it failed. */
  applySection?: (name: string, value: unknown) => Promise<void>;
  /** Called for each delivery that the service has rejected permanently. */
  onRejected?: (delivery: RejectedDelivery, reason: RejectedError) => void;
  /** Called for each delivery that is done with: delivered, or rejected permanently. */
  onSettled?: (delivery: Delivery, outcome: 'delivered' | 'refused') => void;
  /** Called for each delivery that is retried. */
  onRetry?: (delivery: string, reason: unknown) => void;
  /** Called when the spool has become full, and when it has room again. */
  onSpoolFull?: (isFull: boolean) => void;
  /** Called for a file of the spool that the disk has lost. */
  onDamaged?: (file: string) => void;
  /** From this size of the spool on nothing more is read from the sources. */
  maxSpoolBytes?: number;
  http?: HttpClient;
  /** This machine's clock, in milliseconds since 1970. */
  now?: () => number;
  wait?: NonNullable<ConnectionOptions['wait']>;
}

const INITIAL_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;
const DEFAULT_MAX_SPOOL_BYTES = 1_073_741_824;

function withoutSite({ hostName }: Machine): string {
  return (
    `${hostName} is registered, but belongs to no site yet: register it with the database of a site, ` +
    'or let an administrator give it one. What it has to deliver is kept.'
  );
}

export class CloudClient {
  readonly connection: Connection;
  /** Sessions by key, as the service answered them. */
  readonly sessions: PersistentMap<StartedSession>;
  private readonly spool: Spool<Delivery>;
  /** Apart, so that an upload of hours does not delay events. */
  private readonly recordings: Spool<Delivery>;
  private readonly knownEvents: KnownEvents;
  private readonly commands: CommandRunner;
  private readonly registration: Registration;
  private readonly stopped = new AbortController();
  private readonly refusedSessions = new Map<string, RejectedError>();
  private readonly pendingStarts = new Map<string, number>();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: CloudClientOptions) {
    const { folder, http, wait } = options;
    mkdirSync(folder, { recursive: true });
    const clock = new ServiceClock(options.now);
    this.connection = new Connection(options.serviceUrl, options.credentials, {
      clock,
      ...(http && { http }),
      ...(wait && { wait }),
    });
    this.sessions = new PersistentMap(path.join(folder, 'sessions.json'));
    const { maxSpoolBytes: maxBytes = DEFAULT_MAX_SPOOL_BYTES, onDamaged = () => undefined } = options;
    this.spool = new Spool(path.join(folder, 'spool'), { maxBytes, onDamaged });
    this.recordings = new Spool(path.join(folder, 'recordings'), { onDamaged });
    this.knownEvents = new KnownEvents(path.join(folder, 'spooled-events'));
    const commandResults = new PersistentMap<ExecutedCommand>(path.join(folder, 'commands.json'));
    this.commands = new CommandRunner(this.connection, commandResults, options.host);
    this.registration = new Registration(this.connection, options, this.stopped.signal);
    this.readSpool();
  }

  /** What an earlier process has spooled last may be missing in its other files. */
  private readSpool(): void {
    for (const delivery of this.spool.entries()) {
      if (delivery.kind === 'events') this.knownEvents.add(delivery.events.map(({ id }) => id));
      if (delivery.kind === 'sessionStart') this.countStart(delivery.sessionKey, 1);
    }
  }

  /**
   * Registers the machine, sends a first heartbeat, applies the configuration, and begins to deliver. Returns the
   * server's id.
   * @throws RejectedError, CredentialsRefusedError; Error when `needsSite` and the machine belongs to no site
   */
  async start(): Promise<string> {
    const { signal } = this.stopped;
    const { serverId, heartbeatSeconds } = await this.registration.register();
    if (this.options.needsSite && !this.registration.isInSite)
      throw new Error(withoutSite(this.options.machine));
    await this.heartbeat();
    const deliver = (delivery: Delivery) => this.deliver(delivery);
    this.running = Promise.all([
      this.deliverOnceInSite(deliver, signal),
      this.commands.run(serverId, signal),
      this.sendHeartbeats(heartbeatSeconds, signal),
    ]).then(
      () => undefined,
      (error: unknown) => {
        if (signal.aborted) return;
        // The other loops must not go on with what one of them has found to be refused.
        this.stopped.abort(error);
        throw error;
      },
    );
    // Whoever waits for `finished` gets the error, also later.
    this.running.catch(() => undefined);
    return serverId;
  }

  /** The service refuses the sessions of a server without a site, so that they wait until it has one. */
  private async deliverOnceInSite(
    deliver: (delivery: Delivery) => Promise<'delivered' | 'refused'>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.registration.untilInSite(signal);
    await Promise.all([this.spool.drain(deliver, signal), this.recordings.drain(deliver, signal)]);
  }

  /** Resolves when the client was stopped. @throws RejectedError, CredentialsRefusedError when it cannot go on */
  get finished(): Promise<void> {
    return this.running;
  }

  startSession(session: { sessionKey: string; startedAt: string; facts: SessionFacts }): void {
    this.spool.append({ kind: 'sessionStart', ...session });
    this.countStart(session.sessionKey, 1);
  }

  /** Spools events of one session that were not spooled before; they are split into batches here, once. */
  addEvents(sessionKey: string, events: readonly SessionEvent[]): void {
    const unknown = events.filter(({ id }) => !this.knownEvents.has(id));
    for (const batch of cutBatches(unknown)) {
      this.spool.append({ kind: 'events', sessionKey, batchId: randomUUID(), events: batch });
      this.knownEvents.add(batch.map(({ id }) => id));
    }
  }

  /** Spools a finished recording file. */
  addRecording(recording: Omit<RecordingDelivery, 'kind'>): void {
    this.recordings.append({ kind: 'recording', ...recording });
  }

  /** Uploads what a recording that still grows has so far, where its session is started. Errors mean: try later. */
  async uploadGrowing(recording: Omit<RecordingDelivery, 'kind' | 'endedAt'>): Promise<void> {
    const session = this.sessions.get(recording.sessionKey);
    if (!session) return;
    await uploadGrowing(this.connection, { ...recording, sessionId: session.sessionId }, this.stopped.signal);
  }

  /** Whether the session was started, or its start is spooled. */
  knowsSession(sessionKey: string): boolean {
    return this.pendingStarts.has(sessionKey) || this.sessions.get(sessionKey) !== undefined;
  }

  /** The recordings that wait for their upload, by file. */
  get pendingRecordings(): Set<string> {
    const files = [...this.recordings.entries()].flatMap((entry) =>
      entry.kind === 'recording' ? [entry.file] : [],
    );
    return new Set(files);
  }

  endSession(sessionKey: string, endedAt: string): void {
    this.spool.append({ kind: 'sessionEnd', sessionKey, endedAt });
  }

  /** Number of deliveries that wait. */
  get pending(): number {
    return this.spool.size + this.recordings.size;
  }

  /** Whether it has registered and delivers. */
  get isStarted(): boolean {
    return this.registration.serverId !== '';
  }

  /** Sessions that have begun and not ended. */
  get liveSessionCount(): number {
    return this.sessions.entries().filter(([, { ended }]) => ended !== true).length;
  }

  /** Whether the spool has reached its limit: sources must not be read until `whenRoom`. */
  get isSpoolFull(): boolean {
    return this.spool.isFull;
  }

  /** Resolves when the spool has room for what is read next. @throws the reason why the client has stopped */
  async whenRoom(): Promise<void> {
    if (!this.spool.isFull) return;
    const { signal } = this.stopped;
    this.options.onSpoolFull?.(true);
    await this.spool.whenRoom(signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
    this.options.onSpoolFull?.(false);
  }

  /** Resolves when everything in the spool has been delivered. @throws the reason why the client has stopped */
  async delivered(): Promise<void> {
    const { signal } = this.stopped;
    await Promise.all([this.spool.empty(signal), this.recordings.empty(signal)]).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
  }

  /** Executed commands, in order. */
  get executed(): readonly ExecutedCommand[] {
    return this.commands.executed;
  }

  /** Stops at once; what is spooled is delivered after the next start. @throws what `finished` throws */
  async stop(): Promise<void> {
    this.stopped.abort(new Error('the cloud client was stopped'));
    await this.running;
  }

  /** Sends a heartbeat, and fetches what the answer reports as new. */
  async heartbeat(): Promise<void> {
    const { commandsWaiting } = await this.registration.heartbeat();
    if (commandsWaiting) this.commands.pollFor(0);
  }

  private async sendHeartbeats(seconds: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // Ends early when the client is stopped, which the loop checks.
      await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.heartbeat();
    }
  }

  /** Sends until it has arrived or is rejected permanently; all other errors are retried. */
  private async deliver(delivery: Delivery): Promise<'delivered' | 'refused'> {
    const { signal } = this.stopped;
    for (let attempt = 0; ; attempt++) {
      try {
        await send(delivery, this.target());
        return this.settled(delivery, 'delivered');
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof CredentialsRefusedError) throw error;
        if (error instanceof RejectedError) {
          // A client that has lost its server finds nothing of it: that is no reason to give up what is spooled.
          if (error.status === 404) await this.heartbeat();
          this.reject(delivery, error);
          return this.settled(delivery, 'refused');
        }
        this.options.onRetry?.(delivery.kind, error);
        await this.connection.wait(
          Math.min(MAX_RETRY_MS, INITIAL_RETRY_MS * 2 ** Math.min(attempt, 10)),
          signal,
        );
      }
    }
  }

  private target() {
    return {
      connection: this.connection,
      serverId: this.registration.serverId,
      sessions: this.sessions,
      refusalOf: (sessionKey: string) => this.refusedSessions.get(sessionKey),
      isStartPending: (sessionKey: string) => this.pendingStarts.has(sessionKey),
      pollCommandsFor: (seconds: number) => {
        this.commands.pollFor(seconds);
      },
      signal: this.stopped.signal,
    };
  }

  private reject(delivery: Delivery, reason: RejectedError): void {
    const { kind, sessionKey } = delivery;
    if (kind === 'sessionStart') this.refusedSessions.set(sessionKey, reason);
    const events = kind === 'events' ? delivery.events : [];
    this.options.onRejected?.({ kind, sessionKey, events }, reason);
  }

  private settled<O extends 'delivered' | 'refused'>(delivery: Delivery, outcome: O): O {
    this.options.onSettled?.(delivery, outcome);
    if (delivery.kind === 'sessionStart') this.countStart(delivery.sessionKey, -1);
    return outcome;
  }

  private countStart(sessionKey: string, change: 1 | -1): void {
    const count = (this.pendingStarts.get(sessionKey) ?? 0) + change;
    if (count > 0) this.pendingStarts.set(sessionKey, count);
    else this.pendingStarts.delete(sessionKey);
  }
}
