/** Versions of servers and cloud clients: how they are read, compared and gated. */
import fc from 'fast-check';
import {
  canServerConnect,
  compareVersions,
  type Feature,
  FEATURES,
  parseServerVersion,
  parseVersion,
  releaseName,
  supports,
  type Version,
} from './versions';

const part = fc.integer({ min: 0, max: 30_000 });
const version: fc.Arbitrary<Version> = fc.tuple(part, part, part, part);
const parsed = (text: string): Version => {
  const found = parseVersion(text);
  if (!found) throw new Error(`${text} is no version`);
  return found;
};

it.each([
  ['23.05.0.1', '2305'],
  ['23.5.0.0', '2305'],
  ['19.12.6000.24093', '1912'],
  ['22.03', '2203'],
  ['24.2.0.16', '2402'],
  ['2308', '2308'],
])('reads %s as release %s', (text, release) => {
  expect(releaseName(parsed(text))).toBe(release);
});

it.each([
  '',
  '23',
  '230',
  '23081',
  '23.',
  '.5',
  '23.5.0.0.1',
  '23,5',
  ' 23.5',
  '23.5 ',
  '-1.2',
  '1e3.1',
  '23.x',
  '9999999999.1',
])('does not read %j', (text) => {
  expect(parseVersion(text)).toBeUndefined();
});

it('reads the version of a server only where year and month have two digits at most', () => {
  expect(parseServerVersion('24.2.0.11')).toEqual([24, 2, 0, 11]);
  expect(parseServerVersion('2402')).toEqual([24, 2, 0, 0]);
  expect(parseServerVersion('124.2')).toBeUndefined();
  expect(parseServerVersion('7.37013')).toBeUndefined();
  expect(parseServerVersion('twenty')).toBeUndefined();
});

it('SRV-6: compares numbers, not text', () => {
  expect(compareVersions(parsed('7.37.9010.3'), parsed('7.37.25459.8745'))).toBeLessThan(0);
  expect(compareVersions(parsed('23.11'), parsed('23.5'))).toBeGreaterThan(0);
  expect(compareVersions(parsed('23.08'), parsed('2308'))).toBe(0);
});

it('compares as a total order', () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(compareVersions(a, a)).toBe(0);
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
      const sorted = [a, b, c].sort(compareVersions);
      expect(compareVersions(sorted[0] ?? a, sorted[2] ?? a)).toBeLessThanOrEqual(0);
      if (compareVersions(a, b) === 0) expect(a).toEqual(b);
    }),
  );
});

it('reads back what it wrote, with or without leading zeros', () => {
  fc.assert(
    fc.property(version, (numbers) => {
      expect(parseVersion(numbers.join('.'))).toEqual(numbers);
      expect(parseVersion(numbers.map((number) => `0${number}`).join('.'))).toEqual(numbers);
    }),
  );
});

it.each([
  ['19.12.6000.24093', true],
  ['1912', true],
  ['19.11', false],
  ['20.03', false],
  ['21.12', false],
  ['22.03', true],
  ['26.1', true],
])('lets a server of version %s connect: %s', (text, allowed) => {
  expect(canServerConnect(parsed(text))).toBe(allowed);
});

it('gates features by the server or by the cloud client, never by what is unknown', () => {
  expect(supports('sessionOperations', { server: '22.6.0.0' })).toBe(true);
  expect(supports('sessionOperations', { server: '22.05.9.9', client: '9.9' })).toBe(false);
  expect(supports('singlePort', { client: '7.40.13020.11' })).toBe(true);
  expect(supports('singlePort', { server: '26.1', client: '7.40.13020.10' })).toBe(false);
  expect(supports('audioRecording', {})).toBe(false);
  expect(supports('audioRecording', { server: 'unknown' })).toBe(false);
});

/** Written by hand from the rule: the component, the lowest version that has the feature, and the highest that lacks it. */
const GATES: Record<Feature, ['server' | 'client', string, string]> = {
  administratorLogging: ['server', '22.4.0.0', '22.3.9999.9999'],
  sessionOperations: ['server', '22.6.0.0', '22.5.9999.9999'],
  accessRestrictions: ['server', '22.9.0.0', '22.8.9999.9999'],
  playbackJustification: ['server', '22.12.0.0', '22.11.9999.9999'],
  lossyRecording: ['server', '23.8.0.0', '23.7.9999.9999'],
  audioRecording: ['server', '23.8.0.0', '23.7.9999.9999'],
  playerChoice: ['server', '23.8.0.0', '23.7.9999.9999'],
  fastSeek: ['server', '23.8.0.0', '23.7.9999.9999'],
  entraJoin: ['server', '24.2.0.0', '24.1.9999.9999'],
  entraIdentities: ['server', '24.2.0.0', '24.1.9999.9999'],
  smartAccessTags: ['server', '24.2.0.0', '24.1.9999.9999'],
  recordingSuccessRate: ['client', '7.42.15010.4', '7.42.15010.3'],
  singlePort: ['client', '7.40.13020.11', '7.40.13020.10'],
  selfRepair: ['client', '7.38.10030.16', '7.38.10030.15'],
  noCustomDomain: ['client', '7.37.9010.3', '7.37.9010.2'],
};

it('SRV-6: the table has every feature of the rule', () => {
  expect(Object.keys(FEATURES).toSorted()).toEqual(Object.keys(GATES).toSorted());
});

it.each(Object.entries(GATES))(
  'SRV-6: %s needs of the %s version %s',
  (feature, [component, enough, lacks]) => {
    const has = (text: string) => supports(feature as Feature, { [component]: text });
    expect([has(enough), has(lacks)]).toEqual([true, false]);
    // Texts that would compare the other way round.
    expect([has('100.1'), has('7.9.99999.9')]).toEqual([true, false]);
    expect(supports(feature as Feature, { [component === 'server' ? 'client' : 'server']: '99.1' })).toBe(
      false,
    );
  },
);

it('SRV-6: every release between 1912 and 2203 is refused, however it is written', () => {
  const releases = fc.tuple(fc.integer({ min: 19, max: 22 }), fc.integer({ min: 1, max: 12 }), part, part);
  fc.assert(
    fc.property(releases, fc.boolean(), ([year, month, build, revision], padded) => {
      const name = year * 100 + month;
      const text = `${year}.${padded ? String(month).padStart(2, '0') : month}.${build}.${revision}`;
      expect(canServerConnect(parsed(text))).toBe(name === 1912 || name >= 2203);
      expect(canServerConnect(parsed(String(name)))).toBe(name === 1912 || name >= 2203);
    }),
  );
});

it('SRV-6: orders versions by their numbers, whichever texts they have', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      const firstDifference = a.findIndex((number, index) => number !== b[index]);
      const expected = Math.sign((a[firstDifference] ?? 0) - (b[firstDifference] ?? 0));
      expect(Math.sign(compareVersions(parsed(a.join('.')), parsed(b.join('.'))))).toBe(expected);
    }),
  );
});
