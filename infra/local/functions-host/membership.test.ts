import { spawnSync } from 'node:child_process';
import { type HostDatabase, openHostDatabase } from './database';
import { Membership } from './membership';
import { temporaryFolder } from './testing/processes';

const { folder, remove } = temporaryFolder();
let database: HostDatabase;

beforeAll(() => {
  database = openHostDatabase(folder);
});
afterAll(() => {
  database.close();
  remove();
});

function member(): Membership {
  const membership = new Membership(database);
  membership.join(() => undefined);
  return membership;
}

describe('leases of host processes on one storage folder', () => {
  it('are held by one process until it gives them back', () => {
    const [first, second] = [member(), member()];
    expect(first.acquireLease('a')).toBe(true);
    expect(first.acquireLease('a')).toBe(true);
    expect(second.acquireLease('a')).toBe(false);
    first.releaseLease('a');
    expect(second.acquireLease('a')).toBe(true);
    first.leave();
    second.leave();
  });

  it('are free again when their owner leaves', () => {
    const [first, second] = [member(), member()];
    first.acquireLease('b');
    first.leave();
    expect(second.acquireLease('b')).toBe(true);
    second.leave();
  });

  it('are taken from a process that is dead, and from one that is silent', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const insertHost = database.prepare('INSERT INTO hosts (owner, process_id, heard_ms) VALUES (?, ?, ?)');
    const insertLease = database.prepare('INSERT INTO leases (name, owner) VALUES (?, ?)');
    insertHost.run('dead', pid, Date.now());
    insertLease.run('of-dead', 'dead');
    insertHost.run('silent', process.pid, Date.now() - 60_000);
    insertLease.run('of-silent', 'silent');
    const onFreed = jest.fn();
    const survivor = new Membership(database);
    survivor.join(onFreed);
    expect(onFreed).toHaveBeenCalledTimes(1);
    expect(survivor.acquireLease('of-dead')).toBe(true);
    expect(survivor.acquireLease('of-silent')).toBe(true);
    survivor.leave();
  });
});
