/** Every setting is described, and used by something. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { testConfig } from '../tests/support/test-services';
import { CONFIGURATION_NAMES, loadConfig } from './config';

const ROOT = path.resolve(__dirname, '..');

/** The text of the app's code without tests and without the configuration itself. */
function sources(): string {
  return ['functions', 'shared']
    .flatMap((folder) =>
      readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        path.join(folder, file),
      ),
    )
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'shared/config.ts')
    .map((file) => readFileSync(path.join(ROOT, file), 'utf8'))
    .join('\n');
}

/** `['publicUrl', 'administrators.issuerTemplate', …]` */
function settingsOf(config: object, above: readonly string[] = []): string[] {
  return Object.entries(config).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? settingsOf(value, [...above, name])
      : [[...above, name].join('.')],
  );
}

it('lists every variable in docs/configuration.md, and no other', () => {
  const page = readFileSync(path.join(ROOT, 'docs/configuration.md'), 'utf8');
  const [ofTheApp = ''] = page.split('## Of the Functions host');
  const listed = [...ofTheApp.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(CONFIGURATION_NAMES.toSorted());
});

it('has no setting that nothing uses', () => {
  const code = sources();
  const settings = settingsOf(testConfig);
  expect(settings.length).toBeGreaterThan(20);
  const unused = settings.filter((setting) => !new RegExp(`\\b${setting.split('.').at(-1)}\\b`).test(code));
  expect(unused).toEqual([]);
});

it('puts every variable to use', () => {
  const code = readFileSync(path.join(ROOT, 'shared/config.ts'), 'utf8');
  expect(CONFIGURATION_NAMES.filter((name) => !code.includes(`env.${name}`))).toEqual([]);
});

it('names every variable that is missing, and only those', () => {
  const message = (() => {
    try {
      loadConfig({});
    } catch (error) {
      return String(error);
    }
    return '';
  })();
  const named = [...message.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
  const page = readFileSync(path.join(ROOT, 'docs/configuration.md'), 'utf8');
  const needed = [...page.matchAll(/^\| `(\w+)` +\| needed +\|/gm)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(needed.toSorted());
});
