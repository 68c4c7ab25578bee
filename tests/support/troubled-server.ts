/** For tests: an available server, an administrator who examines it, and the tasks that wait for it. */
import { operations } from '../../functions/operations';
import { expireCommands } from '../../functions/servers';
import { takeCommandReport } from '../../functions/servers/commands/command-purpose';
import { commandResultsQueue } from '../../functions/servers/commands/command';
import { serverTaskCommands } from '../../functions/servers/troubleshooting/server-task';
import { serverTaskKinds } from '../../functions/servers/troubleshooting/task-kinds';
import { newId } from '../../shared/ids';
import { resumeTasks } from '../../shared/tasks/start-task';
import { startTaskQueue } from '../../shared/tasks/task-queue';
import { lineLog } from '../../shared/telemetry/telemetry';
import { call, type TestRequest } from './call';
import { type RecordingServerTest, startRecordingServerTest } from './recording-server';
import { runTaskByHand } from './sample-tasks';

const log = lineLog(() => undefined);

export interface Delivered {
  id: string;
  kind: string;
  parameters: Record<string, unknown>;
  deliveries: number;
}

export class TroubledServer {
  serverId = '';

  private constructor(readonly test: RecordingServerTest) {}

  static async start(): Promise<TroubledServer> {
    return new TroubledServer(await startRecordingServerTest());
  }

  /** Registers another machine, which is available after its heartbeat. */
  async renew(): Promise<void> {
    this.test.queues.sent.length = 0;
    this.serverId = await this.test.register({ machineId: newId(), hostName: 'REC01' });
    await this.heartbeat();
  }

  async heartbeat() {
    const machine = { services: 'running', cpuPercent: 1, memoryPercent: 1, storage: [], liveSessions: 0 };
    const body = { ...machine, networkSendKbps: 0, networkReceiveKbps: 0, clientTime: this.test.time() };
    return this.test.send('sendHeartbeat', { params: { serverId: this.serverId }, body });
  }

  /** A request of an administrator about the server. */
  async ask(id: string, request: TestRequest = {}) {
    const operation = operations.find((one) => one.id === id);
    if (!operation) throw new Error(`there is no operation ${id}`);
    const params = { serverId: this.serverId, ...request.params };
    const token = await this.test.issuer.token();
    return call(this.test.services, operation, { token, ...request, params });
  }

  async commands(): Promise<Delivered[]> {
    const { body } = await this.test.send('fetchCommands', { params: { serverId: this.serverId } });
    return body['value'] as Delivered[];
  }

  async answer(commandId: string, body: Record<string, unknown>) {
    return this.test.send('answerCommand', { params: { serverId: this.serverId, commandId }, body });
  }

  /** Has the server execute what it was asked for, with this data. */
  async succeed(data: Record<string, unknown>) {
    const [command] = await this.commands();
    if (!command) throw new Error('there is no command');
    const reply = await this.answer(command.id, {
      status: 'succeeded',
      data: { kind: command.kind, ...data },
    });
    if (reply.status !== 204) throw new Error(reply.text);
    await this.settle();
    return command;
  }

  /** Delivers what lies in the queues, and runs the tasks that it starts. */
  async settle(): Promise<void> {
    const client = {
      startNew: async (_name: string, options?: { input?: unknown }) => {
        await runTaskByHand(
          this.test.services,
          serverTaskKinds,
          startTaskQueue.message.parse(options?.input),
        );
        return 'started';
      },
      getStatus: () => Promise.reject(new Error('there is no status')),
      raiseEvent: () => Promise.reject(new Error('nobody waits')),
    };
    for (const { queue, message } of this.test.queues.sent.splice(0)) {
      if (queue === startTaskQueue.name) await client.startNew('', { input: message });
      if (queue === commandResultsQueue.name)
        await takeCommandReport([serverTaskCommands])(
          this.test.services,
          commandResultsQueue.message.parse(message),
          client,
          log,
        );
    }
  }

  /** What the sweeps do after so many seconds. */
  async sweepAfter(seconds: number): Promise<void> {
    this.test.clock.advanceSeconds(seconds);
    await expireCommands(this.test.services, log);
    await resumeTasks(this.test.services, log);
    await this.settle();
  }

  /** The task that a reply names. */
  async task({ headers }: { headers: Record<string, string> }) {
    const id = (headers['operation-location'] ?? '').split('/').at(-1) ?? '';
    return (await this.ask('getTask', { params: { id } })).body;
  }
}
