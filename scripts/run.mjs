/** Builds, then runs one of the commands in this process: `node scripts/run.mjs NAME [ARGUMENT …]`. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const [name, ...args] = process.argv.slice(2);
// Ctrl-C reaches the build too, which says so and cleans up: this process waits for it.
const ignore = () => undefined;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, ignore);
const build = spawnSync(process.execPath, [path.join(import.meta.dirname, 'build.mjs')], {
  stdio: 'inherit',
});
if (build.signal !== null) {
  console.error(`\nInterrupted while it was built: ${name} was not started.`);
  process.exit(130);
}
if (build.status !== 0) process.exit(build.status ?? 1);
for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, ignore);

const file = path.resolve(import.meta.dirname, `../dist/scripts/${name}.js`);
process.argv = [process.execPath, file, ...args];
createRequire(import.meta.url)(file);
