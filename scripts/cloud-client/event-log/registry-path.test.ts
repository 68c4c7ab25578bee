import fc from 'fast-check';
import { splitRegistryPath } from './registry-path';

test.each([
  ['HKLM\\SOFTWARE\\Example\\Theme', 'HKLM\\SOFTWARE\\Example', 'Theme'],
  ['HKU\\.DEFAULT\\Console\\(Default)', 'HKU\\.DEFAULT\\Console', '(Default)'],
  [
    'HKLM\\System\\bam\\UserSettings\\S-1-5-18\\\\Device\\HarddiskVolume2\\a.exe',
    'HKLM\\System\\bam\\UserSettings\\S-1-5-18',
    '\\Device\\HarddiskVolume2\\a.exe',
  ],
  ['HKCU\\Network\\Shares\\\\\\server\\share', 'HKCU\\Network\\Shares', '\\\\server\\share'],
  ['HKLM\\SOFTWARE\\Store\\C:\\Program Files\\a.exe', 'HKLM\\SOFTWARE\\Store', 'C:\\Program Files\\a.exe'],
  ['HKLM\\SOFTWARE\\Folders\\C:\\Data\\', 'HKLM\\SOFTWARE\\Folders', 'C:\\Data\\'],
  [
    'HKCU\\MuiCache\\c\\52C6\\@%SystemRoot%\\system32\\a.dll,-100',
    'HKCU\\MuiCache\\c\\52C6',
    '@%SystemRoot%\\system32\\a.dll,-100',
  ],
  ['HKCU\\MuiCache\\c\\52C6\\@C:\\Windows\\a.dll,-1', 'HKCU\\MuiCache\\c\\52C6', '@C:\\Windows\\a.dll,-1'],
  [
    'HKCU\\Explorer\\UserAssist\\{CEBF}\\Count\\{S38O}\\ertrqvg.rkr',
    'HKCU\\Explorer\\UserAssist\\{CEBF}\\Count',
    '{S38O}\\ertrqvg.rkr',
  ],
])('%s is a key and a value', (target, keyName, valueName) => {
  expect(splitRegistryPath(target)).toEqual({ keyName, valueName });
});

test('a hive alone is a key, and nothing is nothing', () => {
  expect(splitRegistryPath('HKLM')).toEqual({ keyName: 'HKLM' });
  expect(splitRegistryPath(undefined)).toEqual({});
});

test('key and value make up the target again', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'C', ':', '\\', '@', '%', ' ') }), (target) => {
      const { keyName, valueName } = splitRegistryPath(target);
      expect(valueName === undefined ? keyName : `${keyName}\\${valueName}`).toBe(target);
    }),
  );
});
