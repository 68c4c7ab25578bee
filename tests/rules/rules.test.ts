/** Every rule that docs/rules says works has a test whose title names it, and titles name no other rules. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { prefixOf, readRules, type Rule, ruleIdsOf } from '../support/rule-tables';
import { testTitles } from '../support/test-titles';

const ROOT = path.join(__dirname, '..', '..');
const PAGES = 'docs/rules';
const CODE = ['functions', 'shared', 'arm-templates', 'infra', 'scripts', 'tests'];

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const filesBelow = (folder: string) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
    path.join(folder, file),
  );

const rules: (Rule & { page: string })[] = filesBelow(PAGES)
  .filter((page) => page.endsWith('.md') && path.basename(page) !== 'README.md')
  .flatMap((page) => readRules(read(page)).map((rule) => ({ ...rule, page })));
const prefixes = new Set(rules.map(({ id }) => prefixOf(id)));

const named = CODE.flatMap(filesBelow)
  .filter((file) => file.endsWith('.test.ts'))
  .flatMap((file) => testTitles(read(file)).map((title) => ({ file, title })))
  .flatMap(({ file, title }) => ruleIdsOf(title, prefixes).map((id) => ({ file, title, id })));

const unique = (lines: string[]) => [...new Set(lines)].sort();

it('reads rules, their states and the titles of tests', () => {
  expect(
    readRules('| id | rule | state |\n| -- | - | --- |\n| ABC-1a | One \\| two. | partly: one |'),
  ).toEqual([{ id: 'ABC-1a', isTested: true }]);
  expect(() => readRules('| ABC-1 | One. | soon |')).toThrow('not a row of rules');
  expect(ruleIdsOf('XYZ-7, XYZ-8: hashes with SHA-256 as ABC-1 says', new Set(['ABC']))).toEqual([
    'XYZ-7',
    'XYZ-8',
    'ABC-1',
  ]);
  expect(
    testTitles(
      "describe('a', () => { it(`b ${c} d`, f); it.each(['no'])('e', f); test.only('g', f); }); exit('h');",
    ),
  ).toEqual(['a', 'b … d', 'e', 'g']);
  expect(rules.length).toBeGreaterThan(200);
});

it('finds a test for every rule that works, or works in part', () => {
  const tested = new Set(named.map(({ id }) => id));
  const missing = rules.filter(({ id, isTested }) => isTested && !tested.has(id));
  expect(unique(missing.map(({ id, page }) => `${page}: ${id} is in no title of a test`))).toEqual([]);
});

it('finds every id that a title names in a table of rules', () => {
  const known = new Set(rules.map(({ id }) => id));
  const unknown = named.filter(({ id }) => !known.has(id));
  expect(unique(unknown.map(({ id, file, title }) => `${file}: ${id} of “${title}” is no rule`))).toEqual([]);
});

it('finds each rule on one page only', () => {
  const pageOf = new Map(rules.map(({ id, page }) => [id, page]));
  const twice = rules.filter(({ id, page }) => pageOf.get(id) !== page);
  expect(unique(twice.map(({ id, page }) => `${id} is on ${page} and on ${pageOf.get(id)}`))).toEqual([]);
});
