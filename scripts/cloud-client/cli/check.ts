/** `npm run cloud-client -- check`: checks each step of the way from this machine to the service. */
import path from 'node:path';
import { runCommand } from '../../cli/command';
import { proxiedHttpClient, proxyOfEnvironment } from '../http-client';
import { type CheckResult, selfCheck } from '../self-check';
import { PersistentMap } from '../persistent-map';
import { SERVER_FILE } from '../registration';
import { connectEnvironment, connectOptions, credentialsOf, proxyOf, serviceUrlOf } from './connect';

const FAILED = 1;
const MARKS = { ok: '✓', warning: '!', failed: '✗', skipped: '–' };

interface Options {
  url?: string;
  'client-id'?: string;
  'secret-file'?: string;
  proxy?: string;
  folder: string;
}

async function check(options: Options): Promise<void> {
  const serviceUrl = serviceUrlOf(options.url);
  const credentials = credentialsOf(options);
  const named = proxyOf(options.proxy);
  const known = new PersistentMap<string>(path.join(path.resolve(options.folder), SERVER_FILE));
  const results = await selfCheck({
    serviceUrl,
    credentials,
    proxy: named ?? (serviceUrl.startsWith('https:') ? proxyOfEnvironment() : undefined),
    http: proxiedHttpClient(named),
    serverId: known.get(serviceUrl),
  });
  const width = Math.max(...results.map(({ name }) => name.length));
  for (const result of results) console.log(linesOf(result, width));
  const failed = results.filter(({ state }) => state === 'failed').length;
  const warnings = results.filter(({ state }) => state === 'warning').length;
  console.log(
    `\n${failed === 0 ? 'The service can be reached' : 'The service cannot be used'}; ${warnings} warnings.`,
  );
  process.exitCode = failed === 0 ? 0 : FAILED;
}

function linesOf({ name, state, result, cause, remedy }: CheckResult, width: number): string {
  const indent = ' '.repeat(width + 4);
  return [
    `${MARKS[state]} ${name.padEnd(width)}  ${result}`,
    ...(cause === undefined ? [] : [`${indent}cause:  ${cause}`]),
    ...(remedy === undefined ? [] : [`${indent}remedy: ${remedy}`]),
  ].join('\n');
}

export const runCheck = (args: string[], name: string): Promise<void> =>
  runCommand(
    {
      name,
      description: [
        'Checks each step of the way to the service: name, TCP, proxy, TLS, health, clock, credentials, registration. Each line has',
        'the result; one that fails also has its cause and a remedy. Changes nothing. Exit codes: 0 all is well, or there are',
        'warnings; 1 a step failed; 2 the call was wrong.',
      ].join('\n'),
      options: connectOptions,
      environment: connectEnvironment,
      examples: [
        ['--url https://recording.example --client-id ID --secret-file secret', 'before the first start'],
      ],
      run: check,
    },
    args,
  );
