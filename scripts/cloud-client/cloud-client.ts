/**
 * The reference cloud client: sends what a recording server reports to the service, and executes its commands.
 *
 * Everything that must arrive goes through a spool on disk and is delivered in order; everything that
 * is sent carries an id of its own, so that sending it again changes nothing.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { SessionEvent, SessionFacts } from '../../functions/policies/engine';
import { type ExecutedCommand, CommandRunner, type MachineHost, type SessionHost } from './command-runner';
import { Connection, type ConnectionOptions, type Credentials, type RejectedError } from './connection';
import type { RecordingDelivery, StartedSession } from './delivery';
import { type ConfigurationHost, IDLE_MACHINE, type Machine, type MachineState } from './machine';
import { PerformanceSampler } from './performance-sampler';
import { PersistentMap } from './persistent-map';
import { Registration } from './registration';
import { type ServerRecordOptions, ServerRecords } from './server-records';
import { ServiceClock } from './service-clock';
import { type DeliveryOptions, SessionDeliveries } from './session-deliveries';
import { uploadGrowing } from './upload-recording';

export interface CloudClientOptions extends DeliveryOptions, ServerRecordOptions {
  serviceUrl: string;
  credentials: Credentials;
  /** As it registers; a function where commands change its versions. */
  machine: Machine | (() => Machine);
  /** What can be done to the sessions of this machine. */
  host: SessionHost;
  /** Without a site there is nothing to do for it, as for one log that is delivered; otherwise it waits for a site. */
  needsSite?: boolean;
  /** What else commands can do; without it they fail. */
  executeOnMachine?: MachineHost;
  readState?: () => MachineState | Promise<MachineState>;
  /** What the machine does with its configuration; without it nothing, and every section counts as applied. */
  configuration?: ConfigurationHost;
  /** Called when the service does not accept the settings that the machine has. */
  onSettingsRefused?: (reason: RejectedError) => void;
  /** Measures the performance of the machine; without it there are no samples. */
  performance?: { seconds?: number; samplesInBatch?: number };
  http?: HttpClient;
  /** This machine's clock, in milliseconds since 1970. */
  now?: () => number;
  wait?: NonNullable<ConnectionOptions['wait']>;
}

function withoutSite(machine: Machine | (() => Machine)): string {
  const { hostName } = typeof machine === 'function' ? machine() : machine;
  return (
    `${hostName} is registered, but belongs to no site yet: register it with the database of a site, ` +
    'or let an administrator give it one. What it has to deliver is kept.'
  );
}

export class CloudClient {
  readonly connection: Connection;
  private readonly deliveries: SessionDeliveries;
  private readonly records: ServerRecords;
  private readonly commands: CommandRunner;
  private readonly registration: Registration;
  private readonly stopped = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: CloudClientOptions) {
    const { folder, http, wait } = options;
    const { signal } = this.stopped;
    mkdirSync(folder, { recursive: true });
    this.connection = new Connection(options.serviceUrl, options.credentials, {
      clock: new ServiceClock(options.now),
      ...(http && { http }),
      ...(wait && { wait }),
    });
    this.commands = new CommandRunner({
      connection: this.connection,
      results: new PersistentMap<ExecutedCommand>(path.join(folder, 'commands.json')),
      begun: new PersistentMap<string>(path.join(folder, 'commands-begun.json')),
      host: options.host,
      machine: options.executeOnMachine,
      onReported: ({ kind, status }) => this.registerNewVersion(kind, status),
    });
    this.registration = new Registration(this.connection, options, signal);
    this.records = new ServerRecords(options);
    this.deliveries = new SessionDeliveries(options, {
      connection: this.connection,
      serverId: () => this.registration.serverId,
      checkServer: () => this.heartbeat(),
      pollCommandsFor: (seconds) => {
        this.commands.pollFor(seconds);
      },
      signal,
    });
  }

  /**
   * Registers the machine, sends a first heartbeat, applies the configuration, and begins to deliver. Returns the
   * server's id.
   * @throws RejectedError, CredentialsRefusedError; Error when `needsSite` and the machine belongs to no site
   */
  async start(): Promise<string> {
    const { signal } = this.stopped;
    this.takeLocalChanges();
    const { serverId, heartbeatSeconds } = await this.registration.register();
    if (this.options.needsSite && !this.registration.isInSite)
      throw new Error(withoutSite(this.registration.machine));
    const next = await this.heartbeat();
    this.running = Promise.all([
      this.deliverOnceInSite(signal),
      this.deliverRecords(signal),
      this.measure(signal),
      this.commands.run(serverId, signal),
      this.sendHeartbeats(next, heartbeatSeconds, signal),
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
  private async deliverOnceInSite(signal: AbortSignal): Promise<void> {
    await this.registration.untilInSite(signal);
    await this.deliveries.run();
  }

  private async deliverRecords(signal: AbortSignal): Promise<void> {
    const checkServer = () => this.heartbeat();
    await this.records.run(this.connection, () => this.registration.serverId, checkServer, signal);
  }

  private async measure(signal: AbortSignal): Promise<void> {
    const { performance, readState = () => IDLE_MACHINE } = this.options;
    if (!performance) return;
    const measuredSessions = () =>
      this.liveSessions.flatMap(({ sessionId, decision }) =>
        decision.logPerformanceData === true ? [sessionId] : [],
      );
    const now = () => this.connection.clock.now();
    await new PerformanceSampler(this.records, { ...performance, readState, now, measuredSessions }).run(
      signal,
    );
  }

  /** Resolves when the client was stopped. @throws RejectedError, CredentialsRefusedError when it cannot go on */
  get finished(): Promise<void> {
    return this.running;
  }

  /** Sessions by key, as the service answered them. */
  get sessions(): PersistentMap<StartedSession> {
    return this.deliveries.sessions;
  }

  startSession(session: { sessionKey: string; startedAt: string; facts: SessionFacts }): void {
    this.deliveries.add({ kind: 'sessionStart', ...session });
  }

  /** Spools events of one session that were not spooled before. */
  addEvents(sessionKey: string, events: readonly SessionEvent[]): void {
    this.deliveries.addEvents(sessionKey, events);
  }

  /** Spools a finished recording file. */
  addRecording(recording: Omit<RecordingDelivery, 'kind'>): void {
    this.deliveries.add({ kind: 'recording', ...recording });
  }

  /** Uploads what a recording that still grows has so far, where its session is started. Errors mean: try later. */
  async uploadGrowing(recording: Omit<RecordingDelivery, 'kind' | 'endedAt'>): Promise<void> {
    const session = this.sessions.get(recording.sessionKey);
    if (!session) return;
    const growing = { ...recording, sessionId: session.sessionId };
    const { signal } = this.stopped;
    const isLive = this.registration.wantsLive && (await this.deliveries.live.grow(growing, signal));
    if (!isLive) await uploadGrowing(this.connection, growing, signal);
  }

  /** Whether the session was started, or its start is spooled. */
  knowsSession(sessionKey: string): boolean {
    return this.deliveries.knowsSession(sessionKey);
  }

  /** The recordings that wait for their upload, by file. */
  get pendingRecordings(): Set<string> {
    return new Set(this.deliveries.pendingRecordings.map(({ file }) => file));
  }

  endSession(sessionKey: string, endedAt: string): void {
    this.deliveries.add({ kind: 'sessionEnd', sessionKey, endedAt });
  }

  /** Number of deliveries of sessions that wait. */
  get pending(): number {
    return this.deliveries.pending;
  }

  /** Whether it has registered and delivers. */
  get isStarted(): boolean {
    return this.registration.serverId !== '';
  }

  /** Sessions that have begun and not ended. */
  get liveSessionCount(): number {
    return this.liveSessions.length;
  }

  private get liveSessions(): StartedSession[] {
    return this.sessions.entries().flatMap(([, session]) => (session.ended === true ? [] : [session]));
  }

  /** Whether the spool has reached its limit: sources must not be read until `whenRoom`. */
  get isSpoolFull(): boolean {
    return this.deliveries.isSpoolFull;
  }

  /** Resolves when the spool has room for what is read next. @throws the reason why the client has stopped */
  async whenRoom(): Promise<void> {
    await this.deliveries.whenRoom();
  }

  /** Resolves when everything of sessions has been delivered. @throws the reason why the client has stopped */
  async delivered(): Promise<void> {
    await this.deliveries.delivered();
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

  /** Sends a heartbeat, and fetches what the answer reports as new. Returns the seconds to the next one, if the service says. */
  async heartbeat(): Promise<number | undefined> {
    const isChanged = this.takeLocalChanges();
    const { commandsWaiting, nextHeartbeatSeconds } = await this.registration.heartbeat();
    if (commandsWaiting) this.commands.pollFor(0);
    if (!isChanged) return nextHeartbeatSeconds;
    // The first report hands the changed settings over, the second one confirms them as what the service wants.
    for (let report = 0; report < 2; report++) await this.registration.applyConfiguration();
    return nextHeartbeatSeconds;
  }

  /** Spools what was changed on the machine itself before that is forgotten. Returns whether there was something. */
  private takeLocalChanges(): boolean {
    const changes = this.options.configuration?.localChanges() ?? [];
    if (changes.length === 0) return false;
    this.records.addChanges(changes);
    this.options.configuration?.acceptLocalChanges();
    return true;
  }

  /** An installation or upgrade has changed what the machine is. */
  private async registerNewVersion(kind: string, status: string): Promise<void> {
    if (status === 'succeeded' && (kind === 'install' || kind === 'upgrade'))
      await this.registration.register();
  }

  /** @param seconds from one to the next where the service does not say */
  private async sendHeartbeats(
    first: number | undefined,
    seconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    let next = first;
    while (!signal.aborted) {
      // Ends early when the client is stopped, which the loop checks.
      await sleep((next ?? seconds) * 1000, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) next = await this.heartbeat();
    }
  }
}
