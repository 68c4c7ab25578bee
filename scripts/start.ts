/**
 * `npm start [-- --ephemeral]`: runs the whole service on this machine until Ctrl-C; `PORT` is the first of fourteen
 * ports.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { provision } from '../infra/local/stack/provision';
import { repositoryRoot } from '../infra/local/stack/repository-root';
import { startStack, type Stack } from '../infra/local/stack/stack';

const healthSeconds = 60;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { ephemeral: { type: 'boolean', default: false } } });
  const interrupted = interruption();
  const stack = await startStack({
    dataDir: values.ephemeral ? undefined : path.join(repositoryRoot(), '.local'),
    basePort: Number(process.env.PORT ?? 7071),
    ephemeral: values.ephemeral,
    provision,
    superviseHost: true,
    signal: interrupted,
    log: (line) => console.error(line),
  });
  interrupted.addEventListener('abort', () => void stack.stop().finally(() => process.exit()));
  describe(stack);
  await waitUntilHealthy(stack);
  console.log(`ready ${stack.url}`);
}

/** Aborted by the first Ctrl-C or SIGTERM; later ones change nothing. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  process.on('SIGINT', () => controller.abort());
  process.on('SIGTERM', () => controller.abort());
  return controller.signal;
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
    ['injected faults', `${url}/local/faults`, 'azure'],
    ['storage backend', https(ports.azuriteBlob), 'azurite'],
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
  throw new Error(`The service did not become healthy within ${healthSeconds} s: ${last}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
