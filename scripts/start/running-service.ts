/** The service that a command has started: what it consists of, and whether it is well. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../infra/local/stack/stack';

const healthSeconds = 60;

/** Prints what runs where. */
export function printParts({ ports, pids, dataDir, url }: Stack): void {
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

/** Resolves when the service says that it is well. @throws Error with its last answer when it does not; it is stopped then */
export async function waitUntilHealthy(stack: Stack): Promise<void> {
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
