/** One detached process of the stack: reused when it runs already, else started and awaited. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine } from './command-line';
import { answers, isFree } from './ports';
import { isAlive, readLiveRecord, removeRecord, writeRecord, type RunRecord } from './run-record';

export interface ProcessSpec {
  /** Names its record and its log. */
  name: string;
  /** The program, run by Node. */
  script: string;
  args: string[];
  /** Flags of Node itself, such as `--inspect`. */
  nodeFlags?: string[];
  /** On top of this process's own environment. */
  env: Record<string, string>;
  /** The first one is probed before the process is adopted. */
  ports: [number, ...number[]];
  /** The log line that reports that it is ready. */
  readyPattern: RegExp;
  /** How long it may take to shut down; it is killed after that. */
  stopSeconds: number;
  /** Anything else that, when it changes, asks for a restart. */
  salt?: string;
}

export interface Folders {
  run: string;
  logs: string;
}

const readySeconds = 30;
/** After that, a port is considered to be used by another program. */
const releaseSeconds = 3;
const pollMilliseconds = 15;
const adoptedPollMilliseconds = 500;

export class ManagedProcess {
  private record: RunRecord | undefined;
  private readonly recordFile: string;
  readonly logFile: string;

  constructor(
    readonly spec: ProcessSpec,
    folders: Folders,
  ) {
    this.recordFile = path.join(folders.run, `${spec.name}.json`);
    this.logFile = path.join(folders.logs, `${spec.name}.log`);
  }

  get pid(): number | undefined {
    return this.record?.pid;
  }

  /**
   * Reuses the process that an earlier supervisor left, unless its build or configuration differs. `onExit` is called when
   * it ends, whatever the cause.
   */
  async adoptOrStart(onExit?: () => void): Promise<void> {
    const left = readLiveRecord(this.recordFile);
    if (left?.fingerprint === this.fingerprint() && (await answers(left.port))) {
      this.record = left;
      if (onExit) watchAdopted(left, onExit);
      return;
    }
    await this.start(onExit);
  }

  /** Ends the process that an earlier supervisor left. */
  async stopLeftover(): Promise<void> {
    this.record = readLiveRecord(this.recordFile);
    await this.stop();
  }

  /** Ends the process that an earlier supervisor left, and checks that the ports are free. */
  async clear(): Promise<void> {
    await this.stopLeftover();
    for (const port of this.spec.ports) {
      if (!(await isFree(port))) {
        throw new PortTakenError(this.spec.name, port);
      }
    }
  }

  /** Starts a new process. `onExit` is called when it ends, whatever the cause. */
  async start(onExit?: () => void): Promise<void> {
    await this.clear();
    const logStart = sizeOf(this.logFile);
    const child = this.spawn();
    child.once('exit', () => onExit?.());
    await this.waitUntilReady(child, logStart);
  }

  /** Asks it to end, and kills it after a time-out: `stopSeconds` unless said otherwise. */
  async stop(seconds = this.spec.stopSeconds): Promise<void> {
    await this.end('SIGTERM', seconds);
  }

  /** Kills it without a chance to clean up. */
  async kill(): Promise<void> {
    await this.end('SIGKILL', this.spec.stopSeconds);
  }

  /** Kills it at once, for a process that is ending itself. */
  killNow(): void {
    if (this.record !== undefined && isAlive(this.record)) {
      process.kill(this.record.pid, 'SIGKILL');
    }
  }

  private async end(signal: NodeJS.Signals, seconds: number): Promise<void> {
    const record = this.record;
    if (record !== undefined && isAlive(record)) {
      process.kill(record.pid, signal);
      const deadline = Date.now() + seconds * 1000;
      while (isAlive(record)) {
        if (Date.now() > deadline) {
          process.kill(record.pid, 'SIGKILL');
        }
        await sleep(pollMilliseconds);
      }
      await this.portsReleased();
    }
    this.record = undefined;
    removeRecord(this.recordFile);
  }

  /** The system takes a killed process's command line first, and closes its sockets a moment later. */
  private async portsReleased(): Promise<void> {
    const deadline = Date.now() + releaseSeconds * 1000;
    for (const port of this.spec.ports) {
      while (Date.now() < deadline && !(await isFree(port))) {
        await sleep(pollMilliseconds);
      }
    }
  }

  private spawn(): ChildProcess {
    const { script, args, env, ports, nodeFlags = [] } = this.spec;
    const log = openSync(this.logFile, 'a', 0o600);
    try {
      const child = spawn(process.execPath, ['--enable-source-maps', ...nodeFlags, script, ...args], {
        detached: true,
        stdio: ['ignore', log, log],
        env: { ...process.env, ...env },
      });
      const { pid } = child;
      if (pid === undefined) {
        throw new Error(`${this.spec.name} could not be started.`);
      }
      this.record = {
        pid,
        port: ports[0],
        startedAt: new Date().toISOString(),
        fingerprint: this.fingerprint(),
        commandLine: commandLine(pid) ?? '',
      };
      writeRecord(this.recordFile, this.record);
      return child;
    } finally {
      closeSync(log);
    }
  }

  private async waitUntilReady(child: ChildProcess, logStart: number): Promise<void> {
    const deadline = Date.now() + readySeconds * 1000;
    while (!this.spec.readyPattern.test(this.logSince(logStart))) {
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (ended || Date.now() > deadline) {
        await this.kill();
        const what = ended ? 'ended before it was ready' : `was not ready within ${readySeconds} s`;
        const tail = this.logSince(logStart).trimEnd().split('\n').slice(-12).join('\n');
        throw new Error(`${this.spec.name} ${what}; the end of ${this.logFile}:\n${tail}`);
      }
      await sleep(pollMilliseconds);
    }
  }

  private logSince(start: number): string {
    return readFileSync(this.logFile).subarray(start).toString('utf8');
  }

  private fingerprint(): string {
    const { script, args, env, salt } = this.spec;
    const hash = createHash('sha256').update(JSON.stringify({ args, env, salt }));
    return hash.update(readFileSync(script)).digest('hex');
  }
}

/** The process is nobody's child here: no event tells of its end. */
function watchAdopted(record: RunRecord, onExit: () => void): void {
  const timer = setInterval(() => {
    if (isAlive(record)) return;
    clearInterval(timer);
    onExit();
  }, adoptedPollMilliseconds);
  timer.unref();
}

/** A port of the stack is in use by another program. */
class PortTakenError extends Error {
  constructor(name: string, port: number) {
    super(
      `Port ${port}, where ${name} should listen, is in use: set PORT to another base, or stop the program that uses it.`,
    );
    this.name = 'PortTakenError';
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
