/** Finds the folder that holds package.json, from the source as well as from the bundles in dist/. */
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The nearest folder upwards with a package.json; throws when there is none. */
export function repositoryRoot(from = __dirname): string {
  const parent = path.dirname(from);
  if (existsSync(path.join(from, 'package.json'))) {
    return from;
  }
  if (parent === from) {
    throw new Error('No package.json is to be found above this program.');
  }
  return repositoryRoot(parent);
}
