/** The settings of a simulated machine: changed by the service, by hand, by both, and interrupted. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { healthOf } from './machine-health';
import { MachineFiles } from './machine-files';
import { MachineSettings } from './machine-settings';
import { Scenario } from './scenario';

let root: string;
let settings: MachineSettings;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'machine-settings-'));
  settings = restarted();
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const scenario = () => new Scenario(path.join(root, 'scenario.json'));
const restarted = () => new MachineSettings(new MachineFiles(root), scenario());
const write = (name: string, content: unknown) => {
  writeFileSync(path.join(root, `${name}.json`), JSON.stringify(content));
};
const read = (name: string): unknown => JSON.parse(readFileSync(path.join(root, `${name}.json`), 'utf8'));
const apply = (version: number, content: object) => {
  settings.applySection('settings', { version, ...content });
};

it('CCL-3: what the service wants is in the file of the machine, and is no local change', () => {
  expect(settings.readSettings()).toBeUndefined();
  settings.applySection('settings', null);
  settings.applySection('site', { name: 'Main' });
  expect(settings.readSettings()).toBeUndefined();
  apply(1, { ceip: true });
  apply(2, { ceip: false });
  expect(read('settings')).toEqual({ ceip: false });
  expect(settings.readSettings()).toEqual({ version: 2, settings: { ceip: false } });
  expect(settings.localChanges()).toEqual([]);
});

it('CCL-3: a section fails with the reason of the scenario, and leaves the file as it is', () => {
  apply(1, { ceip: true });
  write('scenario', { failures: { 'configuration.settings': 'The disk is read-only.' } });
  expect(() => {
    apply(2, { ceip: false });
  }).toThrow('The disk is read-only.');
  expect(settings.readSettings()).toEqual({ version: 1, settings: { ceip: true } });
});

it('CCL-3: a change by hand is found once, member by member, and is not undone by the same version', () => {
  apply(1, { ceip: true, rollover: { maximumHours: 12 } });
  write('settings', { ceip: true, rollover: { maximumHours: 6 } });
  const [change, ...others] = settings.localChanges();
  expect(others).toEqual([]);
  expect(change).toMatchObject({
    action: 'server.changeSettings.rollover',
    old: '{"maximumHours":12}',
    new: '{"maximumHours":6}',
  });
  // Found again after an interruption it has the same id, so that the service counts it once.
  expect(restarted().localChanges()).toEqual([change]);
  apply(1, { ceip: true, rollover: { maximumHours: 12 } });
  expect(read('settings')).toMatchObject({ rollover: { maximumHours: 6 } });
  settings.acceptLocalChanges();
  expect(settings.localChanges()).toEqual([]);
  expect(settings.readSettings()).toMatchObject({ version: 1, settings: { rollover: { maximumHours: 6 } } });
});

it('CCL-3: a newer version of the service wins over a change by hand', () => {
  apply(1, { ceip: true });
  write('settings', { ceip: false });
  expect(settings.localChanges()).toHaveLength(1);
  apply(2, { ceip: true });
  expect(read('settings')).toEqual({ ceip: true });
});

it('CCL-3: what was half applied when the machine stopped is no local change, and is applied again', () => {
  apply(1, { ceip: true });
  write('known-settings', { version: 1, settings: { ceip: true }, applying: { ceip: false } });
  write('settings', { ceip: false });
  expect(restarted().localChanges()).toEqual([]);
  apply(2, { ceip: false });
  expect(restarted().readSettings()).toEqual({ version: 2, settings: { ceip: false } });
});

it('CCL-3: a file that is being edited is neither a change nor reported', () => {
  apply(1, { ceip: true });
  writeFileSync(path.join(root, 'settings.json'), '{"ceip": fal');
  expect([settings.localChanges(), settings.readSettings()]).toEqual([[], undefined]);
});

it('CCL-2: heartbeats say which certificate signs, whether the administrator log works, and what is wrong', () => {
  const [thumbprint, other] = ['A'.repeat(40), 'B'.repeat(40)];
  const health = () => healthOf(new MachineFiles(root), scenario());
  expect(health()).toEqual({ certificates: [], problems: [] });
  const facts = { subject: 'CN=REC01', validUntil: '2027-01-01T00:00:00Z' };
  write('certificates', [
    { thumbprint, ...facts },
    { thumbprint: other, ...facts },
  ]);
  apply(1, { signingCertificate: other, logging: { administratorLogging: true } });
  const problems = [{ kind: 'storageUnreachable', path: '\\\\nas\\recordings' }];
  write('scenario', { problems });
  expect(health()).toEqual({
    administratorLogging: 'ok',
    certificates: [
      { thumbprint, ...facts, signing: false },
      { thumbprint: other, ...facts, signing: true },
    ],
    problems,
  });
  write('scenario', { failures: { administratorLogging: 'the database is away' } });
  expect(health()).toMatchObject({ administratorLogging: 'failing', problems: [] });
});

it('SET-2: a signing certificate that the machine does not have is refused', () => {
  expect(() => {
    apply(1, { signingCertificate: 'C'.repeat(40) });
  }).toThrow('no machine certificate');
});
