/** What the sessions of a machine have to deliver: kept on disk, and delivered in order until the service has it. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { SessionEvent } from '../../functions/policies/engine';
import { type Connection, CredentialsRefusedError, RejectedError } from './connection';
import {
  type Delivery,
  type RecordingDelivery,
  type RejectedDelivery,
  send,
  type StartedSession,
} from './delivery';
import { cutBatches } from './event-batches';
import { KnownEvents } from './known-events';
import { type AppendedPrefixes, LiveUploads } from './live-uploads';
import { PersistentMap } from './persistent-map';
import { Spool } from './spool';

const INITIAL_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;
const DEFAULT_MAX_SPOOL_BYTES = 1_073_741_824;

export interface DeliveryOptions {
  /** Where spool and state are kept. */
  folder: string;
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
}

/** What deliveries need of the machine that they come from. */
interface Sender {
  connection: Connection;
  serverId: () => string;
  /** Registers the machine again when the service has lost it. */
  checkServer: () => Promise<unknown>;
  /** Commands are likely for this long. */
  pollCommandsFor: (seconds: number) => void;
  /** Aborted when the client stops. */
  signal: AbortSignal;
}

export class SessionDeliveries {
  /** Sessions by key, as the service answered them. */
  readonly sessions: PersistentMap<StartedSession>;
  /** Uploads of recordings while they grow. */
  readonly live: LiveUploads;
  private readonly spool: Spool<Delivery>;
  /** Apart, so that an upload of hours does not delay events. */
  private readonly recordings: Spool<Delivery>;
  private readonly knownEvents: KnownEvents;
  private readonly refusedSessions = new Map<string, RejectedError>();
  private readonly pendingStarts = new Map<string, number>();

  constructor(
    private readonly options: DeliveryOptions,
    private readonly sender: Sender,
  ) {
    const { folder, maxSpoolBytes: maxBytes = DEFAULT_MAX_SPOOL_BYTES } = options;
    const { onDamaged = () => undefined } = options;
    this.sessions = new PersistentMap(path.join(folder, 'sessions.json'));
    const prefixes = new PersistentMap<AppendedPrefixes>(path.join(folder, 'live-uploads.json'));
    this.live = new LiveUploads(sender.connection, prefixes);
    this.spool = new Spool(path.join(folder, 'spool'), { maxBytes, onDamaged });
    this.recordings = new Spool(path.join(folder, 'recordings'), { onDamaged });
    this.knownEvents = new KnownEvents(path.join(folder, 'spooled-events'));
    this.readSpool();
  }

  /** What an earlier process has spooled last may be missing in its other files. */
  private readSpool(): void {
    for (const delivery of this.spool.entries()) {
      if (delivery.kind === 'events') this.knownEvents.add(delivery.events.map(({ id }) => id));
      if (delivery.kind === 'sessionStart') this.countStart(delivery.sessionKey, 1);
    }
  }

  /** Delivers until the client stops. @throws CredentialsRefusedError, RejectedError when the client cannot go on */
  async run(): Promise<void> {
    const deliver = (delivery: Delivery) => this.deliver(delivery);
    const { signal } = this.sender;
    await Promise.all([this.spool.drain(deliver, signal), this.recordings.drain(deliver, signal)]);
  }

  /** Spools the delivery. */
  add(delivery: Exclude<Delivery, { kind: 'events' }>): void {
    (delivery.kind === 'recording' ? this.recordings : this.spool).append(delivery);
    if (delivery.kind === 'sessionStart') this.countStart(delivery.sessionKey, 1);
  }

  /** Spools events of one session that were not spooled before; they are split into batches here, once. */
  addEvents(sessionKey: string, events: readonly SessionEvent[]): void {
    const unknown = events.filter(({ id }) => !this.knownEvents.has(id));
    for (const batch of cutBatches(unknown)) {
      this.spool.append({ kind: 'events', sessionKey, batchId: randomUUID(), events: batch });
      this.knownEvents.add(batch.map(({ id }) => id));
    }
  }

  /** Whether the session was started, or its start is spooled. */
  knowsSession(sessionKey: string): boolean {
    return this.pendingStarts.has(sessionKey) || this.sessions.get(sessionKey) !== undefined;
  }

  /** The recordings that wait for their upload. */
  get pendingRecordings(): RecordingDelivery[] {
    return [...this.recordings.entries()].filter((entry) => entry.kind === 'recording');
  }

  /** Number of deliveries that wait. */
  get pending(): number {
    return this.spool.size + this.recordings.size;
  }

  get isSpoolFull(): boolean {
    return this.spool.isFull;
  }

  /** Resolves when the spool has room for what is read next. @throws the reason why the client has stopped */
  async whenRoom(): Promise<void> {
    if (!this.spool.isFull) return;
    this.options.onSpoolFull?.(true);
    await this.orStopped(this.spool.whenRoom(this.sender.signal));
    this.options.onSpoolFull?.(false);
  }

  /** Resolves when everything in the spool has been delivered. @throws the reason why the client has stopped */
  async delivered(): Promise<void> {
    const { signal } = this.sender;
    await this.orStopped(Promise.all([this.spool.empty(signal), this.recordings.empty(signal)]));
  }

  private async orStopped(waiting: Promise<unknown>): Promise<void> {
    await waiting.catch((error: unknown) => {
      this.sender.signal.throwIfAborted();
      throw error;
    });
  }

  /** Sends until it has arrived or is rejected permanently; all other errors are retried. */
  private async deliver(delivery: Delivery): Promise<'delivered' | 'refused'> {
    const { signal, connection } = this.sender;
    for (let attempt = 0; ; attempt++) {
      try {
        await send(delivery, this.target());
        return this.settled(delivery, 'delivered');
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof CredentialsRefusedError) throw error;
        if (error instanceof RejectedError) {
          // A client that has lost its server finds nothing of it: that is no reason to give up what is spooled.
          if (error.status === 404) await this.sender.checkServer();
          this.reject(delivery, error);
          return this.settled(delivery, 'refused');
        }
        this.options.onRetry?.(delivery.kind, error);
        await connection.wait(Math.min(MAX_RETRY_MS, INITIAL_RETRY_MS * 2 ** Math.min(attempt, 10)), signal);
      }
    }
  }

  private target() {
    const { connection, serverId, pollCommandsFor, signal } = this.sender;
    return {
      connection,
      serverId: serverId(),
      sessions: this.sessions,
      live: this.live,
      refusalOf: (sessionKey: string) => this.refusedSessions.get(sessionKey),
      isStartPending: (sessionKey: string) => this.pendingStarts.has(sessionKey),
      pollCommandsFor,
      signal,
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
