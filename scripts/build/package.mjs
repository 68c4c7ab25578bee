/**
 * Completes the deployment package, the folder that every tool zips: what the Functions host reads beside the bundle.
 * There are no dependencies to install: the bundle holds them, and the runtime supplies @azure/functions-core.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { API_DOCUMENTS, writeApiDocuments } from './api-documents.mjs';

/** The oldest Node that the package is deployed on; developers may use an older one. */
const DEPLOYED_ON = '>=22';

/**
 * Writes `host.json`, a `package.json` of its own, which names the entry point, and the documents that the app serves
 * into the package's folder.
 */
export async function completePackage(root, folder) {
  const { name, version, description, license } = JSON.parse(
    await readFile(path.join(root, 'package.json'), 'utf8'),
  );
  const manifest = {
    name,
    version,
    private: true,
    description,
    license,
    type: 'commonjs',
    main: 'app.js',
    engines: { node: DEPLOYED_ON },
  };
  const page = 'docs/cloud-client-protocol.md';
  await mkdir(path.join(folder, 'docs'), { recursive: true });
  await Promise.all([
    writeApiDocuments(folder),
    copyFile(path.join(root, page), path.join(folder, page)),
    copyFile(path.join(root, 'host.json'), path.join(folder, 'host.json')),
    writeFile(path.join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`),
  ]);
  for (const file of [`${API_DOCUMENTS}.js`, `${API_DOCUMENTS}.js.map`]) await rm(path.join(folder, file));
}
