/** The machine's registration at the service: its server id, its heartbeats, and the configuration that it applies. */
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { type Connection, RejectedError } from './connection';
import { IDLE_MACHINE, type Machine, type MachineState } from './machine';
import { PersistentMap } from './persistent-map';

/** Where the server ids are kept, by the address of the service; for diagnosis. */
export const SERVER_FILE = 'server.json';

interface RegistrationOptions {
  serviceUrl: string;
  folder: string;
  machine: Machine;
  readState?: () => MachineState | Promise<MachineState>;
  applySection?: (name: string, value: unknown) => Promise<void>;
}

type Configuration = { server: { heartbeatSeconds: number } } & Record<string, unknown>;

interface HeartbeatAnswer {
  configurationEtag: string;
  commandsWaiting: boolean;
}

export class Registration {
  /** Empty before the first registration. */
  serverId = '';
  private configurationEtag: string | undefined;
  private readonly siteGiven = new EventEmitter();
  private inSite = false;

  constructor(
    private readonly connection: Connection,
    private readonly options: RegistrationOptions,
    private readonly signal: AbortSignal,
  ) {}

  get isInSite(): boolean {
    return this.inSite;
  }

  /** Resolves when the configuration says that the server belongs to a site, or the signal is aborted. */
  async untilInSite(signal: AbortSignal): Promise<void> {
    if (!this.inSite) await once(this.siteGiven, 'given', { signal }).catch(() => undefined);
  }

  /** Registers the machine and applies its configuration. Registering again is harmless. @throws RejectedError */
  async register(): Promise<{ serverId: string; heartbeatSeconds: number }> {
    const { signal } = this;
    const { body } = await this.connection.call<{ serverId: string }>('POST', '/servers', {
      body: { ...this.options.machine, clientTime: this.clientTime() },
      signal,
    });
    this.serverId = body.serverId;
    new PersistentMap<string>(path.join(this.options.folder, SERVER_FILE)).set(
      this.options.serviceUrl,
      body.serverId,
    );
    return { serverId: body.serverId, heartbeatSeconds: await this.applyConfiguration() };
  }

  /**
   * Sends a heartbeat and applies the configuration when it has changed. A server that the service does not know any
   * more, or whose site is gone, is registered again.
   * @throws RejectedError when that is refused: the machine belongs to another secure client
   */
  async heartbeat(): Promise<HeartbeatAnswer> {
    try {
      return await this.sendHeartbeat();
    } catch (error) {
      if (!(error instanceof RejectedError) || (error.status !== 404 && error.status !== 409)) throw error;
      await this.register();
      return { configurationEtag: '', commandsWaiting: true };
    }
  }

  private async sendHeartbeat(): Promise<HeartbeatAnswer> {
    const state = (await this.options.readState?.()) ?? IDLE_MACHINE;
    const { body } = await this.connection.call<HeartbeatAnswer>(
      'POST',
      `/servers/${this.serverId}/heartbeat`,
      { body: { ...state, clientTime: this.clientTime() }, signal: this.signal },
    );
    if (body.configurationEtag !== this.configurationEtag) await this.applyConfiguration();
    return body;
  }

  /** Applies the desired configuration section by section and reports it. Returns the seconds between heartbeats. */
  private async applyConfiguration(): Promise<number> {
    const base = `/servers/${this.serverId}/configuration`;
    const { body, etag } = await this.connection.call<Configuration>('GET', base, { signal: this.signal });
    const sections: object[] = [];
    for (const [name, value] of Object.entries(body)) sections.push(await this.applySection(name, value));
    await this.connection.call('POST', `${base}/report`, { body: { etag, sections }, signal: this.signal });
    this.configurationEtag = etag;
    this.inSite = body['site'] !== null;
    if (this.inSite) this.siteGiven.emit('given');
    return body.server.heartbeatSeconds;
  }

  private async applySection(name: string, value: unknown): Promise<object> {
    try {
      await this.options.applySection?.(name, value);
      return { name, state: 'applied' };
    } catch (error) {
      return { name, state: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** The uncorrected clock of this machine, by which the service measures its skew. */
  private clientTime(): string {
    return new Date(this.connection.clock.now()).toISOString();
  }
}
