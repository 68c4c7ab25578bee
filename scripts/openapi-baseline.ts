/** `npm run openapi-baseline`: makes the API as it is now the one that later changes are held against. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../infra/local/stack/repository-root';
import { runCommand } from './cli/command';
import { type ApiDocument, breakingChanges } from './openapi/compare-openapi';
import { BASELINE, baselineText, describeApp } from './openapi/describe-app';

async function writeBaseline(): Promise<void> {
  const file = path.join(repositoryRoot(), BASELINE);
  const now = describeApp();
  const changes = existsSync(file)
    ? breakingChanges(JSON.parse(readFileSync(file, 'utf8')) as ApiDocument, now)
    : [];
  writeFileSync(file, baselineText(now));
  console.log(`${BASELINE} is written.`);
  if (changes.length === 0) return;
  console.log('It accepts these breaking changes, which belong in CHANGELOG.md:');
  for (const { rule, where, message } of changes) console.log(`  ${where}: ${message} (${rule})`);
}

void runCommand({
  name: 'npm run openapi-baseline',
  description:
    'Makes the API as the source declares it the baseline that npm test holds later changes against.\n' +
    'Read docs/api-change-policy.md first: breaking changes are accepted on purpose, with an entry in CHANGELOG.md.',
  options: {},
  examples: [['', `writes ${BASELINE}, and lists the breaking changes that this accepts`]],
  onInterrupt: 'Interrupted: the baseline is as it was.',
  run: writeBaseline,
});
