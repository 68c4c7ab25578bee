/** A build removes what interrupted builds have left, and nothing of those that still run. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../infra/local/stack/repository-root';

const run = promisify(execFile);

it('removes the folders of builds whose process has ended', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'build-'));
  const { stdout: ended } = await run(process.execPath, ['-p', 'process.pid']);
  const running = String(process.pid);
  const kept = ['dist', `dist.new-${running}`, `dist.old-${running}`, 'dist.new-x', 'docs'];
  for (const name of [...kept, `dist.new-${ended.trim()}`, `dist.old-${ended.trim()}`])
    mkdirSync(path.join(root, name, 'package'), { recursive: true });
  const module = pathToFileURL(path.join(repositoryRoot(__dirname), 'scripts/build/stale-folders.mjs')).href;
  const script = `import { removeStaleFolders } from '${module}'; removeStaleFolders(process.argv[1]);`;
  await run(process.execPath, ['--input-type=module', '-e', script, root]);
  expect(readdirSync(root).toSorted()).toEqual(kept.toSorted());
  rmSync(root, { recursive: true });
});
