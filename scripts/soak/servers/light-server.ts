/** A simulated server that costs little: it registers, sends heartbeats, answers commands, and has a session now and then. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../cloud-client/connection';
import { IDLE_MACHINE } from '../../cloud-client/machine';

interface Command {
  id: string;
  deliveries: number;
}

interface HeartbeatAnswer {
  commandsWaiting: boolean;
  nextHeartbeatSeconds: number;
}

export class LightServer {
  id = '';
  /** By `performance.now()`. */
  private nextHeartbeatAt = 0;
  readonly heartbeatMs: number[] = [];
  /** Ids of delivered commands, as often as they were delivered. */
  readonly delivered: string[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly index: number,
  ) {}

  async register(): Promise<void> {
    const machine = {
      machineId: randomUUID(),
      hostName: `REC${this.index}`,
      operatingSystem: 'Windows Server 2022 Datacenter',
      timeZone: 'Etc/UTC',
      serverVersion: '24.2.0.11',
      clientVersion: '7.42.15010.4',
      database: { instance: `sql${Math.floor(this.index / 250)}.example`, name: 'soak' },
      clientTime: new Date().toISOString(),
    };
    const answer = await this.connection.call<{ serverId: string }>('POST', '/servers', { body: machine });
    this.id = answer.body.serverId;
  }

  /** Heartbeats at the times that the service names, until then. @param until of `performance.now()` */
  async work(until: number): Promise<void> {
    while (this.nextHeartbeatAt < until) {
      await sleep(Math.max(0, this.nextHeartbeatAt - performance.now()));
      await this.heartbeat();
    }
  }

  async heartbeat(): Promise<void> {
    const startedAt = performance.now();
    const body = { ...IDLE_MACHINE, clientTime: new Date().toISOString() };
    const path = `/servers/${this.id}`;
    const answer = await this.connection.call<HeartbeatAnswer>('POST', `${path}/heartbeat`, { body });
    this.nextHeartbeatAt = startedAt + answer.body.nextHeartbeatSeconds * 1000;
    this.heartbeatMs.push(performance.now() - startedAt);
    if (!answer.body.commandsWaiting) return;
    const { body: commands } = await this.connection.call<{ value: Command[] }>('GET', `${path}/commands`);
    for (const { id } of commands.value) {
      this.delivered.push(id);
      const outcome = { status: 'failed', reason: 'There are no services on a simulated server.' };
      await this.connection.call('POST', `${path}/commands/${id}/result`, { body: outcome });
    }
  }

  /** Starts a session, sends one event, and ends it. */
  async playSession(): Promise<void> {
    const now = () => new Date().toISOString();
    const facts = { user: { name: 'CONTOSO\\alice', groups: [] }, machine: `VDA${this.index}`, tags: [] };
    const start = { serverId: this.id, sessionKey: randomUUID(), startedAt: now(), facts };
    const { body } = await this.connection.call<{ sessionId: string }>('POST', '/sessions', { body: start });
    const { sessionId } = body;
    const event = { id: randomUUID(), type: 'appStart', time: now(), data: { appName: 'notepad.exe' } };
    await this.connection.call('POST', '/events', {
      body: { batchId: randomUUID(), sessionId, events: [event] },
    });
    await this.connection.call('POST', `/sessions/${sessionId}/end`, { body: { endedAt: now() } });
  }
}
