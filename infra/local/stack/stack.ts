/** The whole service on one machine: certificates, stand-ins, the Functions host with the app in it. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureCertificates } from './certificates';
import { commandLine } from './command-line';
import { appEnvironment } from './environment';
import { HostSupervisor } from './host-supervisor';
import { ManagedProcess } from './managed-process';
import { freeBasePort, portsFrom, type StackPorts } from './ports';
import { azureStandIns, azurite, cosmosGateway, functionsHost, type StackLayout } from './processes';
import { repositoryRoot } from './repository-root';
import { readLiveRecord, removeRecord, writeRecord } from './run-record';
import { ensureServicePrincipal } from './service-principal';
import { trustAuthority } from './trust';

export interface StackOptions {
  /** Holds `dist/` and `node_modules/`; default: this repository. */
  root?: string;
  /** Kept between starts; a new temporary folder when absent. */
  dataDir?: string;
  /** The Functions host's port; the others follow. Ten free ones are looked for when absent. */
  basePort?: number;
  /** `stop()` also removes the data folder, and everything ends with this process. */
  ephemeral?: boolean;
  /** Default: `dist/app.js`. */
  appBundle?: string;
  /** Variables of the app that win over those of the stack. */
  env?: Record<string, string>;
  /** Name of the app's Event Grid function; default: `respondToEvents`. */
  eventFunction?: string;
  /** More flags of the Functions host, such as `--queue-lease-seconds 5`. */
  hostFlags?: string[];
  /** Makes the containers and queues that a deployment makes in Azure; runs before the host starts. */
  provision?: (env: Record<string, string>) => Promise<void>;
  /** Whether a host that ends unexpectedly is started again. */
  superviseHost?: boolean;
  /** Ends a start that is under way; what was started is ended again. */
  signal?: AbortSignal;
  /** Hears of unexpected ends of the host. */
  log?: (line: string) => void;
}

export interface Stack {
  /** Of the service: `http://127.0.0.1:<port>`. */
  url: string;
  dataDir: string;
  ports: StackPorts;
  /** The certificate authority of every https endpoint below. */
  caFile: string;
  /** What the app was started with. */
  env: Record<string, string>;
  /** Process ids by name: azurite, cosmos, azure, functions-host (absent while it is down). */
  readonly pids: Record<string, number>;
  /** Kills the host and the app in it; everything else goes on. */
  killHost(): Promise<void>;
  startHost(): Promise<void>;
  /** Ends every process; removes the folder of a throw-away stack. */
  stop(): Promise<void>;
}

/**
 * Starts everything and resolves when the host is ready.
 * @throws PortTakenError, or an Error with the end of the log of the process that failed; nothing is left running.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const dataDir = path.resolve(options.dataDir ?? mkdtempSync(path.join(tmpdir(), 'session-recording-')));
  const folders = { run: path.join(dataDir, 'run'), logs: path.join(dataDir, 'logs') };
  for (const folder of Object.values(folders)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const unlock = lock(path.join(folders.run, 'supervisor.json'), dataDir);
  const layout = await prepare(options, dataDir);
  const { ports, certificates } = layout;
  const env = {
    ...appEnvironment(ports, ensureServicePrincipal(layout.principalFile), certificates.caFile),
    ...options.env,
  };
  const standIns = [azurite(layout), cosmosGateway(layout), azureStandIns(layout)].map(
    (spec) => new ManagedProcess(spec, folders),
  );
  const host = new ManagedProcess(functionsHost(layout, env), folders);
  const supervisor = new HostSupervisor(
    host,
    options.superviseHost ?? false,
    options.log ?? (() => undefined),
  );
  const removeFolder = (): void => rmSync(dataDir, { recursive: true, force: true });
  const forsake = (): void => {
    [host, ...standIns].forEach((process) => process.forsake());
    removeFolder();
  };
  const stop = async (): Promise<void> => {
    process.off('exit', forsake);
    await supervisor.stop();
    await Promise.all(standIns.map((standIn) => standIn.stop()));
    unlock();
    if (options.ephemeral) {
      removeFolder();
    }
  };
  if (options.ephemeral) {
    process.once('exit', forsake);
  }
  try {
    // First, since it is the port that somebody else most likely has.
    await host.clear();
    await allSettledOrThrow(standIns.map((standIn) => standIn.adoptOrStart()));
    trustAuthority(certificates.caFile);
    await Promise.race([options.provision?.(env), aborted(options.signal)]);
    await supervisor.start();
    options.signal?.throwIfAborted();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${ports.host}`,
    dataDir,
    ports,
    caFile: certificates.caFile,
    env,
    get pids() {
      const running = [...standIns, host].flatMap(({ spec, pid }) =>
        pid === undefined ? [] : [[spec.name, pid]],
      );
      return Object.fromEntries(running) as Record<string, number>;
    },
    killHost: () => supervisor.kill(),
    startHost: () => supervisor.start(),
    stop,
  };
}

async function prepare(options: StackOptions, dataDir: string): Promise<StackLayout> {
  const root = options.root ?? repositoryRoot();
  return {
    root,
    dataDir,
    ports: portsFrom(options.basePort ?? (await freeBasePort())),
    certificates: await ensureCertificates(path.join(dataDir, 'certificates')),
    principalFile: path.join(dataDir, 'service-principal.json'),
    appBundle: options.appBundle ?? path.join(root, 'dist/app.js'),
    eventFunction: options.eventFunction ?? 'respondToEvents',
    hostFlags: options.hostFlags ?? [],
  };
}

/** One supervisor per data folder: two would take each other's processes. */
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
