import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DETECTABLE_TYPE_IDS, sessionEventSchema } from '../../../functions/policies/engine';
import { type EventLogCounts, summarise } from './counts';
import { type EventLogSession, readEventLog } from './read-event-log';
import { readText } from './testing/read-lines';

const SAMPLE = path.join(__dirname, '../samples/office-day.ndjson');

let sessions: EventLogSession[];
let counts: EventLogCounts;
beforeAll(async () => {
  ({ sessions, counts } = await readEventLog({ kind: 'file', path: SAMPLE }));
});

test('the sample shows every type of event that can be detected', () => {
  const types = sessions.flatMap(({ events }) => events.map(({ type }) => type));
  expect(DETECTABLE_TYPE_IDS.filter((id) => !types.includes(id))).toEqual([]);
});

test('the sample is the day of three people', () => {
  expect(sessions.map(({ host, user }) => [host, user])).toEqual([
    ['FIN-WS-07.northwind.example', 'NORTHWIND\\amara.okoye'],
    ['HR-WS-03.northwind.example', 'NORTHWIND\\jonas.weber'],
    ['APP-SRV-01.northwind.example', 'NORTHWIND\\adm-lin'],
  ]);
});

test('every event of the sample is one that the service takes, in order of time', () => {
  for (const { events } of sessions) {
    expect(events.map((event) => sessionEventSchema.parse(event))).toHaveLength(events.length);
    const times = events.map(({ time }) => Date.parse(time));
    expect(times).toEqual([...times].sort((left, right) => left - right));
  }
});

test('the sample shows every reason why a record yields no event', () => {
  const { rows, recordsRead } = summarise(counts);
  expect(rows.reduce((sum, row) => sum + row.records, 0)).toBe(recordsRead);
  expect([...new Set(rows.map(({ remark }) => remark))].sort()).toEqual([
    '',
    'describes a logon only',
    'duplicate of App End',
    'duplicate of App Start',
    'duplicate of App Uninstalled',
    'duplicate of New App Installed',
    'duplicate of RDP Connection',
    'malformed',
    'not a USB device',
    'not a remote desktop connection',
    'not a remote desktop logon',
    'not a session event',
    'not understood',
    'shows a start of the machine or its log only',
    'the forwarder lost which operation it was',
    'the installation failed',
  ]);
});

test('the order of the lines makes no difference', async () => {
  const lines = readFileSync(SAMPLE, 'utf8').trimEnd().split('\n');
  const oneInThree = [0, 1, 2].flatMap((rest) => lines.filter((_, index) => index % 3 === rest));
  const byKey = (some: readonly EventLogSession[]): unknown[] =>
    some
      .map(({ key, user, events }) => [key, user, events.map(({ id, type }) => `${id} ${type}`).sort()])
      .sort();
  for (const order of [[...lines].reverse(), oneInThree]) {
    const read = await readText(order.join('\n'));
    expect(byKey(read.sessions)).toEqual(byKey(sessions));
    expect(read.counts.detected).toEqual(counts.detected);
  }
});
