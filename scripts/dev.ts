/** `npm run dev`: the whole service as `npm start` runs it, and the app started anew whenever a source file is saved. */
import path from 'node:path';
import { storage } from '../functions/storage';
import { provisioner } from '../infra/local/stack/provision';
import { repositoryRoot } from '../infra/local/stack/repository-root';
import { startStack } from '../infra/local/stack/stack';
import { basePort } from './cli/base-port';
import { runCommand } from './cli/command';
import { interruption, startUntil, stopWhen } from './cli/interruption';
import { wholeNumber } from './cli/whole-number';
import { appBuilder } from './dev/app-builder';
import { devLoop } from './dev/dev-loop';
import { watchSources } from './dev/watch-sources';
import { printParts, waitUntilHealthy } from './start/running-service';

/** What the app is made of; stand-ins and commands are not watched. */
const SOURCES = ['functions', 'shared', 'arm-templates'];
/** Not `dist/`, which every build replaces. */
const OUTPUT = 'dist.dev';
const LAST_PORT = 65_535;

interface Options {
  inspect: boolean;
  'inspect-port': string;
}

async function dev(options: Options): Promise<void> {
  const interrupted = interruption('Stopping the service and everything that it runs on…');
  await startUntil(interrupted, () => startService(options, interrupted));
}

async function startService(
  { inspect, 'inspect-port': inspectPort }: Options,
  interrupted: AbortSignal,
): Promise<void> {
  const root = repositoryRoot();
  const debugAddress = `127.0.0.1:${wholeNumber('inspect-port', inspectPort, LAST_PORT)}`;
  const port = basePort();
  const builder = await appBuilder(root, OUTPUT);
  const first = await builder.build();
  if (first.state === 'failed') throw new Error(first.message);
  await builder.describeApi();
  const stack = await startStack({
    dataDir: path.join(root, '.local'),
    basePort: port,
    appBundle: builder.file,
    hostNodeFlags: inspect ? [`--inspect=${debugAddress}`] : [],
    provision: provisioner(storage),
    supervise: true,
    signal: interrupted,
    log: (line) => console.error(line),
  });
  stopWhen(interrupted, { stop: () => stack.stop().finally(() => builder.close()) });
  printParts(stack);
  if (inspect) console.log(`${'debugger'.padEnd(30)} ${debugAddress}`);
  await waitUntilHealthy(stack);
  const onChange = devLoop({
    build: () => builder.build(),
    restart: async () => {
      const parts = await Promise.allSettled([stack.restartHost(), builder.describeApi()]);
      for (const part of parts) if (part.status === 'rejected') throw part.reason;
    },
    now: () => Date.now(),
    print: (line) => console.log(line),
    printError: (text) => console.error(text),
  });
  watchSources(root, SOURCES, isSource, (changes) => void onChange(changes));
  console.log(`ready ${stack.url}; watching ${SOURCES.join(', ')}`);
}

function isSource(file: string): boolean {
  return /\.(ts|json)$/.test(file) && !/\.test\.ts$|[\\/]testing[\\/]/.test(file);
}

void runCommand({
  name: 'npm run dev',
  description:
    'Runs the whole service like npm start, and restarts the app within two seconds whenever a source file is saved.\n' +
    'The stand-ins and the data in .local/ stay; what does not compile is shown while the app goes on as it was.\n' +
    'Types are not checked (npm run check:types); changes in infra/, scripts/ and host.json need a new start.',
  options: {
    inspect: {
      type: 'boolean',
      default: false,
      help: 'lets a debugger attach to the app, also after each restart',
    },
    'inspect-port': { type: 'string', value: 'PORT', default: '9229', help: 'where the debugger attaches' },
  },
  environment: { PORT: 'the first of fourteen ports in a row (default: 7071)' },
  examples: [
    ['', 'at http://127.0.0.1:7071'],
    ['--inspect', 'then attach with VS Code (.vscode/launch.json) or chrome://inspect'],
  ],
  run: dev,
});
