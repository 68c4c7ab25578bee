/** Which results fit which commands: each kind with what it asked for, and what it did not. */
import { Problem } from '../../../shared/problem';
import { checkResult } from './check-result';
import type { CommandData, CommandKind } from './command-kinds';

const SERVER = 'SOFTWARE\\Citrix\\SmartAuditor\\Server';
const RECORDING = 'SOFTWARE\\Citrix\\SessionRecording';
const linkHost = { key: SERVER, name: 'LinkHost' } as const;
const text = (data: string) => ({ type: 'REG_SZ', data }) as const;
const DATABASES = { type: 'onPremises', instance: 'SQL01', recordingDatabase: 'Rec', loggingDatabase: 'Log' };

/** Where the result of a command does not fit; undefined: it does. */
function misfit(kind: CommandKind, parameters: Record<string, unknown>, data: CommandData | undefined) {
  try {
    checkResult({ kind, parameters }, { status: 'succeeded', data });
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.errors?.map(({ pointer }) => pointer).join();
  }
}

it('TRB-1: the restart of a service succeeds for this service, and when it is running', () => {
  const restarted = (name: 'IIS' | 'CitrixSsRecStorageManager', state: 'running' | 'stopped') =>
    misfit('restartService', { service: 'IIS' }, { kind: 'restartService', service: { name, state } });
  expect(restarted('IIS', 'running')).toBeUndefined();
  expect(restarted('CitrixSsRecStorageManager', 'running')).toBe('/data/service/name');
  expect(restarted('IIS', 'stopped')).toBe('/data/service/state');
});

it('TRB-1: a check tells the state of each service that was asked for, and of no other', () => {
  const iis = { name: 'IIS', state: 'stopped' } as const;
  const storage = { name: 'CitrixSsRecStorageManager', state: 'running' } as const;
  const checked = (names: string[], ...services: (typeof iis | typeof storage)[]) =>
    misfit('checkServices', { services: names }, { kind: 'checkServices', services });
  expect(checked(['IIS', 'CitrixSsRecStorageManager'], storage, iis)).toBeUndefined();
  expect(checked(['IIS'], storage)).toBe('/data/services');
  expect(checked(['IIS'], iis, storage)).toBe('/data/services');
  expect(checked(['IIS'], iis, iis)).toBe('/data/services');
  expect(checked(['IIS', 'CitrixSsRecStorageManager'], iis)).toBe('/data/services');
});

it('TRB-2: what was read are the values that were asked for, in any case of letters', () => {
  const read = (...found: { key: typeof SERVER | typeof RECORDING; name: string }[]) =>
    misfit(
      'readRegistry',
      { values: [linkHost] },
      { kind: 'readRegistry', values: found.map((one) => ({ ...one, value: null })) },
    );
  expect(read({ key: SERVER, name: 'LINKHOST' })).toBeUndefined();
  expect(read({ key: SERVER, name: 'EmailThreshold' })).toBe('/data/values');
  expect(read({ key: RECORDING, name: 'LinkHost' })).toBe('/data/values');
  expect(read(linkHost, { key: SERVER, name: 'EmailThreshold' })).toBe('/data/values');
});

it('TRB-2: what was written is the value that was to be written, with its data', () => {
  const written = (found: Pick<typeof linkHost, 'key'> & { name: string }, data: string) =>
    misfit(
      'writeRegistry',
      { ...linkHost, value: text('https://a') },
      { kind: 'writeRegistry', ...found, old: null, new: text(data) },
    );
  expect(written(linkHost, 'https://a')).toBeUndefined();
  expect(written({ key: SERVER, name: 'linkhost' }, 'https://a')).toBeUndefined();
  expect(written({ key: SERVER, name: 'BlockSizeMultiple' }, 'https://a')).toBe('/data/name');
  expect(written(linkHost, 'https://b')).toBe('/data/new');
});

it('UPG-3: an upgrade has installed the version that was asked for; an older one says that it failed', () => {
  const upgraded = (clientVersion: string) =>
    misfit('upgrade', { clientVersion: '7.50.1.2' }, { kind: 'upgrade', clientVersion });
  expect([upgraded('7.50.1.2'), upgraded('7.50.01.2'), upgraded('7.49.1.1')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([upgraded('9.9.9.9'), upgraded('latest')]).toEqual(['/data/clientVersion', '/data/clientVersion']);
});

it('INS-3: an installation has installed the version that was asked for', () => {
  const administratorLogging = { logging: true, mandatoryBlocking: true };
  const parameters = { serverVersion: '24.2.0.16', installationPath: 'C:\\SR', administratorLogging };
  const installed = (serverVersion: string) =>
    misfit(
      'install',
      { ...parameters, databases: DATABASES },
      { kind: 'install', serverVersion, restartRequired: false },
    );
  expect(installed('24.02.0.16')).toBeUndefined();
  expect([installed('24.2.0.15'), installed('24.2.0.17')]).toEqual([
    '/data/serverVersion',
    '/data/serverVersion',
  ]);
});

it('INS-2: the test of a connection tells of the two databases only', () => {
  const tested = (...existingDatabases: string[]) =>
    misfit('testConnection', DATABASES, {
      kind: 'testConnection',
      sqlServerVersion: '16.0.4135.4',
      existingDatabases,
    });
  expect([tested(), tested('LOG', 'Rec'), tested('master')]).toEqual([
    undefined,
    undefined,
    '/data/existingDatabases',
  ]);
});

it('RCD-9: an archived file lies in the folder that it was to be moved to', () => {
  const archived = (path: string) =>
    misfit(
      'archiveFile',
      { path: 'D:\\Rec\\a.icl', location: '\\\\FILES01\\Archive\\' },
      { kind: 'archiveFile', path, sizeBytes: 1 },
    );
  expect([archived('\\\\files01\\archive\\a.icl'), archived('\\\\FILES01\\Archive/2026/a.icl')]).toEqual([
    undefined,
    undefined,
  ]);
  for (const path of ['D:\\Rec\\a.icl', '\\\\FILES01\\Archive2\\a.icl', '\\\\FILES01\\Archive\\..\\a.icl'])
    expect(archived(path)).toBe('/data/path');
});
