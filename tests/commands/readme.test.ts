/** The commands of README.md exist, and the figures that it shows of the demo are those that the demo prints. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../infra/local/stack/repository-root';

const ROOT = repositoryRoot(__dirname);
const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

jest.setTimeout(180_000);

/** What differs from run to run is replaced: ids, ports, times, the width of columns. */
function comparable(line: string): string {
  return line
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, 'ID')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
    .replace(/Done in \d+ s/, 'Done in N s')
    .replace(/(ID-\d+ complete \S+ \S+) .*/, '$1')
    .replace(/ bytes$/, '')
    .trim();
}

/** The lines of the README's block that begins with this command, without gaps and rules of tables. */
function shownLines(command: string): string[] {
  const block = readme.split('```').find((part) => part.trimStart().startsWith(`$ ${command}\n`)) ?? '';
  return block
    .split('\n')
    .slice(2)
    .filter((line) => line.trim() !== '' && line.trim() !== '…' && !line.includes('──'));
}

it('names only commands that exist', () => {
  const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
});

it('shows options and alternatives of commands as they are typed', () => {
  const blocks = /^```[^]*?^```/gm;
  const spans = [...readme.replaceAll(blocks, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  expect(spans.length).toBeGreaterThan(50);
  expect(spans.filter((code) => code.includes('---') || code.includes('\\|'))).toEqual([]);
});

it('shows of the demo what the demo prints', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(ROOT, 'dist/scripts/demo.js')], {
    cwd: ROOT,
  });
  const printed = stdout.split('\n').map(comparable);
  const shown = shownLines('npm run demo');
  expect(shown.length).toBeGreaterThan(30);
  const missing = shown.filter((line) => {
    const [start = ''] = comparable(line).split('…');
    return !printed.some((other) =>
      line.endsWith('…') ? other.startsWith(start) : other === comparable(line),
    );
  });
  expect(missing).toEqual([]);
});
