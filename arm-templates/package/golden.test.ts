/** Golden files: packages of seven sites, byte for byte. After an intended change run npm run templates -- --golden. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CONTEXT } from '../testing/context';
import { goldenPlans } from '../testing/golden';
import { makeTemplate } from '../template/template';
import { packageFiles } from './package';

const GOLDEN = path.join(__dirname, '..', 'golden');

it('has exactly one folder for each site', () => {
  expect(readdirSync(GOLDEN).sort()).toEqual(
    goldenPlans()
      .map(([name]) => name)
      .sort(),
  );
});

it.each(goldenPlans())('ARM-2: generates %s as in the golden files', (name, plan) => {
  const files = packageFiles(plan, makeTemplate(plan, CONTEXT));
  for (const { path: file, text } of files)
    expect(readFileSync(path.join(GOLDEN, name, file), 'utf8')).toBe(text);
  const kept = readdirSync(path.join(GOLDEN, name), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile(),
  );
  expect(kept).toHaveLength(files.length);
});
