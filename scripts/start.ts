/** `npm start [-- --ephemeral]`: runs the whole service on this machine until Ctrl-C; `PORT` is the first of fourteen ports. */
import path from 'node:path';
import { storage } from '../functions/storage';
import { provisioner } from '../infra/local/stack/provision';
import { repositoryRoot } from '../infra/local/stack/repository-root';
import { startStack } from '../infra/local/stack/stack';
import { basePort } from './cli/base-port';
import { runCommand } from './cli/command';
import { interruption, startUntil, stopWhen } from './cli/interruption';
import { printParts, waitUntilHealthy } from './start/running-service';

async function start(options: { ephemeral: boolean }): Promise<void> {
  const interrupted = interruption('Stopping the service and everything that it runs on…');
  await startUntil(interrupted, () => startService(options, interrupted));
}

async function startService({ ephemeral }: { ephemeral: boolean }, interrupted: AbortSignal): Promise<void> {
  const stack = await startStack({
    dataDir: ephemeral ? undefined : path.join(repositoryRoot(), '.local'),
    basePort: basePort(),
    ephemeral,
    provision: provisioner(storage),
    supervise: true,
    signal: interrupted,
    log: (line) => console.error(line),
  });
  stopWhen(interrupted, stack);
  printParts(stack);
  await waitUntilHealthy(stack);
  console.log(`ready ${stack.url}`);
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
    ['--ephemeral', 'with data that is removed at the end'],
  ],
  run: start,
});
