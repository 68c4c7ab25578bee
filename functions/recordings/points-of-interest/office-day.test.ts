/** What is computed of the sessions in the sample of a Windows event log. */
import path from 'node:path';
import { type EventLogSession, readEventLog } from '../../../scripts/cloud-client/event-log/read-event-log';
import { EventCounts } from '../statistics/event-counts';
import { listCommands } from '../statistics/list-commands';
import { RecordingAnalysis } from './analysis';
import { scoreOf } from './score';

const SAMPLE = path.join(__dirname, '../../../scripts/cloud-client/samples/office-day.ndjson');
const NONE = { otherRecordings: 0, recordingsWithProgram: new Map<string, number>() };

let sessions: EventLogSession[];

beforeAll(async () => {
  const lastRecordAt = new Date('2030-01-15T18:00:00Z');
  ({ sessions } = await readEventLog({ kind: 'file', path: SAMPLE }, { lastRecordAt }));
});

function analysisOf({ events }: EventLogSession) {
  const times = events.map(({ time }) => Date.parse(time));
  const span = { start: Math.min(...times), end: Math.max(...times) };
  const analysis = new RecordingAnalysis(span);
  for (const event of events) analysis.add({ event, isWithin: true });
  return analysis.result(NONE);
}

async function commandsOf({ events }: EventLogSession, terms: string[]) {
  async function* visits() {
    for (const event of events) yield await Promise.resolve({ event, isWithin: true });
  }
  const commands = await listCommands(visits(), { terms, limit: 200, after: undefined });
  return commands.map(({ event }) => event.data['commandLine']);
}

const sessionOf = (user: string) => {
  const session = sessions.find((item) => item.user === user);
  if (!session) throw new Error(`The sample has no session of ${user}`);
  return session;
};

it('RCD-6: commands of a real log are those of its shells', async () => {
  const session = sessionOf('NORTHWIND\\amara.okoye');
  const lines = ['/c xcopy D:\\Finance\\export E:\\ /s', '-NoProfile -File D:\\Tools\\cleanup.ps1'];
  expect(await commandsOf(session, [])).toEqual(lines);
  expect(await commandsOf(session, ['XCOPY', 'robocopy'])).toEqual(lines.slice(0, 1));
});

it('RCD-6: counts, activity and screen time of a real log add up', () => {
  for (const session of sessions) {
    const counts = new EventCounts();
    for (const event of session.events) counts.add(event);
    const analysis = analysisOf(session);
    expect([counts.total, analysis.eventCount]).toEqual([session.events.length, session.events.length]);
    const active = session.events.filter(({ type }) => type !== 'idle' && type !== 'performanceData');
    expect(analysis.eventsPerMinute.reduce((sum, count) => sum + count, 0)).toBe(active.length);
    const inFocus = analysis.applications.reduce((sum, { totalSeconds }) => sum + totalSeconds, 0);
    expect(inFocus).toBeLessThanOrEqual(analysis.durationSeconds);
  }
});

it('RCD-11: the session that changed accounts and connected elsewhere has the highest score', () => {
  const scores = sessions.map((session) => ({
    user: session.user,
    score: scoreOf(analysisOf(session).totals),
  }));
  const [highest] = scores.sort((a, b) => b.score - a.score);
  // 13 changes of accounts count 100 at most, a connection 15.
  expect(highest).toEqual({ user: 'NORTHWIND\\adm-lin', score: 115 });
});
