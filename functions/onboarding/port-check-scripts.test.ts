/** The scripts that check ports: the one for bash is run, the one for PowerShell is parsed. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { parsePowershell } from '../../tests/support/parse-powershell';
import { bashPortCheck, powershellPortCheck } from './port-check-scripts';

const servers: Server[] = [];

async function listen(host: string): Promise<number> {
  const server = createServer((socket) => socket.end());
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** A port that nobody listens at. */
async function closedPort(): Promise<number> {
  const port = await listen('127.0.0.1');
  const server = servers.pop();
  server?.close();
  if (server) await once(server, 'close');
  return port;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function runBash(script: string): Promise<{ code: number; output: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile('bash', ['-s'], { timeout: 30_000 }, (error, output, errors) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, output, errors });
    });
    child.stdin?.end(script);
  });
}

it('ONB-2: the script for bash finds open ports, and ends well when all are open', async () => {
  const checks = [
    { host: '127.0.0.1', port: await listen('127.0.0.1') },
    { host: 'localhost', port: await listen('127.0.0.1') },
  ];
  expect(await runBash(bashPortCheck(checks))).toEqual({
    code: 0,
    output: `${checks.map(({ host, port }) => `${host} : ${port} is open\n`).join('')}All ports are open.\n`,
    errors: '',
  });
});

it('ONB-2: the script for bash names each closed port, goes on, and fails at the end', async () => {
  const [closed, open] = [await closedPort(), await listen('127.0.0.1')];
  const checks = [
    { host: '127.0.0.1', port: closed },
    { host: 'no-such-host.invalid', port: 443 },
    { host: '127.0.0.1', port: open },
  ];
  expect(await runBash(bashPortCheck(checks))).toEqual({
    code: 1,
    output: `127.0.0.1 : ${closed} is unreachable\nno-such-host.invalid : 443 is unreachable\n127.0.0.1 : ${open} is open\n`,
    errors: '2 of 3 ports are unreachable: allow outbound TCP connections to them.\n',
  });
});

/** What PowerShell defines itself, where it is used. */
const AUTOMATIC = ['$ErrorActionPreference', '$ProgressPreference'];

it('ONB-2: the script for PowerShell checks every port and uses no variable that it has not set', async () => {
  const ports = [80, 443, 8088, 9090, 9091, 9092, 9093, 9094];
  const script = powershellPortCheck(ports.map((port) => ({ host: 'recording.contoso.example', port })));
  const root = await parsePowershell(script);
  const variables = root.descendantsOfType('variable').map((node) => node?.text ?? '');
  const assigned = new Set([
    ...AUTOMATIC,
    ...[...script.matchAll(/(\$\w+) = /g)].map(([, name = '']) => name),
    ...[...script.matchAll(/foreach \((\$\w+) in/g)].map(([, name = '']) => name),
  ]);
  expect(variables.length).toBeGreaterThan(10);
  expect(variables.filter((name) => !assigned.has(name))).toEqual([]);
  expect([...script.matchAll(/Port = (\d+)/g)].map(([, port]) => Number(port))).toEqual(ports);
  expect(script).toMatch(/^[ -~\n]*$/);
});
