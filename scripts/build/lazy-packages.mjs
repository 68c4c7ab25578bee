/**
 * An esbuild plugin for a fast cold start: a package that few requests need becomes a file of its own beside the
 * bundle, which is read and run when something of the package is used for the first time. Imports stay as they are.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const FOLDER = 'lazy';

/**
 * @param packages names as they are imported
 * @param options of esbuild, for the packages' own files
 */
export function lazyPackages(packages, options) {
  const built = new Map();
  /** Once for each, also when the bundle is built again and again. */
  const buildOnce = (name) => {
    if (!built.has(name)) built.set(name, buildPackage(name, options));
    return built.get(name);
  };
  return {
    name: 'lazy-packages',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[@\w]/ }, ({ path }) =>
        packages.includes(path) ? { path, namespace: FOLDER } : undefined,
      );
      onLoad({ filter: /^/, namespace: FOLDER }, async ({ path }) => ({
        contents: accessors(await buildOnce(path)),
      }));
      onResolve({ filter: /^\.\//, namespace: FOLDER }, ({ path }) => ({ path, external: true }));
    },
  };
}

/** The package's own file, and the names that it really exports: what ESM sees of CommonJS is a guess. */
async function buildPackage(name, options) {
  const file = `${FOLDER}/${name.replace('@', '').replaceAll('/', '-')}`;
  await build({ ...options, entryPoints: { [file]: name } });
  const require = createRequire(path.resolve(options.absWorkingDir, options.outdir, 'app.js'));
  return { file: `./${file}.js`, names: Object.keys(require(`./${file}.js`)) };
}

/** A module with the same exports, each of which loads the package when it is read. */
function accessors({ file, names }) {
  const getters = names
    .filter((name) => name !== '__esModule')
    .map((name) => JSON.stringify(name))
    .map((name) => `get ${name}() { return require(${JSON.stringify(file)})[${name}]; },`);
  return `module.exports = { __esModule: true,\n${getters.join('\n')}\n};`;
}
