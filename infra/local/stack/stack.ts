/** The whole service on one machine: certificates, stand-ins, the Functions host with the app in it. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureCertificates } from './certificates';
import { commandLine } from './command-line';
import { appEnvironment } from './environment';
import { guardExit } from './exit-guard';
import { ManagedProcess, type Folders } from './managed-process';
import { freeBasePort, portsFrom, type StackPorts } from './ports';
import { ProcessSupervisor } from './process-supervisor';
import {
  azureStandIns,
  azurite,
  cosmosGateway,
  functionsHost,
  secondFunctionsHost,
  type StackLayout,
} from './processes';
import { repositoryRoot } from './repository-root';
import { readLiveRecord, removeRecord, writeRecord } from './run-record';
import { ensureServicePrincipal } from './service-principal';
import { trustAuthority } from './trust';

export interface StackOptions {
  /** Holds `dist/` and `node_modules/`; default: this repository. */
  root?: string;
  /** Kept between starts; a new temporary folder when absent. */
  dataDir?: string;
  /** The Functions host's port; the others follow. Free ones are looked for when absent. */
  basePort?: number;
  /** `stop()` also removes the data folder, and everything ends with this process. */
  ephemeral?: boolean;
  /** Default: `dist/package/app.js`. */
  appBundle?: string;
  /** Variables of the app that win over those of the stack. */
  env?: Record<string, string>;
  /** Name of the app's Event Grid function; default: `respondToEvents`. */
  eventFunction?: string;
  /** More flags of the Functions host, such as `--queue-lease-seconds 5`. */
  hostFlags?: string[];
  /** Flags of Node for the first host's process, such as `--inspect`. */
  hostNodeFlags?: string[];
  /** Keeps blobs in memory, whose calls cost the same however many there are; they end with the stack. */
  memoryBlobs?: boolean;
  /** Makes the containers and queues that a deployment makes in Azure; runs before the host starts. */
  provision?: (env: Record<string, string>) => Promise<void>;
  /** Whether the host, or a stand-in, that ends unexpectedly is started again. */
  supervise?: boolean;
  /** Aborts a start in progress; what was started is stopped again. */
  signal?: AbortSignal;
  /** Receives unexpected exits, and the restarts after them. */
  log?: (line: string) => void;
}

/** Whoever restarts it waits for it: a function that still runs then is resumed as after a crash. */
const restartStopSeconds = 0.5;

export interface Stack {
  /** Of the service: `http://127.0.0.1:<port>`. */
  url: string;
  /** Of a second instance, while there is one. */
  secondUrl: string;
  dataDir: string;
  ports: StackPorts;
  /** The certificate authority of every https endpoint below. */
  caFile: string;
  /** The environment of the app. */
  env: Record<string, string>;
  /** Process ids by name: azurite, cosmos, azure, functions-host and functions-host-2 (absent while they are down). */
  readonly pids: Record<string, number>;
  /** Kills the host and the app in it; everything else goes on. */
  killHost(): Promise<void>;
  startHost(): Promise<void>;
  /**
   * Ends the host, killing it when it takes longer than half a second, and starts it with what its bundle is now.
   * @throws Error with the end of its log when it does not come up; it stays down then
   */
  restartHost(): Promise<void>;
  /**
   * Starts a second instance of the app, as Azure does when it scales out: the same storage, HTTP at `secondUrl`.
   * Events are delivered to the first alone.
   */
  startSecondHost(): Promise<void>;
  /** Kills the second instance; the first goes on. */
  killSecondHost(): Promise<void>;
  /** Ends every process; removes the folder of a temporary stack. */
  stop(): Promise<void>;
}

/**
 * Starts everything and resolves when the host is ready.
 * @throws Error naming the port that is taken, or with the end of the log of the process that failed; nothing is left
 * running then.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const ports = portsFrom(options.basePort ?? (await freeBasePort()));
  const dataDir = path.resolve(options.dataDir ?? mkdtempSync(path.join(tmpdir(), 'session-recording-')));
  const folders = { run: path.join(dataDir, 'run'), logs: path.join(dataDir, 'logs') };
  for (const folder of Object.values(folders)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const keepFolder = options.ephemeral
    ? guardExit(() => rmSync(dataDir, { recursive: true, force: true }), options.signal !== undefined)
    : () => undefined;
  const unlock = lock(path.join(folders.run, 'supervisor.json'), dataDir);
  const root = options.root ?? repositoryRoot();
  const layout: StackLayout = {
    root,
    dataDir,
    ports,
    certificates: await ensureCertificates(path.join(dataDir, 'certificates')),
    principalFile: path.join(dataDir, 'service-principal.json'),
    appBundle: options.appBundle ?? path.join(root, 'dist/package/app.js'),
    eventFunction: options.eventFunction ?? 'respondToEvents',
    hostFlags: options.hostFlags ?? [],
    memoryBlobs: options.memoryBlobs ?? false,
  };
  const stack = new LocalStack(layout, folders, options, unlock);
  // From here on the stack itself removes it.
  keepFolder();
  await stack.start();
  return stack;
}

class LocalStack implements Stack {
  readonly url: string;
  readonly secondUrl: string;
  readonly dataDir: string;
  readonly ports: StackPorts;
  readonly caFile: string;
  readonly env: Record<string, string>;
  private readonly standIns: ManagedProcess[];
  private readonly host: ManagedProcess;
  private readonly secondHost: ManagedProcess;
  private readonly standInSupervisors: ProcessSupervisor[];
  private readonly supervisor: ProcessSupervisor;
  private readonly secondSupervisor: ProcessSupervisor;
  private readonly unguard: () => void;

  constructor(
    layout: StackLayout,
    folders: Folders,
    private readonly options: StackOptions,
    private readonly unlock: () => void,
  ) {
    this.url = `http://127.0.0.1:${layout.ports.host}`;
    this.secondUrl = `http://127.0.0.1:${layout.ports.secondHost}`;
    this.dataDir = layout.dataDir;
    this.ports = layout.ports;
    this.caFile = layout.certificates.caFile;
    const principal = ensureServicePrincipal(layout.principalFile);
    this.env = { ...appEnvironment(layout.ports, principal, this.caFile), ...options.env };
    const standIns = [azurite(layout), cosmosGateway(layout), azureStandIns(layout)];
    this.standIns = standIns.map((spec) => new ManagedProcess(spec, folders));
    const { hostNodeFlags: nodeFlags = [] } = options;
    this.host = new ManagedProcess({ ...functionsHost(layout, this.env), nodeFlags }, folders);
    this.secondHost = new ManagedProcess(secondFunctionsHost(layout, this.env), folders);
    const { supervise = false, log = () => undefined } = options;
    const supervisorOf = (one: ManagedProcess): ProcessSupervisor =>
      new ProcessSupervisor(one, supervise, log);
    this.standInSupervisors = this.standIns.map(supervisorOf);
    this.supervisor = supervisorOf(this.host);
    this.secondSupervisor = supervisorOf(this.secondHost);
    this.unguard = options.ephemeral
      ? guardExit(() => this.killAll(), options.signal !== undefined)
      : () => undefined;
  }

  get pids(): Record<string, number> {
    const pids: Record<string, number> = {};
    for (const { spec, pid } of [...this.standIns, this.host, this.secondHost]) {
      if (pid !== undefined) {
        pids[spec.name] = pid;
      }
    }
    return pids;
  }

  async start(): Promise<void> {
    const { provision, signal } = this.options;
    try {
      // First, since its port is the one most likely in use.
      await this.host.clear();
      await this.secondHost.stopLeftover();
      await allSettledOrThrow(this.standInSupervisors.map((standIn) => standIn.adoptOrStart()));
      trustAuthority(this.caFile);
      await Promise.race([provision?.(this.env), aborted(signal)]);
      await this.supervisor.start();
      signal?.throwIfAborted();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  killHost(): Promise<void> {
    return this.supervisor.kill();
  }

  startHost(): Promise<void> {
    return this.supervisor.start();
  }

  restartHost(): Promise<void> {
    return this.supervisor.restart(restartStopSeconds);
  }

  startSecondHost(): Promise<void> {
    return this.secondSupervisor.start();
  }

  killSecondHost(): Promise<void> {
    return this.secondSupervisor.kill();
  }

  async stop(): Promise<void> {
    this.unguard();
    await Promise.all([this.supervisor.stop(), this.secondSupervisor.stop()]);
    await Promise.all(this.standInSupervisors.map((standIn) => standIn.stop()));
    this.unlock();
    if (this.options.ephemeral) {
      this.removeFolder();
    }
  }

  private killAll(): void {
    for (const one of [this.host, this.secondHost, ...this.standIns]) {
      one.killNow();
    }
    this.removeFolder();
  }

  private removeFolder(): void {
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** One supervisor per data folder: two would reuse each other's processes. */
function lock(file: string, dataDir: string): () => void {
  const other = readLiveRecord(file);
  if (other !== undefined && other.pid !== process.pid) {
    throw new Error(`The data folder ${dataDir} is in use by process ${other.pid}: end that one first.`);
  }
  writeRecord(file, {
    pid: process.pid,
    port: 0,
    startedAt: new Date().toISOString(),
    fingerprint: '',
    commandLine: commandLine(process.pid) ?? '',
  });
  return () => removeRecord(file);
}

/** Rejects when the signal comes, or has come; never resolves. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const refuse = (): void => reject(new Error('The start was interrupted.'));
    if (signal?.aborted) {
      refuse();
    }
    signal?.addEventListener('abort', refuse, { once: true });
  });
}

/** Waits for all, so that none is still starting when the failure of one is handled. */
async function allSettledOrThrow(starts: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(starts)).find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
}
