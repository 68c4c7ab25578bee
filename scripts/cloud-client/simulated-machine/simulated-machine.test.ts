/** Every kind of command on a machine that is a folder, and how each is made to fail. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { unzipSync, zipSync } from 'fflate';
import { proxiedHttpClient } from '../http-client';
import {
  DIAGNOSTIC_CHECKS,
  PREREQUISITE_CHECKS,
} from '../../../functions/servers/commands/kinds/diagnostic-checks';
import { SimulatedMachine } from './simulated-machine';

const PACKAGE = Buffer.from(zipSync({ 'bin/service.exe': Buffer.from('program') }));
const SHA256 = createHash('sha256').update(PACKAGE).digest('hex');

let root: string;
let machine: SimulatedMachine;
let steps: string[];
let server: Server;
let uploads: Buffer[];
let url: string;
const http: HttpClient = proxiedHttpClient(undefined);

beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'simulated-machine-'));
  machine = new SimulatedMachine(root, http);
  steps = [];
  uploads = [];
  server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.end(PACKAGE);
      return;
    }
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      uploads.push(Buffer.concat(pieces));
      response.writeHead(uploads.length > 1 ? 409 : 201).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/package.zip`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true });
});

const execute = (kind: string, parameters: Record<string, unknown> = {}) =>
  machine.execute({ id: 'c', kind, parameters, expiresAt: '' }, (step) => {
    steps.push(step);
    return Promise.resolve();
  });
const fail = (failures: Record<string, string>) => {
  writeFileSync(path.join(root, 'scenario.json'), JSON.stringify({ failures }));
};

const install = (more: object = {}) => ({
  serverVersion: '24.2.0.100',
  installationPath: 'C:\\Program Files\\Recording',
  package: { url, sha256: SHA256, sizeBytes: PACKAGE.length, ...more },
  databases: {
    type: 'onPremises',
    instance: 'sql',
    recordingDatabase: 'R',
    loggingDatabase: 'L',
    userName: 'sa',
    password: 'hunter2"%',
  },
  administratorLogging: { logging: true, mandatoryBlocking: false },
});

it('CCL-4: an installation downloads, checks, unpacks, configures and starts, and keeps no password', async () => {
  await expect(execute('install', install())).resolves.toEqual({
    kind: 'install',
    serverVersion: '24.2.0.100',
    restartRequired: false,
  });
  expect(steps.map((step) => step.split(':')[0])).toEqual(['Step 1 of 3', 'Step 2 of 3', 'Step 3 of 3']);
  const program = path.join(root, 'disk/C/Program Files/Recording/bin/service.exe');
  expect(readFileSync(program, 'utf8')).toBe('program');
  expect(machine.versions.serverVersion).toBe('24.2.0.100');
  expect(readFileSync(path.join(root, 'installation.json'), 'utf8')).not.toContain('hunter2');
});

it.each(['download', 'unpack', 'configure', 'start'])(
  'CCL-4: an installation can be made to fail when it is to %s, and be repeated',
  async (step) => {
    fail({ [`install.${step}`]: 'no space left' });
    await expect(execute('install', install())).rejects.toThrow('no space left');
    expect(machine.versions.serverVersion).toBeUndefined();
    fail({});
    await expect(execute('install', install())).resolves.toMatchObject({ kind: 'install' });
  },
);

it('CCL-4: a package with another hash, or more bytes than announced, is not unpacked', async () => {
  await expect(execute('install', install({ sha256: '0'.repeat(64) }))).rejects.toThrow('SHA-256');
  await expect(execute('install', install({ sizeBytes: 10 }))).rejects.toThrow('larger');
  expect(existsSync(path.join(root, 'disk/C'))).toBe(false);
});

it('CCL-4: an upgrade installs the version once', async () => {
  const upgrade = { clientVersion: '7.50.1.1', package: install().package };
  for (let repetition = 0; repetition < 2; repetition++)
    await expect(execute('upgrade', upgrade)).resolves.toEqual({
      kind: 'upgrade',
      clientVersion: '7.50.1.1',
    });
  expect(steps).toEqual(['Downloading …', 'Installing …']);
});

it('CCL-4: checks pass, or fail as the scenario says, with cause and remedy', async () => {
  fail({ 'check.diskSpace': 'only 1 GB is free' });
  const answer = (await execute('prerequisiteCheck')) as { checks: { id: string; result: string }[] };
  expect(answer.checks.filter(({ result }) => result === 'failed')).toMatchObject([
    { id: 'diskSpace', cause: 'only 1 GB is free', remedy: expect.any(String) as string },
  ]);
  await expect(execute('diagnostics')).resolves.toMatchObject({ kind: 'diagnostics' });
});

it('CCL-4: makes at least the checks that the protocol names', async () => {
  const idsOf = async (kind: string) =>
    ((await execute(kind)) as { checks: { id: string }[] }).checks.map(({ id }) => id);
  expect(await idsOf('diagnostics')).toEqual(
    expect.arrayContaining(DIAGNOSTIC_CHECKS.map(({ id }) => id)) as string[],
  );
  expect(await idsOf('prerequisiteCheck')).toEqual(
    expect.arrayContaining(PREREQUISITE_CHECKS.map(({ id }) => id)) as string[],
  );
});

it('CCL-4: diagnostics say what the machine itself shows', async () => {
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  writeFileSync(path.join(root, 'settings.json'), JSON.stringify({ signingCertificate: 'A' }));
  const certificate = { thumbprint: 'A', subject: 'CN=rec' };
  const results = async () =>
    Object.fromEntries(
      ((await execute('diagnostics')) as { checks: { id: string; result: string }[] }).checks.map(
        ({ id, result }) => [id, result],
      ),
    );
  for (const [days, result] of [
    [31, 'passed'],
    [29, 'warning'],
    [-1, 'failed'],
  ] as const) {
    const certificates = [{ ...certificate, validUntil: inDays(days) }];
    writeFileSync(path.join(root, 'certificates.json'), JSON.stringify(certificates));
    expect((await results())['signingCertificate']).toBe(result);
  }
  const problems = [{ kind: 'storageUnreachable', path: '\\\\nas\\recordings' }];
  const scenario = { failures: { 'service.IIS': 'it crashed' }, problems };
  writeFileSync(path.join(root, 'scenario.json'), JSON.stringify(scenario));
  expect(await results()).toMatchObject({ services: 'failed', storageLocations: 'failed', clock: 'passed' });
});

it.each([
  ['C:\\Program Files\\Recording', 'passed'],
  ['c:\\Recording\\', 'passed'],
  ['D:\\Recording', 'passed'],
  ['Q:\\nope dir', 'failed'],
  ['C:\\nul\\Recording', 'failed'],
  ['C:\\ends with dot.', 'failed'],
  ['C:\\file.txt\\Recording', 'failed'],
  ['C:\\', 'failed'],
])('INS-1: the installation path %s is checked on the machine: %s', async (installationPath, result) => {
  mkdirSync(path.join(root, 'disk/D'), { recursive: true });
  mkdirSync(path.join(root, 'disk/C'), { recursive: true });
  writeFileSync(path.join(root, 'disk/C/file.txt'), 'a file');
  const { checks } = (await execute('prerequisiteCheck', { installationPath })) as { checks: object[] };
  expect(checks).toContainEqual(expect.objectContaining({ id: 'installationPath', result }));
  const installing = execute('install', { ...install(), installationPath });
  await (result === 'passed'
    ? expect(installing).resolves.toMatchObject({ kind: 'install' })
    : expect(installing).rejects.toThrow());
});

it('CCL-4: a connection test names the databases that exist, or fails', async () => {
  const { databases } = install();
  await expect(execute('testConnection', databases)).resolves.toMatchObject({ existingDatabases: [] });
  await execute('install', install());
  await expect(execute('testConnection', databases)).resolves.toMatchObject({
    existingDatabases: ['R', 'L'],
  });
  fail({ testConnection: 'the account is not sysadmin' });
  await expect(execute('testConnection', databases)).rejects.toThrow('not sysadmin');
});

it('CCL-4: services are checked and restarted', async () => {
  fail({ 'service.IIS': 'it crashed' });
  await expect(execute('checkServices', { services: ['IIS'] })).resolves.toMatchObject({
    services: [{ name: 'IIS', state: 'stopped', reason: 'it crashed' }],
  });
  fail({ 'restartService.IIS': 'access denied' });
  await expect(execute('restartService', { service: 'IIS' })).rejects.toThrow('access denied');
  fail({});
  await expect(execute('restartService', { service: 'IIS' })).resolves.toMatchObject({
    service: { state: 'running' },
  });
});

it('TRB-2: registry values of listed keys are read and written; their type stays, and other spellings are refused', async () => {
  const key = 'SOFTWARE\\Citrix\\SessionRecording';
  const name = 'BlockSizeMultiple';
  const write = (value: object, other: object = {}) =>
    execute('writeRegistry', { key, name, value, ...other });
  const eight = { type: 'REG_DWORD', data: 8 };
  await expect(write(eight)).resolves.toMatchObject({ old: null, new: eight });
  await expect(write({ type: 'REG_SZ', data: '8' })).rejects.toThrow('type stays');
  for (const trick of [`${key}\\..\\Run`, key.toLowerCase(), `\\${key}`, 'SOFTWARE/Citrix/SessionRecording'])
    await expect(async () => write(eight, { key: trick })).rejects.toThrow('not on the list');
  await expect(
    execute('readRegistry', {
      values: [
        { key, name: name.toUpperCase() },
        { key, name: 'Other' },
      ],
    }),
  ).resolves.toMatchObject({ values: [{ value: eight }, { value: null }] });
});

it('TRB-3: logs are uploaded as one zip, also when an interrupted attempt has done so', async () => {
  const parameters = { url, services: ['IIS'], maxBytes: 10_000, uploadId: 'u', urlExpiresAt: '' };
  const first = await execute('uploadLog', parameters);
  expect(Object.keys(unzipSync(uploads[0] ?? Buffer.alloc(0)))).toEqual(['IIS.log']);
  await expect(execute('uploadLog', parameters)).resolves.toEqual(first);
  await expect(execute('uploadLog', { ...parameters, maxBytes: 10 })).rejects.toThrow('bytes');
});

it('CCL-4: files are archived and deleted, again without effect, and never outside of the machine', async () => {
  mkdirSync(path.join(root, 'disk/D/Recordings'), { recursive: true });
  writeFileSync(path.join(root, 'disk/D/Recordings/a.icl'), 'content');
  const archive = { path: 'D:\\Recordings\\a.icl', location: '\\\\FILES01\\Archive' };
  const archived = { kind: 'archiveFile', path: '\\\\FILES01\\Archive\\a.icl', sizeBytes: 7 };
  await expect(execute('archiveFile', archive)).resolves.toEqual(archived);
  await expect(execute('archiveFile', archive)).resolves.toEqual(archived);
  const remove = { path: archived.path };
  await expect(execute('deleteFile', remove)).resolves.toEqual({ kind: 'deleteFile', existed: true });
  await expect(execute('deleteFile', remove)).resolves.toEqual({ kind: 'deleteFile', existed: false });
  await expect(async () => execute('deleteFile', { path: 'D:\\..\\..\\etc' })).rejects.toThrow('no path');
});

it('RCD-9: a file is uploaded as it is, also when an interrupted attempt has done so, and stays where it is', async () => {
  mkdirSync(path.join(root, 'disk/D/Recordings'), { recursive: true });
  writeFileSync(path.join(root, 'disk/D/Recordings/a.webm'), 'content');
  const file = { recordingId: 'r', path: 'D:\\Recordings\\a.webm', sizeBytes: 7, url, urlExpiresAt: '' };
  const uploaded = { kind: 'uploadFile', sizeBytes: 7 };
  await expect(execute('uploadFile', file)).resolves.toEqual(uploaded);
  await expect(execute('uploadFile', file)).resolves.toEqual(uploaded);
  expect(uploads.map(String)).toEqual(['content', 'content']);
  expect(existsSync(path.join(root, 'disk/D/Recordings/a.webm'))).toBe(true);
  await expect(execute('uploadFile', { ...file, sizeBytes: 8 })).rejects.toThrow('has 7 bytes, not 8');
  const gone = { ...file, path: 'D:\\Recordings\\b.webm' };
  await expect(execute('uploadFile', gone)).rejects.toThrow('is not there');
});

it('CCL-4: a kind that it does not know is left to the client to refuse', () => {
  expect(execute('toString')).toBeUndefined();
  expect(execute('makeCoffee')).toBeUndefined();
});
