/** The spool: order, what a kill or a disk may do to its files, and its limit. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Spool } from './spool';

let folder: string;
const stopped = new AbortController();

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'spool-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
afterAll(() => {
  stopped.abort();
});

/** Drains until it is empty; returns what was delivered. */
async function drained(spool: Spool<string>): Promise<string[]> {
  const delivered: string[] = [];
  const until = new AbortController();
  const draining = spool.drain((entry) => {
    delivered.push(entry);
    return Promise.resolve('delivered');
  }, until.signal);
  await spool.empty(stopped.signal);
  until.abort();
  await draining;
  return delivered;
}

it('CCL-6: what was appended is delivered in order by the next process, and numbers are not used again', async () => {
  const first = new Spool<string>(folder);
  for (const entry of ['a', 'b', 'c']) first.append(entry);
  const second = new Spool<string>(folder);
  second.append('d');
  expect([second.size, second.sizeBytes]).toEqual([4, 12]);
  expect(await drained(second)).toEqual(['a', 'b', 'c', 'd']);
  expect([second.size, second.sizeBytes]).toEqual([0, 0]);
});

it('CCL-6: a write that a kill has interrupted is removed, and an entry that the disk has lost is set aside', async () => {
  const spool = new Spool<string>(folder);
  for (const entry of ['a', 'b', 'c']) spool.append(entry);
  writeFileSync(path.join(folder, '000000000002.json'), '"b');
  writeFileSync(path.join(folder, '000000000004.json.new'), '"tor');
  const damaged: string[] = [];
  const next = new Spool<string>(folder, { onDamaged: (file) => damaged.push(file) });
  expect([...next.entries()]).toEqual(['a', 'c']);
  expect(await drained(next)).toEqual(['a', 'c']);
  expect(damaged).toEqual([path.join(folder, 'refused', '000000000002.json')]);
  expect(readdirSync(folder)).toEqual(['refused']);
  expect(readdirSync(path.join(folder, 'refused'))).toEqual(['000000000002.json']);
});

it('CCL-6: a refused entry is kept apart, and does not block what is behind it', async () => {
  const spool = new Spool<string>(folder);
  for (const entry of ['a', 'b']) spool.append(entry);
  const until = new AbortController();
  const draining = spool.drain(
    (entry) => Promise.resolve(entry === 'a' ? 'refused' : 'delivered'),
    until.signal,
  );
  await spool.empty(stopped.signal);
  until.abort();
  await draining;
  expect(readdirSync(path.join(folder, 'refused'))).toEqual(['000000000001.json']);
  // A name that is used again would replace it.
  const next = new Spool<string>(folder);
  next.append('c');
  next.append('d');
  expect(readdirSync(folder)).toEqual(['000000000002.json', '000000000003.json', 'refused']);
});

it('CCL-6: a full spool lets nobody in who asks for room, until something was delivered', async () => {
  const spool = new Spool<string>(folder, { maxBytes: 6 });
  spool.append('a');
  await spool.whenRoom(stopped.signal);
  spool.append('b');
  expect(spool.isFull).toBe(true);
  let hasRoom = false;
  const waiting = spool.whenRoom(stopped.signal).then(() => (hasRoom = true));
  await new Promise(setImmediate);
  expect(hasRoom).toBe(false);
  // What cannot wait, such as the end of a session, is taken all the same.
  spool.append('c');
  expect(await drained(spool)).toEqual(['a', 'b', 'c']);
  await waiting;
});

it('CCL-5: a spool of what may be lost drops the oldest entries when it is full, but not the one being delivered', async () => {
  const spool = new Spool<string>(folder, { maxBytes: 10, dropOldest: true });
  for (const entry of ['a', 'b']) spool.append(entry);
  const delivered: string[] = [];
  const until = new AbortController();
  const draining = spool.drain((entry) => {
    delivered.push(entry);
    // While the first is on its way, three more come than there is room for.
    if (entry === 'a') for (const late of ['c', 'd', 'e']) spool.append(late);
    return Promise.resolve('delivered');
  }, until.signal);
  await spool.empty(stopped.signal);
  until.abort();
  await draining;
  expect(delivered).toEqual(['a', 'd', 'e']);
  expect([spool.size, spool.sizeBytes, readdirSync(folder)]).toEqual([0, 0, ['refused']]);
});
