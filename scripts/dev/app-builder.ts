/** Builds the app again and again, each time from what esbuild remembers of the last. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildFailure, context, formatMessages, stop } from 'esbuild';
import { writeApiDocuments } from '../build/api-documents.mjs';
import { appBundle } from '../build/app-bundle.mjs';

/** `failed` says why, as the compiler prints it; nothing is written then. */
export type BuildResult = { state: 'changed' | 'unchanged' } | { state: 'failed'; message: string };

export interface AppBuilder {
  /** Of the app's bundle. */
  file: string;
  build(): Promise<BuildResult>;
  /** Writes the description of the API that the last build declares; while it does, there is none. */
  describeApi(): Promise<void>;
  /** Ends the compiler. One that loses its parent while it waits for an answer prints a stack trace instead. */
  close(): Promise<void>;
}

/** A builder of the app in the repository `root` into a folder that nobody else uses. */
export async function appBuilder(root: string, folder: string): Promise<AppBuilder> {
  const outdir = path.join(root, folder);
  const file = path.join(outdir, 'app.js');
  mkdirSync(outdir, { recursive: true });
  const building = await context({ ...appBundle(root, outdir), write: false, logLevel: 'silent' });
  let lastHash: string | undefined;
  return {
    file,
    describeApi: () => writeApiDocuments(outdir),
    close: stop,
    async build() {
      try {
        const { outputFiles = [] } = await building.rebuild();
        const hash = outputFiles.map((output) => output.hash).join();
        if (hash === lastHash) return { state: 'unchanged' };
        for (const output of outputFiles) writeFileSync(output.path, output.contents);
        // The app must not read, and keep, what the last source declared.
        rmSync(path.join(outdir, 'docs'), { recursive: true, force: true });
        lastHash = hash;
        return { state: 'changed' };
      } catch (error) {
        const { errors } = error as BuildFailure;
        if (!Array.isArray(errors)) throw error;
        const messages = await formatMessages(errors, { kind: 'error', color: process.stderr.isTTY });
        return { state: 'failed', message: messages.join('') };
      }
    },
  };
}
