/** The API does not break those who use it: what the source declares now, against the committed baseline. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { type ApiDocument, breakingChanges } from '../../scripts/openapi/compare-openapi';
import { BASELINE, baselineText, describeApp } from '../../scripts/openapi/describe-app';

const text = readFileSync(path.join(repositoryRoot(__dirname), BASELINE), 'utf8');
const baseline = JSON.parse(text) as ApiDocument;

const ADVICE =
  'Keep the old form beside the new one, or, if the break is meant (docs/api-change-policy.md): ' +
  'write it in CHANGELOG.md and run npm run openapi-baseline.';

it('has no breaking change since the baseline', () => {
  const changes = breakingChanges(baseline, describeApp());
  const lines = changes.map(({ rule, where, message }) => `${where}: ${message} (${rule})`);
  if (lines.length > 0) throw new Error(`The API would break its callers.\n${lines.join('\n')}\n${ADVICE}`);
});

it('has a baseline that was generated, not edited', () => {
  expect(text).toBe(baselineText(baseline));
  expect(Object.keys(baseline.paths).length).toBeGreaterThan(40);
});
