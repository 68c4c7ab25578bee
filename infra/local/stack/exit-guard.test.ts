import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

const folder = mkdtempSync(path.join(tmpdir(), 'exit-guard-'));
const program = path.join(folder, 'program.js');
beforeAll(async () => {
  await build({
    stdin: {
      contents: `
        import { guardExit } from './exit-guard';
        const callerHandles = process.argv[2] === 'handles';
        const unguard = guardExit(() => console.log('acted'), callerHandles);
        if (callerHandles) process.on('SIGTERM', () => console.log('handled'));
        if (process.argv[2] === 'unguarded') unguard();
        setInterval(() => undefined, 1000);
        console.log('up');`,
      resolveDir: __dirname,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    outfile: program,
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the program prints after the signal, and how it ends. */
async function outcome(mode: string, ...sent: NodeJS.Signals[]): Promise<[string, number | null]> {
  const child = spawn(process.execPath, [program, mode]);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  for (const signal of sent) {
    await once(child.stdout, 'data');
    child.kill(signal);
  }
  await once(child, 'close');
  return [output, child.exitCode];
}

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('acts when %s ends the process', async (signal, code) => {
  expect(await outcome('guarded', signal)).toEqual(['up\nacted\n', code]);
});

it('leaves signals to a caller that handles them', async () => {
  expect(await outcome('handles', 'SIGTERM', 'SIGKILL')).toEqual(['up\nhandled\n', null]);
});

it('does nothing once it was removed', async () => {
  expect(await outcome('unguarded', 'SIGTERM')).toEqual(['up\n', null]);
});
