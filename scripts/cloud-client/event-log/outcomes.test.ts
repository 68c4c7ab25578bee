import fc from 'fast-check';
import { type EventLogSession } from './read-event-log';
import { outcomesOf, type RefusedEvents } from './outcomes';
import { auditedStart, logoff, logon, processStart } from './testing/events';
import { EXPECTED } from './testing/expected-events';
import { readText, readValues } from './testing/read-lines';
import { asNxlog, asWinlogbeat8 } from './testing/write-records';

const refusedAll = (session: EventLogSession, reason: string): RefusedEvents => ({
  events: session.events,
  reason,
});

test('CCL-9: what the service refused is reported as refused, with the reason, and what has no session as such', async () => {
  const log = [
    processStart({ time: '2024-03-04T09:00:00.000Z' }),
    { ...processStart({ time: '2026-03-04T09:00:00.000Z' }), host: 'desk-12.example.test' },
    { ...auditedStart('C:\\a.exe', '0x10'), host: 'desk-13.example.test' },
    logoff('0x77', '3'),
  ];
  const { sessions, counts } = await readValues(log.map(asWinlogbeat8));
  const old = sessions.filter(({ host }) => host.startsWith('DESK-11'));
  expect(
    outcomesOf(
      counts,
      old.map((session) => refusedAll(session, '400 too old')),
    ),
  ).toEqual([
    { what: 'App Start', remark: '', records: 1 },
    { what: 'App Start', remark: 'no session', records: 1 },
    { what: 'App Start', remark: 'refused: 400 too old', records: 1 },
    { what: 'Security 4634', remark: 'describes a logon only', records: 1 },
  ]);
});

test('CCL-7: the outcomes add up to the records read, whatever is read and whatever is refused', async () => {
  const events = [...EXPECTED.map(({ event }) => event), logon(), logoff('0x4c2a1', '2')];
  const line = fc.oneof(
    fc
      .tuple(
        fc.constantFrom(...events),
        fc.constantFrom(asNxlog(), asWinlogbeat8),
        fc.constantFrom('a', 'b', 'c'),
      )
      .map(([event, write, host]) => JSON.stringify(write({ ...event, host }))),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 30 }),
      fc.infiniteStream(fc.boolean()),
      async (lines, random) => {
        const { sessions, counts } = await readText(lines.join('\n'));
        const refused = sessions
          .filter(() => random.next().value === true)
          .map((one) => refusedAll(one, `of ${one.host}`));
        const outcomes = outcomesOf(counts, refused);
        expect(outcomes.reduce((sum, { records }) => sum + records, 0)).toBe(counts.recordsRead);
        expect(outcomes.every(({ records }) => records > 0)).toBe(true);
        const reported = outcomes
          .filter(({ remark }) => remark.startsWith('refused'))
          .reduce((sum, { records }) => sum + records, 0);
        expect(reported).toBe(refused.reduce((sum, { events: own }) => sum + own.length, 0));
      },
    ),
  );
});
