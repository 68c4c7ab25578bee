/**
 * The last step of `npm test`: every test. Journeys that mostly wait run one by one beside the others, which keep the
 * processors busy; what they print comes at the end.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const JEST = path.join(ROOT, 'node_modules/jest/bin/jest.js');

/** Runs jest; resolves with its exit code, and what it printed where that was not shown. */
function jest(flags, stdio) {
  const child = spawn(process.execPath, [JEST, ...flags], { cwd: ROOT, stdio });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(printed) }));
  });
}

// The lists of projects come last: jest takes every word after them for a project.
const [others, waiting] = await Promise.all([
  jest(['--selectProjects', 'unit', 'journeys'], 'inherit'),
  jest(['--runInBand', '--selectProjects', 'waiting'], ['ignore', 'pipe', 'pipe']),
]);
process.stdout.write(waiting.output);
process.exitCode = others.code || waiting.code;
