import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { commandLine } from '../infra/local/stack/command-line';
import { freeBasePort, isFree } from '../infra/local/stack/ports';
import { readLiveRecord } from '../infra/local/stack/run-record';
import { makeTestRoot } from '../infra/local/stack/test-root';

// Whole processes start and end here, which a busy machine does slowly.
jest.setTimeout(60_000);

let root: string;
let removeRoot: () => void;
let port: number;
beforeAll(async () => {
  ({ root, remove: removeRoot } = await makeTestRoot('start'));
});
beforeEach(async () => {
  port = await freeBasePort();
});
afterEach(endWhatIsLeft);
afterAll(() => removeRoot());

const runs: Run[] = [];

/** After a test that failed half way: commands that still run, and stand-ins whose supervisor was killed. */
async function endWhatIsLeft(): Promise<void> {
  for (const { child } of runs
    .splice(0)
    .filter((one) => one.child.exitCode === null && one.child.signalCode === null)) {
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await closed;
  }
  for (const name of [...standIns, 'functions-host']) {
    const record = readLiveRecord(path.join(root, '.local/run', `${name}.json`));
    if (record !== undefined) {
      process.kill(record.pid, 'SIGKILL');
    }
  }
}

interface Run {
  child: ChildProcess;
  output: () => string;
  errors: () => string;
}

function run(script: 'start' | 'token', ...args: string[]): Run {
  const child = spawn(process.execPath, [path.join(root, `dist/scripts/${script}.js`), ...args], {
    env: { ...process.env, PORT: String(port) },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const started = { child, output: () => output, errors: () => errors };
  runs.push(started);
  return started;
}

async function started(...args: string[]): Promise<Run> {
  const service = run('start', ...args);
  while (!service.output().includes(`ready http://127.0.0.1:${port}\n`)) {
    if (service.child.exitCode !== null) {
      throw new Error(service.errors());
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return service;
}

async function end(service: Run, signal: NodeJS.Signals): Promise<void> {
  const closed = once(service.child, 'close');
  service.child.kill(signal);
  await closed;
}

async function finish(command: Run): Promise<{ code: number | null; output: string; errors: string }> {
  await once(command.child, 'close');
  return { code: command.child.exitCode, output: command.output(), errors: command.errors() };
}

function pidOf(name: string): number {
  const record = readFileSync(path.join(root, '.local/run', `${name}.json`), 'utf8');
  return (JSON.parse(record) as { pid: number }).pid;
}

const standIns = ['azurite', 'cosmos', 'azure'];

const line = (pattern: string): string => expect.stringMatching(new RegExp(`^${pattern}\n$`)) as string;

describe('LOC-1: npm start', () => {
  it('prints what runs where, then one ready line; refuses a second start; ends everything on Ctrl-C', async () => {
    const service = await started();
    const pids = [...standIns, 'functions-host'].map(pidOf);
    const lines = service.output().trim().split('\n');
    expect(lines.filter((text) => text.startsWith('ready '))).toEqual([`ready http://127.0.0.1:${port}`]);
    expect(lines.at(-1)).toBe(`ready http://127.0.0.1:${port}`);
    for (const pid of pids) {
      expect(service.output()).toContain(`(${pid})`);
    }
    expect(service.output()).toContain(path.join(root, '.local'));

    const second = await finish(run('start'));
    expect(second).toMatchObject({ code: 1, errors: line('The data folder .* is in use by process .*') });

    await end(service, 'SIGINT');
    expect(service.errors()).toBe('\nStopping the service and everything that it runs on…\nStopped.\n');
    expect(pids.filter((pid) => commandLine(pid) !== undefined)).toEqual([]);
  });

  it('reuses the stand-ins of a start that was killed, but not those of another build', async () => {
    await end(await started(), 'SIGKILL');
    const left = standIns.map(pidOf);
    const host = pidOf('functions-host');

    await end(await started(), 'SIGKILL');
    expect(standIns.map(pidOf)).toEqual(left);
    expect(pidOf('functions-host')).not.toBe(host);

    const bundle = path.join(root, 'dist/local/azure.js');
    writeFileSync(bundle, `${readFileSync(bundle, 'utf8')}\n// another build`);
    const last = await started();
    expect(standIns.map(pidOf).slice(0, 2)).toEqual(left.slice(0, 2));
    expect(pidOf('azure')).not.toBe(left[2]);
    await end(last, 'SIGTERM');
    expect(left.filter((pid) => commandLine(pid) !== undefined)).toEqual([]);
  });

  it('says in one line that its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', () => resolve()));
    try {
      expect(await finish(run('start'))).toEqual({
        code: 1,
        output: '',
        errors: line(
          `Port ${port}, .*, is in use: set PORT to another base, or stop the program that uses it\\.`,
        ),
      });
    } finally {
      other.close();
    }
  });

  it('stops what it has started so far when it is interrupted', async () => {
    const service = run('start');
    const record = path.join(root, '.local/run/azurite.json');
    while (readLiveRecord(record) === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { pid = 0 } = readLiveRecord(record) ?? {};
    await end(service, 'SIGINT');
    expect(service.child.exitCode).toBe(130);
    expect(service.errors()).toBe('\nStopping the service and everything that it runs on…\nStopped.\n');
    expect(service.output()).not.toContain('ready');
    expect(commandLine(pid)).toBeUndefined();
    expect(await isFree(port + 2)).toBe(true);
  });
});

describe('LOC-2: npm run token', () => {
  it('prints a token and nothing else; also for an ephemeral service', async () => {
    const service = await started('--ephemeral');
    const args = [
      '--role',
      'ReadOnlyAdmin',
      '--user',
      'bob@contoso.example',
      '--group',
      'g1',
      '--group',
      'g2',
    ];
    const token = await finish(run('token', ...args));
    expect(token).toMatchObject({ code: 0, errors: '' });
    expect(decodeJwt(token.output.trim())).toMatchObject({
      preferred_username: 'bob@contoso.example',
      roles: ['SessionRecording.ReadOnlyAdmin'],
      groups: ['g1', 'g2'],
    });

    const refused = await finish(run('token', '--role', 'Owner'));
    expect(refused).toEqual({ code: 1, output: '', errors: line(".*'Owner' does not exist.*") });

    const dataDir = /data folder\s+(\S+)/.exec(service.output())?.[1] ?? '';
    expect(existsSync(dataDir)).toBe(true);
    await end(service, 'SIGTERM');
    expect(existsSync(dataDir)).toBe(false);
  });

  it('reports in one line that no service is running', async () => {
    const refused = await finish(run('token', '--role', 'FullAdmin'));
    expect(refused).toEqual({ code: 1, output: '', errors: line('No local service.*') });
  });
});
