/** Types of app-bundle.mjs, which the build runs as it is. */
import type { BuildOptions } from 'esbuild';

export function appBundle(root: string, outdir: string): BuildOptions & { outdir: string };
