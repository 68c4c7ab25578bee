/** `npm start [-- --ephemeral]`: runs the whole service on this machine until Ctrl-C; `PORT` is the first of fourteen ports. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { provision } from '../infra/local/stack/provision';
import { repositoryRoot } from '../infra/local/stack/repository-root';
import { startStack, type Stack } from '../infra/local/stack/stack';
import { runCommand } from './cli/command';
import { interruption, stopWhen } from './cli/interruption';

const healthSeconds = 60;

async function start({ ephemeral }: { ephemeral: boolean }): Promise<void> {
  const interrupted = interruption('Stopping the service and everything that it runs on…');
  const stack = await startStack({
    dataDir: ephemeral ? undefined : path.join(repositoryRoot(), '.local'),
    basePort: Number(process.env.PORT ?? 7071),
    ephemeral,
    provision,
    superviseHost: true,
    signal: interrupted,
    log: (line) => console.error(line),
  });
  stopWhen(interrupted, stack);
  describe(stack);
  await waitUntilHealthy(stack);
  console.log(`ready ${stack.url}`);
}

function describe({ ports, pids, dataDir, url }: Stack): void {
  const https = (port: number): string => `https://127.0.0.1:${port}`;
  const rows: [string, string, string][] = [
    ['service (Functions host)', url, 'functions-host'],
    ['Cosmos DB', https(ports.cosmos), 'cosmos'],
    ['Blob storage', `${https(ports.blob)}/devstoreaccount1`, 'azure'],
    ['Queue storage', `${https(ports.queue)}/devstoreaccount1`, 'azure'],
    ['login', https(ports.login), 'azure'],
    ['Key Vault', https(ports.keyVault), 'azure'],
    ['Event Grid topic', `${https(ports.eventGrid)}/api/events`, 'azure'],
    ['Communication Services Email', https(ports.email), 'azure'],
    ['Resource Manager', https(ports.resourceManager), 'azure'],
    ['SMTP (STARTTLS)', `127.0.0.1:${ports.smtp}`, 'azure'],
    ['outbox', `${url}/local/outbox`, 'azure'],
    ['planted faults', `${url}/local/faults`, 'azure'],
    ['what storage is kept by', https(ports.azuriteBlob), 'azurite'],
  ];
  for (const [name, where, program] of rows) {
    console.log(`${name.padEnd(30)} ${where.padEnd(42)} ${program} (${pids[program]})`);
  }
  console.log(`${'data folder'.padEnd(30)} ${dataDir}`);
}

async function waitUntilHealthy(stack: Stack): Promise<void> {
  const deadline = Date.now() + healthSeconds * 1000;
  let last = 'no answer';
  while (Date.now() < deadline) {
    try {
      const response = await fetch(`${stack.url}/api/health`);
      if (response.status === 200) {
        return;
      }
      last = `${response.status} ${await response.text()}`;
    } catch (error) {
      last = String(error);
    }
    await sleep(50);
  }
  await stack.stop();
  throw new Error(`The service was not healthy within ${healthSeconds} s: ${last}`);
}

void runCommand({
  name: 'npm start',
  description:
    'Runs the whole service on this machine until Ctrl-C, with stand-ins for everything that Azure gives it. Its data is\n' +
    'in .local/ and survives a restart. For work on the code, npm run dev also restarts it at each change.',
  options: {
    ephemeral: { type: 'boolean', default: false, help: 'keeps nothing: the data is removed at the end' },
  },
  environment: { PORT: 'the first of fourteen ports in a row (default: 7071)' },
  examples: [
    ['', 'at http://127.0.0.1:7071'],
    ['--ephemeral', 'with data that is thrown away'],
  ],
  run: start,
});
