/** Prints, as JSON, the functions that a bundle of the app registers; run as a separate process. */
import { triggerOf } from '../../infra/local/functions-host/invoker';
import { loadApp } from '../../infra/local/functions-host/worker/in-process-worker';

async function main(): Promise<void> {
  const [, , bundle = ''] = process.argv;
  const worker = await loadApp(bundle, () => undefined);
  const functions = worker.functions.map((registered) => ({
    name: registered.name,
    trigger: triggerOf(registered),
  }));
  process.stdout.write(JSON.stringify(functions));
}

void main().then(() => process.exit(0));
