/** The machine that a restart registers: the one of the first start, whatever options are repeated. */
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { machineOf } from './connect';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'connect-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const factsOf = (options: { database?: string; 'host-name'?: string } = {}) => {
  const { machineId, hostName, serverVersion, database } = machineOf({ folder, ...options });
  return { machineId, hostName, hasServer: serverVersion !== undefined, database };
};

it('CCL-6: a restart registers the same machine with the same database, though they are named once', () => {
  const first = factsOf({ database: 'SQL01/Recording', 'host-name': 'REC01' });
  expect(first).toEqual({
    machineId: 'REC01',
    hostName: 'REC01',
    hasServer: true,
    database: { instance: 'SQL01', name: 'Recording' },
  });
  expect(factsOf()).toEqual(first);
  expect(factsOf({ 'host-name': 'REC01' })).toEqual(first);
  expect(factsOf({ database: 'SQL02/Recording' }).database?.instance).toBe('SQL02');
  expect(factsOf().database?.instance).toBe('SQL02');
});

it('a machine of another name does not get the database', () => {
  factsOf({ database: 'SQL01/Recording', 'host-name': 'REC01' });
  expect(factsOf({ 'host-name': 'REC02' })).toMatchObject({ hasServer: false, database: undefined });
});

it('a machine without options has its own name, and what is wrong is refused and not kept', () => {
  for (const wrong of ['SQL01', '/Recording', 'SQL01/'])
    expect(() => factsOf({ database: wrong })).toThrow('--database must be INSTANCE/NAME');
  expect(factsOf()).toMatchObject({ hostName: hostname(), database: undefined });
});
