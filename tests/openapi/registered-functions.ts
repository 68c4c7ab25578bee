/** Prints, as JSON, the HTTP functions that a bundle of the app registers; run as a separate process. */
import { triggerOf } from '../../infra/local/functions-host/invoker';
import { loadApp } from '../../infra/local/functions-host/worker/in-process-worker';

async function main(): Promise<void> {
  const worker = await loadApp(process.argv[2] ?? 'dist/app.js', () => undefined);
  const http = worker.functions
    .map((registered) => ({ name: registered.name, trigger: triggerOf(registered) }))
    .filter(({ trigger }) => trigger.type === 'httpTrigger')
    .map(({ name, trigger: { route, methods } }) => ({ name, route, methods }));
  process.stdout.write(JSON.stringify(http));
}

void main().then(() => process.exit(0));
