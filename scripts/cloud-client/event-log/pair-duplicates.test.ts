import fc from 'fast-check';
import { type DuplicateKey } from './detect';
import { findDuplicates, type DuplicateCandidate } from './pair-duplicates';

let sequence = 0;
const item = (
  role: DuplicateKey['role'],
  time: number,
  more: Partial<DuplicateKey> & { host?: string; person?: string; sid?: string } = {},
): DuplicateCandidate => {
  const { host = 'desk', person, sid = person?.startsWith('s-1-') ? person : undefined, ...key } = more;
  sequence += 1;
  return {
    host,
    time,
    sequence,
    duplicateKey: { family: 'processStart', role, subject: 'c:\\a.exe', ...key },
    actor: { account: { name: person === sid ? undefined : person, sid } },
  };
};
const lead = (time: number, more?: Parameters<typeof item>[2]): DuplicateCandidate =>
  item('lead', time, more);
const follower = (time: number, more?: Parameters<typeof item>[2]): DuplicateCandidate =>
  item('follower', time, more);

test('CCL-7: two records of one process are one', () => {
  const [first, second] = [lead(1_900), follower(1_000)];
  expect([...findDuplicates([first, second])]).toEqual([[second, first]]);
});

test.each([
  ['on two machines', lead(0), follower(0, { host: 'other' })],
  ['of two programs', lead(0), follower(0, { subject: 'c:\\b.exe' })],
  ['too far apart', lead(0), follower(2_001)],
  ['of two process ids', lead(0, { processId: '0x10' }), follower(0, { processId: '0x20' })],
  ['of two families', lead(0), follower(0, { family: 'processEnd' })],
  ['of one log', lead(0), lead(0)],
  ['of two people', lead(0, { person: 'example\\dana' }), follower(0, { person: 'example\\lee' })],
  [
    'of two people, one with name and SID',
    lead(0, { person: 'example\\dana' }),
    follower(0, { person: 'example\\lee', sid: 's-1-5-21-2' }),
  ],
  [
    'of two people with one process id, farther apart',
    lead(2_001, { processId: '0x10', person: 'example\\dana' }),
    follower(0, { processId: '0x10', person: 'example\\lee', sid: 's-1-5-21-2' }),
  ],
  [
    'of two people who install one product',
    lead(0, { family: 'installation', person: 's-1-5-21-1' }),
    follower(0, { family: 'installation', person: 's-1-5-21-2' }),
  ],
])('records %s stay two', (_, first, second) => {
  expect(findDuplicates([first, second]).size).toBe(0);
});

test('CCL-8: records that name one person in different ways are one', () => {
  const pairs = [
    ['example\\dana', 's-1-5-21-1'],
    ['example\\dana', 'dana'],
    [undefined, 's-1-5-21-1'],
  ];
  for (const [one, other] of pairs)
    expect(findDuplicates([lead(0, { person: one }), follower(0, { person: other })]).size).toBe(1);
});

test('CCL-8: of two records without a process id, the one of the same person is the duplicate', () => {
  const start = lead(1_000, { processId: '0x10', person: 'example\\lee' });
  const other = follower(0, { person: 'example\\dana', sid: 's-1-5-21-1' });
  const same = follower(0, { person: 'example\\lee', sid: 's-1-5-21-2' });
  expect([...findDuplicates([other, same, start])]).toEqual([[same, start]]);
});

test('CCL-8: a process that one person starts as another one is one', () => {
  const start = lead(0, { processId: '0x10', person: 'example\\lee' });
  const audit = follower(0, { processId: '0x10', person: 'example\\dana', sid: 's-1-5-21-1' });
  expect(findDuplicates([start, audit]).size).toBe(1);
});

test('a process id in both pairs records farther apart, and under another path of the same program', () => {
  const pair = [
    lead(0, { processId: '0x10' }),
    follower(8_000, { processId: '0x10', subject: '\\device\\hd2\\a.exe' }),
  ];
  expect(findDuplicates(pair).size).toBe(1);
});

test('a process id does not pair different programs', () => {
  const pair = [lead(0, { processId: '0x10' }), follower(0, { processId: '0x10', subject: 'c:\\b.exe' })];
  expect(findDuplicates(pair).size).toBe(0);
});

test('a program that Sysmon does not know is found by its process id', () => {
  const pair = [lead(0, { processId: '0x10', subject: undefined }), follower(0, { processId: '0x10' })];
  expect(findDuplicates(pair).size).toBe(1);
});

test('a process id leaves the records without one to each other', () => {
  const items = [
    lead(0, { processId: '0x10' }),
    lead(100),
    follower(50, { processId: '0x10' }),
    follower(60),
  ];
  expect(findDuplicates(items).size).toBe(2);
});

test('records that are all late by the same time are all paired', () => {
  const leads = [0, 1_500, 3_000, 4_500].map((time) => lead(time));
  const followers = leads.map(({ time }) => follower(time + 1_900));
  expect(findDuplicates([...leads, ...followers]).size).toBe(4);
});

test('a remote desktop logon follows its connection, and is recorded for both tokens', () => {
  const rdp = { family: 'remoteDesktop', subject: '198.51.100.23' } as const;
  const items = [lead(0, rdp), follower(20_000, rdp), follower(20_100, rdp), follower(300_000, rdp)];
  expect([...findDuplicates(items).keys()].map(({ time }) => time).sort()).toEqual([20_000, 20_100]);
});

test('pairs are one to one, within the window, and do not depend on the order of the records', () => {
  const record = fc.record({
    role: fc.constantFrom('lead' as const, 'follower' as const),
    time: fc.integer({ min: 0, max: 20_000 }),
    host: fc.constantFrom('a', 'b'),
    subject: fc.constantFrom('x', 'y'),
    processId: fc.option(fc.constantFrom('0x1', '0x2'), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (records, random) => {
      const items = records.map(({ role, time, ...more }) => item(role, time, more));
      const pairs = findDuplicates(items);
      expect(new Set(pairs.values()).size).toBe(pairs.size);
      for (const [duplicate, original] of pairs) {
        expect([duplicate.duplicateKey.role, original.duplicateKey.role]).toEqual(['follower', 'lead']);
        expect(duplicate.host).toBe(original.host);
        expect(Math.abs(duplicate.time - original.time)).toBeLessThanOrEqual(10_000);
      }
      const shuffled = items
        .map((some) => ({ some, key: Number(random.next().value) }))
        .sort((left, right) => left.key - right.key)
        .map(({ some }) => some);
      expect(new Set(findDuplicates(shuffled).keys())).toEqual(new Set(pairs.keys()));
    }),
  );
});
