/** Watches source folders. Folder by folder, since editors replace files, and watches on replaced files end. */
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import path from 'node:path';

/** Editors write a file in several steps, and "save all" several files. */
const SETTLE_MILLISECONDS = 20;

export interface SourceChanges {
  /** Relative to the root. */
  files: string[];
  /** When the latest of them was saved; milliseconds since 1970. */
  savedAt: number;
}

/**
 * Calls back with what has changed below these folders of `root`; `isSource` decides by the relative path.
 * Returns what ends it.
 */
export function watchSources(
  root: string,
  folders: readonly string[],
  isSource: (file: string) => boolean,
  onChange: (changes: SourceChanges) => void,
): () => void {
  const watchers = new Map<string, FSWatcher>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const notice = (file: string): void => {
    if (!isSource(file)) return;
    changed.add(file);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const files = [...changed];
      changed.clear();
      onChange({ files, savedAt: Math.max(...files.map((one) => savedAt(path.join(root, one)))) });
    }, SETTLE_MILLISECONDS);
  };
  const forget = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  /** Also reports what is already in a folder that has just appeared. */
  const watchFolder = (folder: string, isNew: boolean): void => {
    if (watchers.has(folder)) return;
    const absolute = path.join(root, folder);
    const watcher = watch(absolute, (_event, name) => {
      if (name === null) return;
      const file = path.join(folder, name);
      if (isFolder(path.join(root, file))) watchFolder(file, true);
      else notice(file);
    });
    watcher.on('error', () => forget(folder));
    watchers.set(folder, watcher);
    for (const entry of readdirSync(absolute, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) watchFolder(file, isNew);
      else if (isNew) notice(file);
    }
  };
  for (const folder of folders) watchFolder(folder, false);
  return () => {
    clearTimeout(timer);
    for (const folder of [...watchers.keys()]) forget(folder);
  };
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** A file that is gone was removed just now. */
function savedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
}
