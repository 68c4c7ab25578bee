/** The scripts that register an application: their syntax, and what they run with a stand-in for the Azure CLI. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parsePowershell } from '../../tests/support/parse-powershell';
import { powershellLiteral } from './quoting';
import { customRole, registrationBash, registrationPowershell } from './app-registration';

const registration = {
  subscriptionId: '08aac22f-7434-5bd6-bce0-3f1d7dc00a35',
  applicationName: 'It\'s "$(touch hacked)" `x`; ’Zoë',
};

/** Writes each argument to a log, and answers what was asked for. */
const STAND_IN = `#!/usr/bin/env bash
{ printf '%s\\n' "$@"; echo --; } >> "$LOG"
for argument in "$@"; do case "$argument" in @*) cp "\${argument#@}" "$LOG.role" ;; esac; done
case "$*" in
  'role definition list'*|*'--output none'*) ;;
  *) echo "answer-$3" ;;
esac
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'registration-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): { calls: string[][]; printed: string } {
  const log = path.join(folder, 'log');
  writeFileSync(path.join(folder, 'az'), STAND_IN);
  chmodSync(path.join(folder, 'az'), 0o755);
  const script = path.join(folder, 'register.sh');
  writeFileSync(script, registrationBash(registration));
  const env = { PATH: `${folder}:${process.env['PATH']}`, LOG: log };
  const printed = execFileSync('bash', [script, ...args], { env, cwd: folder, encoding: 'utf8' });
  const calls = readFileSync(log, 'utf8')
    .split('\n--\n')
    .map((call) => call.split('\n'));
  return { calls: calls.slice(0, -1), printed };
}

const called = (calls: string[][], ...words: string[]) =>
  calls.filter((call) => words.every((word, index) => call[index] === word));

it('HST-1: the bash script makes the role, the application, its assignment and its secret', () => {
  const { calls, printed } = run();
  expect(JSON.parse(readFileSync(path.join(folder, 'log.role'), 'utf8'))).toEqual(customRole(registration));
  expect(called(calls, 'role', 'definition', 'create')).toHaveLength(1);
  const [application] = called(calls, 'ad', 'app', 'create');
  expect(application).toContain(registration.applicationName);
  const assignments = called(calls, 'role', 'assignment', 'create');
  expect(assignments).toHaveLength(1);
  expect(assignments[0]).toEqual(
    expect.arrayContaining(['Session Recording service', `/subscriptions/${registration.subscriptionId}`]),
  );
  expect(printed).toMatch(/Client secret: +answer-credential/);
  expect(called(calls, 'touch')).toEqual([]);
});

it('HST-1: the bash script offers Contributor instead, with the right to assign roles', () => {
  const { calls } = run('contributor');
  expect(called(calls, 'role', 'definition')).toEqual([]);
  const roles = called(calls, 'role', 'assignment', 'create').map((call) => call[call.indexOf('--role') + 1]);
  expect(roles).toEqual(['Contributor', 'User Access Administrator']);
});

it('HST-1: the PowerShell script is valid, and holds every text as a literal', async () => {
  const script = registrationPowershell(registration);
  await parsePowershell(script);
  expect(script).toContain(`$name = ${powershellLiteral(registration.applicationName)}`);
  expect(script).toMatch(/^[\n -~]*$/);
});
