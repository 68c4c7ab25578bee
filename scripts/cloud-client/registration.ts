/** The machine's registration at the service: its server id, its heartbeats, and the configuration that it applies. */
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { type Connection, RejectedError } from './connection';
import { type ConfigurationHost, IDLE_MACHINE, type Machine, type MachineState } from './machine';
import { PersistentMap } from './persistent-map';

/** Where the server ids are kept, by the address of the service; for diagnosis. */
export const SERVER_FILE = 'server.json';

interface RegistrationOptions {
  serviceUrl: string;
  folder: string;
  machine: Machine | (() => Machine);
  readState?: () => MachineState | Promise<MachineState>;
  configuration?: ConfigurationHost;
  onSettingsRefused?: (reason: RejectedError) => void;
}

type Configuration = { server: { heartbeatSeconds: number } } & Record<string, unknown>;

interface Section {
  name: string;
  state: 'applied' | 'failed';
  version?: number;
  reason?: string;
}

const MAX_REASON = 2_000;

interface HeartbeatAnswer {
  configurationEtag: string;
  commandsWaiting: boolean;
  /** Absent where the service does not say. */
  nextHeartbeatSeconds?: number;
}

export class Registration {
  /** Empty before the first registration. */
  serverId = '';
  private configurationEtag: string | undefined;
  private readonly siteGiven = new EventEmitter();
  private inSite = false;
  private live = false;

  constructor(
    private readonly connection: Connection,
    private readonly options: RegistrationOptions,
    private readonly signal: AbortSignal,
  ) {}

  /** The machine as it is now. */
  get machine(): Machine {
    const { machine } = this.options;
    return typeof machine === 'function' ? machine() : machine;
  }

  get isInSite(): boolean {
    return this.inSite;
  }

  /** Whether recordings are to be uploaded live, as the configuration says. */
  get wantsLive(): boolean {
    return this.live;
  }

  /** Resolves when the configuration says that the server belongs to a site, or the signal is aborted. */
  async untilInSite(signal: AbortSignal): Promise<void> {
    if (!this.inSite) await once(this.siteGiven, 'given', { signal }).catch(() => undefined);
  }

  /** Registers the machine and applies its configuration. Registering again is harmless. @throws RejectedError */
  async register(): Promise<{ serverId: string; heartbeatSeconds: number }> {
    const { signal } = this;
    const { body } = await this.connection.call<{ serverId: string }>('POST', '/servers', {
      body: { ...this.machine, clientTime: this.clientTime() },
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

  /**
   * Fetches the desired configuration, applies it section by section and reports it. Returns the seconds between
   * heartbeats.
   */
  async applyConfiguration(): Promise<number> {
    const path = `/servers/${this.serverId}/configuration`;
    const { body, etag } = await this.connection.call<Configuration>('GET', path, { signal: this.signal });
    const sections: Section[] = [];
    for (const [name, value] of Object.entries(body)) sections.push(await this.applySection(name, value));
    await this.report({ etag, sections });
    this.configurationEtag = etag;
    this.live = wantsLive(body);
    this.inSite = body['site'] !== null;
    if (this.inSite) this.siteGiven.emit('given');
    return body.server.heartbeatSeconds;
  }

  private async applySection(name: string, value: unknown): Promise<Section> {
    const version = name === 'settings' ? versionOf(value) : {};
    try {
      await this.options.configuration?.applySection(name, value);
      return { name, state: 'applied', ...version };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { name, state: 'failed', reason: reason.slice(0, MAX_REASON), ...version };
    }
  }

  /** Reports what was applied, with the settings that the machine has now; without them where the service refuses them. */
  private async report(applied: { etag: string | undefined; sections: Section[] }): Promise<void> {
    const send = async (body: object) => {
      const path = `/servers/${this.serverId}/configuration/report`;
      await this.connection.call('POST', path, { body, signal: this.signal });
    };
    const settings = this.options.configuration?.readSettings()?.settings;
    if (!settings) return send(applied);
    await send({ ...applied, settings }).catch(async (error: unknown) => {
      if (!(error instanceof RejectedError) || error.status !== 400) throw error;
      this.options.onSettingsRefused?.(error);
      await send(applied);
    });
  }

  /** The uncorrected clock of this machine, by which the service measures its skew. */
  private clientTime(): string {
    return new Date(this.connection.clock.now()).toISOString();
  }
}

/** Recordings are watched while they are made, unless live playback or the cloud player is off. */
function wantsLive({ settings, site }: Configuration): boolean {
  const { playback } = (settings ?? {}) as { playback?: { live?: boolean } };
  const { cloudPlayerEnabled } = (site ?? {}) as { cloudPlayerEnabled?: boolean };
  return playback?.live !== false && cloudPlayerEnabled !== false;
}

/** Of the settings that the service wants; without it they are the machine's own. */
function versionOf(settings: unknown): { version?: number } {
  const { version } = (settings ?? {}) as { version?: unknown };
  return typeof version === 'number' ? { version } : {};
}
