/** The lifecycle rules are those that the documentation names, and touch nothing that belongs to a recording. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BLOB_LIFETIME_DAYS, LIFECYCLE_RULES } from './lifecycle-rules';

const DAYS: Record<string, number> = { 'a year': 365, '90 days': 90 };

it('DATA-1: blobs are deleted by age where the documentation says so, and nowhere else', () => {
  const table = readFileSync(path.join(__dirname, '../../docs/data-retention.md'), 'utf8');
  const documented = [...table.matchAll(/^\| `([\w-]+)` +\|[^|]+\| (.+?), by a lifecycle rule/gm)].map(
    ([, container = '', kept = '']) => [container, DAYS[kept]],
  );
  expect(Object.entries(BLOB_LIFETIME_DAYS)).toEqual(documented);
  expect(LIFECYCLE_RULES.map(({ definition }) => definition.filters.prefixMatch)).toEqual(
    documented.map(([container]) => [`${container}/`]),
  );
});

it('DATA-1: the age of a recording, its uploads and its archives deletes nothing', () => {
  const prefixes = LIFECYCLE_RULES.flatMap(({ definition }) => definition.filters.prefixMatch);
  for (const name of [
    'recordings/contoso/a.webm',
    'recordings/incoming/contoso/a',
    'recording-archive/contoso/a',
  ])
    expect(prefixes.filter((prefix) => name.startsWith(prefix))).toEqual([]);
});
