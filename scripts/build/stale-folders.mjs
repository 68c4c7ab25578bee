/** Removes what builds left behind that were interrupted. */
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const OF_A_BUILD = /^dist\.(?:new|old)-(\d+)$/;

/** Removes the folders `dist.new-PID` and `dist.old-PID` of a root whose process has ended. */
export function removeStaleFolders(root) {
  for (const name of readdirSync(root)) {
    const pid = Number(OF_A_BUILD.exec(name)?.[1]);
    if (pid > 0 && !isRunning(pid)) rmSync(path.join(root, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is one, too.
    return error.code !== 'ESRCH';
  }
}
