/** Which registry values can be named: property tests with spellings that Windows would take for another place. */
import fc from 'fast-check';
import { REGISTRY_KEYS } from './registry-keys';
import { registryValueName } from './registry-value';

const isAccepted = (key: string, name = 'LinkHost') => registryValueName.safeParse({ key, name }).success;
const someKey = fc.constantFrom(...REGISTRY_KEYS);

it('TRB-2: the keys lie below the two trees of the product', () => {
  for (const key of REGISTRY_KEYS) {
    expect(key).toMatch(/^SOFTWARE\\Citrix\\(SmartAuditor\\\w+|SessionRecording)$/);
    expect(isAccepted(key)).toBe(true);
  }
});

/** Each makes another spelling of a key, or another place that begins like it. */
const TRICKS: Record<string, (key: string) => string> = {
  parent: (key) => `${key}\\..`,
  'parent and back': (key) => key.replace('Citrix\\', 'Citrix\\..\\Microsoft\\'),
  'current folder': (key) => key.replace('\\', '\\.\\'),
  slash: (key) => key.replaceAll('\\', '/'),
  'mixed separators': (key) => key.replace('\\', '/'),
  'double separator': (key) => key.replace('\\', '\\\\'),
  'look-alike separator': (key) => key.replace('\\', '\uFF3C'),
  'look-alike letter': (key) => key.replace('S', '\u0405'),
  'full-width letter': (key) => key.replace('C', '\uFF23'),
  'zero-width character': (key) => key.replace('Citrix', 'Cit\u200Brix'),
  'trailing separator': (key) => `${key}\\`,
  'trailing space': (key) => `${key} `,
  'trailing dot': (key) => `${key}.`,
  'leading space': (key) => ` ${key}`,
  NUL: (key) => `${key}\0`,
  'lower case': (key) => key.toLowerCase(),
  'upper case': (key) => key.toUpperCase(),
  'short root': (key) => `HKLM\\${key}`,
  'long root': (key) => `HKEY_LOCAL_MACHINE\\${key}`,
  'root as a drive': (key) => `HKLM:\\${key}`,
  'other root': (key) => `HKEY_CURRENT_USER\\${key}`,
  'native root': (key) => `\\Registry\\Machine\\${key}`,
  '32-bit view': (key) => key.replace('SOFTWARE\\', 'SOFTWARE\\WOW6432Node\\'),
  subkey: (key) => `${key}\\Sub`,
  'longer name': (key) => `${key}2`,
  'percent encoded': (key) => key.replace('\\', '%5C'),
};

it.each(Object.entries(TRICKS))('TRB-2: refuses the key with a %s', (_name, trick) => {
  fc.assert(
    fc.property(someKey, (key) => {
      expect(isAccepted(trick(key))).toBe(false);
    }),
    { numRuns: 10 },
  );
});

it('TRB-2: refuses every combination of tricks, and every other text', () => {
  const tricks = fc.array(fc.constantFrom(...Object.values(TRICKS)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(someKey, tricks, (key, some) => {
      const spelled = some.reduce<string>((text, trick) => trick(text), key);
      expect(isAccepted(spelled)).toBe(REGISTRY_KEYS.some((known) => known === spelled));
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (key) => {
      expect(isAccepted(key)).toBe(REGISTRY_KEYS.some((known) => known === key));
    }),
  );
});

it('TRB-2: takes free names of values, and none that leads elsewhere', () => {
  for (const name of ['LinkHost', 'My Value', 'a.b', 'x_1-2', 'a'.repeat(255)])
    expect(isAccepted(REGISTRY_KEYS[0], name)).toBe(true);
  const hostile = [
    '',
    ' ',
    '.',
    '..',
    'a ',
    'a.',
    ' a',
    '..\\a',
    'a\\b',
    'a/b',
    'a\0',
    'a\nb',
    'a:b',
    '%A%',
    '"',
    'Linkh\u03BFst',
  ];
  for (const name of [...hostile, 'a'.repeat(256)]) expect(isAccepted(REGISTRY_KEYS[0], name)).toBe(false);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      if (isAccepted(REGISTRY_KEYS[0], name)) expect(name).toMatch(/^[A-Za-z0-9 _.-]+$/);
    }),
  );
});
