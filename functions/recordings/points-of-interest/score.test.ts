import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { EventData, EventTypeId } from '../../policies/engine';
import { programKey } from '../statistics/app-names';
import { eventAt } from '../testing/events';
import { RecordingAnalysis } from './analysis';
import { addTotals, MAX_MOMENTS, type Moment, MOMENT_KINDS, MomentCollector } from './moment';
import { momentOfComment, momentOfEvent, momentOfProgram, momentOfResponse, scoreOf } from './score';
import { MOST_POINTS } from './weights';

const START = Date.UTC(2030, 0, 15, 12);
const NONE = { otherRecordings: 0, recordingsWithProgram: new Map<string, number>() };
const MIB = 1_048_576;

/** Rows of the tables of docs/points-of-interest.md, by their cells. */
const documented = readFileSync(path.join(__dirname, '../../../docs/points-of-interest.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const pointsOf = (type: EventTypeId, data: EventData) => momentOfEvent(eventAt(START, type, data))?.points;

/** What a row of the first table says, as the code computes it. */
function computed(kind: string, when: string): number | undefined {
  const action = /a rule (logged|disconnected|locked|started|sent)/.exec(when)?.[1];
  const kinds: Record<string, string> = {
    logged: 'logOffSession',
    disconnected: 'disconnectSession',
    locked: 'lockSession',
    started: 'startScreenRecording',
    sent: 'sendEmail',
  };
  if (action) return responsePoints(kinds[action] ?? '');
  const [, amount, unit, from] = /^(\d+) (GiB|MiB) or more from the (host|client)/.exec(when) ?? [];
  if (from) {
    const fileSizeBytes = Number(amount) * (unit === 'GiB' ? 1_024 * MIB : MIB);
    return pointsOf('fileTransfer', { fileSource: from, fileSizeBytes });
  }
  const [, atMost, ofAtLeast] = /at most (\d+) of at least (\d+) other/.exec(when) ?? [];
  if (ofAtLeast) return programPoints(Number(atMost), Number(ofAtLeast));
  if (kind === '`accountChange`') return pointsOf('userAccountModification', { userName: 'eve' });
  if (kind === '`connection`') return pointsOf('rdpConnection', { ipAddress: '10.0.0.9' });
  if (kind === '`severeComment`')
    return momentOfComment('', { id: '1', text: 'x', author: { id: 'a', name: 'Ada' } }).points;
  return undefined;
}

const responsePoints = (...kinds: string[]) =>
  momentOfResponse({
    eventId: '1',
    eventType: 'appStart',
    eventTime: new Date(START).toISOString(),
    ruleId: 'rule',
    ruleName: 'Shells',
    actions: kinds.map((kind) => ({ kind, state: 'done' })),
  })?.points;

function programPoints(recordingsWithProgram: number, otherRecordings: number): number | undefined {
  const counts = { otherRecordings, recordingsWithProgram: new Map([['a.exe', recordingsWithProgram]]) };
  return momentOfProgram('a.exe', { appName: 'a.exe', eventId: '1', time: '' }, counts)?.points;
}

const rows = documented.filter((cells) => cells.length === 3);

it.each(rows)('RCD-11: the weight of %s, %s, is %s, as documented', (kind = '', when = '', points = '') => {
  expect(computed(kind, when)).toBe(Number(points));
});

it('RCD-11: the documentation has the weight of every kind of moment, and the most that each adds', () => {
  expect(new Set(rows.map(([kind]) => kind))).toEqual(new Set(MOMENT_KINDS.map((kind) => `\`${kind}\``)));
  const limits = documented.filter((cells) => cells.length === 2).map(([kind, most]) => [kind, Number(most)]);
  expect(limits).toEqual(Object.entries(MOST_POINTS).map(([kind, most]) => [`\`${kind}\``, most]));
});

it('RCD-11: a response counts with its strongest action', () => {
  expect(responsePoints('sendEmail', 'lockSession', 'startScreenRecording')).toBe(30);
});

it.each([
  ['a file just below 1 MiB', 'fileTransfer', { fileSource: 'host', fileSizeBytes: MIB - 1 }],
  ['a file of unknown size', 'fileTransfer', { fileSource: 'host' }],
  ['a transfer without direction', 'fileTransfer', { fileSizeBytes: 99 * MIB }],
  ['a window in focus', 'topMost', { appName: 'excel.exe' }],
] as const)('RCD-11: %s is no point of interest', (_, type, data) => {
  expect(pointsOf(type, data)).toBeUndefined();
});

it.each([
  [0, 4],
  [1, 19],
  [3, 500],
])('RCD-11: a program in %i of %i other recordings is not rare', (recordings, others) => {
  expect(programPoints(recordings, others)).toBeUndefined();
});

const anyMoment = fc
  .tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom('accountChange', 'connection'), fc.nat(10_000))
  .map(([points, kind, id]): Moment => ({
    ...(kind === 'accountChange' ? { kind, userName: 'eve' } : { kind, ipAddress: '10.0.0.9' }),
    time: new Date(START + id).toISOString(),
    eventId: String(id),
    points,
  }));

it('RCD-11: neither the order of moments nor how they were collected changes what is shown, or the score', () => {
  const collect = (moments: readonly Moment[]) => {
    const collector = new MomentCollector();
    for (const moment of moments) collector.add(moment);
    return collector.result();
  };
  fc.assert(
    fc.property(
      fc.uniqueArray(anyMoment, { maxLength: 1_200, minLength: 0, selector: ({ time }) => time }),
      fc.nat(1_200),
      (moments, split) => {
        const all = collect(moments);
        expect(all.moments.length).toBe(Math.min(MAX_MOMENTS, moments.length));
        expect(collect([...moments].reverse())).toEqual(all);
        const parts = [collect(moments.slice(split)), collect(moments.slice(0, split))];
        expect(addTotals(parts).moments).toEqual(all.moments);
        expect(scoreOf(addTotals(parts))).toBe(scoreOf(all));
        expect(scoreOf(all)).toBeLessThanOrEqual(160);
      },
    ),
    { numRuns: 30 },
  );
});

it('RCD-11: activity counts each event of the user in its minute, and nothing else', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(600_000), { maxLength: 100 }).map((offsets) => offsets.toSorted((a, b) => a - b)),
      (offsets) => {
        const span = { start: START, end: START + 600_000 };
        const analysis = new RecordingAnalysis(span);
        for (const offset of offsets) {
          analysis.add({ event: eventAt(START + offset, 'appStart', { appName: 'a.exe' }), isWithin: true });
          analysis.add({ event: eventAt(START + offset, 'performanceData'), isWithin: true });
        }
        const { eventsPerMinute, eventCount } = analysis.result(NONE);
        expect(eventsPerMinute).toHaveLength(10);
        expect(eventsPerMinute.reduce((sum, count) => sum + count, 0)).toBe(offsets.length);
        expect(eventCount).toBe(2 * offsets.length);
        const third = offsets.filter((offset) => offset >= 120_000 && offset < 180_000);
        expect(eventsPerMinute[2]).toBe(third.length);
      },
    ),
  );
});

it('RCD-11: a rare program is a point of interest once, at its first start', () => {
  const analysis = new RecordingAnalysis({ start: START, end: START + 60_000 });
  for (const offset of [1_000, 2_000])
    analysis.add({
      event: eventAt(START + offset, 'appStart', { appName: 'C:\\X\\Tool.exe' }),
      isWithin: true,
    });
  analysis.add({ event: eventAt(START, 'appStart', { appName: 'excel.exe' }), isWithin: true });
  const counts = { otherRecordings: 9, recordingsWithProgram: new Map([[programKey('EXCEL.EXE'), 9]]) };
  expect(analysis.result(counts).totals.moments).toMatchObject([
    { kind: 'rareProgram', appName: 'Tool.exe', time: new Date(START + 1_000).toISOString(), points: 15 },
  ]);
});
