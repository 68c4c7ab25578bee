/** For tests: an independent linter for OpenAPI documents. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** What redocly's recommended rules find, errors and warnings alike; takes a few seconds. */
export async function lintOpenApi(document: object): Promise<string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'openapi-'));
  try {
    const file = path.join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const cli = path.join(path.dirname(require.resolve('@redocly/cli/package.json')), 'bin', 'cli.js');
    const args = [cli, 'lint', file, '--extends', 'recommended', '--format', 'json'];
    const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const run = promisify(execFile)(process.execPath, args, { cwd: folder, env: environment });
    const { stdout } = await run.catch((failure: { stdout: string }) => failure);
    const { totals, problems } = JSON.parse(stdout) as Findings;
    const found = problems.map(({ message }) => message);
    if (found.length === 0 && totals.errors + totals.warnings > 0) found.push(JSON.stringify(totals));
    return found;
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Findings {
  totals: { errors: number; warnings: number };
  problems: { message: string }[];
}
