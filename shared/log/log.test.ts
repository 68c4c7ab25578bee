/** The log: entries leave the partition of their change without being lost, doubled or out of order. */
import fc from 'fast-check';
import { call } from '../../tests/support/call';
import { activityFeed, auditLog } from '../../tests/support/logs';
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { createSample, sampleType } from '../../tests/support/sample-capability';
import { activityEventType } from '../activity/activity-event';
import { activityChange, reportActivity } from '../activity/report-activity';
import { type AuditEntry, auditEntryType } from '../audit/audit-entry';
import { documentType } from '../cosmos/document-type';
import { change } from '../cosmos/partition';
import { positionOf } from '../cosmos/time-order';
import { timedId } from '../ids';
import { customerMonthsType } from '../months/customer-months';
import { lineLog } from '../telemetry/telemetry';
import { appendToLog } from './append';
import { moveLogEntries } from './move-log-entries';
import { readLog } from './read-log';

// The test's clock stands at 15 January 2030, 12:00.
let test: TestServices;
const lines: string[] = [];
const log = lineLog((line) => lines.push(line));

beforeEach(async () => {
  test = await startTestServices();
  lines.length = 0;
});
afterEach(() => test.close());

const control = (customerId = CONTOSO) => test.services.database.control(customerId);
const move = () => moveLogEntries(test.services, log);
const splitMonths = () =>
  control().create(customerMonthsType, {
    id: 'all',
    months: ['2029-12', '2030-01'],
    buckets: { '2030-01': 16 },
  });

function entry(name: string, at = '2030-01-15T11:00:00.000Z'): AuditEntry {
  return {
    id: timedId(new Date(at), name),
    at,
    category: 'configuration',
    action: name,
    by: { id: 'a', name: 'Ada', kind: 'fullAdmin' },
    address: '192.0.2.1',
    authorised: true,
    outcome: 'succeeded',
    traceId: '',
  };
}
const activity = (key: string, at = '2030-01-15T11:00:00.000Z') => ({
  at: new Date(at),
  key,
  kind: 'server.status' as const,
  severity: 'information' as const,
  message: key,
});
const writeChange = (name: string, customerId = CONTOSO) =>
  control(customerId).commit([
    change.create(auditEntryType, entry(name)),
    change.create(sampleType, { id: name, name }),
    activityChange(activity(name)),
  ]);
/** Types and ids in a container, without the rest. */
async function stored(container: string): Promise<string[]> {
  const documents = (await test.stored(container)).map((text) => JSON.parse(text) as Record<string, string>);
  return documents.map(({ type, id }) => `${type} ${id}`);
}
const actions = async () => (await auditLog(test.services)).map(({ action }) => action);

it('entries of changes are moved within minutes, under their ids, and nothing but the change stays', async () => {
  await splitMonths();
  for (let index = 0; index < 30; index += 1) await writeChange(`change ${index}`);
  const before = [await auditLog(test.services), await activityFeed(test.services)];
  await move();
  const after = [await auditLog(test.services), await activityFeed(test.services)];
  const ids = (lists: { id: string }[][]) => lists.map((list) => list.map(({ id }) => id));
  expect(ids(after)).toEqual(ids(before));
  expect(after.map((list) => list.length)).toEqual([30, 30]);
  expect((await stored('log')).filter((name) => name.startsWith('audit '))).toHaveLength(30);
  expect((await stored('control')).filter((name) => /^(audit|feed-event) /.test(name))).toEqual([]);
  const months = (await test.stored('log')).map((text) => (JSON.parse(text) as { month: string }).month);
  expect(new Set(months).size).toBeGreaterThan(8);
  expect(lines).toEqual([]);
});

it('an entry of this moment stays until the clocks of all instances are beyond it', async () => {
  await control().create(auditEntryType, entry('now', test.clock.now().toISOString()));
  await move();
  expect(await stored('log')).toEqual([]);
  test.clock.advanceSeconds(120);
  await move();
  expect(await stored('log')).toHaveLength(1);
  expect(await actions()).toEqual(['now']);
});

it('wherever the process dies, entries are read once each, and end in the log once each', async () => {
  for (let steps = 0, died = true; died; steps += 1) {
    const names = [`a ${steps}`, `b ${steps}`];
    for (const name of names) await writeChange(name);
    let left = steps;
    died = false;
    test.injectFault(async (request, next) => {
      // Reached, and its answer lost: what is done last is the worst.
      const answer = left > 0 ? await next(request) : undefined;
      if (left-- > 1 && answer) return answer;
      died = true;
      throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
    });
    await move().catch(() => undefined);
    test.injectFault(undefined);
    for (const run of [1, 2]) {
      const found = await actions();
      expect([run, found.filter((name) => names.includes(name)).sort()]).toEqual([run, names]);
      await move();
    }
  }
  const names = await stored('log');
  expect(new Set(names).size).toBe(names.length);
  expect((await stored('control')).filter((name) => /^(audit|feed-event) /.test(name))).toEqual([]);
});

it('two movers at once move each entry once', async () => {
  for (let index = 0; index < 20; index += 1) await writeChange(`change ${index}`);
  await Promise.all([move(), moveLogEntries(test.otherProcess(), log)]);
  await move();
  expect(await stored('log')).toHaveLength(40);
  expect(await actions()).toHaveLength(20);
});

it('a customer whose entries cannot be moved does not keep those of others waiting', async () => {
  await writeChange('one', CONTOSO);
  await writeChange('two', FABRIKAM);
  test.injectFault((request, next) =>
    request.path.includes('/log/') && request.body.includes(CONTOSO)
      ? Promise.resolve({ status: 403, headers: {}, body: '{}' })
      : next(request),
  );
  await move();
  test.injectFault(undefined);
  expect(lines.join()).toContain('log.not-moved');
  expect(await stored('log')).toHaveLength(2);
  expect(await actions()).toEqual(['one']);
});

it('more entries than one transaction takes are moved in one run', async () => {
  for (let batch = 0; batch < 3; batch += 1)
    await control().commit(
      Array.from({ length: 90 }, (_, index) => change.create(auditEntryType, entry(`${batch} ${index}`))),
    );
  await move();
  expect(await stored('log')).toHaveLength(270);
});

it('a request that is repeated after its entry was moved is still known to have gone through', async () => {
  const request = { headers: { 'idempotency-key': 'k' }, body: { name: 'x' } };
  // The process dies when it is about to keep its answer.
  let marks = 0;
  test.injectFault((fault, next) => {
    if (fault.method === 'POST' && fault.body.includes('"type":"idempotency"') && marks++ > 0)
      return Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    return next(fault);
  });
  const send = async () =>
    call(test.services, createSample, { ...request, token: await test.issuer.token() });
  expect((await send()).status).toBe(503);
  test.injectFault(undefined);
  test.clock.advanceSeconds(23 * 3_600);
  await move();
  expect(await stored('log')).toHaveLength(1);
  expect((await send()).status).toBe(201);
  expect(await control().list(sampleType, { limit: 10 })).toHaveLength(1);
  expect(await auditLog(test.services)).toHaveLength(1);
  test.clock.advanceSeconds(3 * 86_400);
  expect((await stored('control')).filter((name) => name.includes('audit'))).toEqual([]);
});

it('DATA-1: activities are kept for 90 days after they were moved, audit entries for ever', async () => {
  await writeChange('old');
  await move();
  test.clock.advanceSeconds(90 * 86_400 + 60);
  expect(await activityFeed(test.services)).toEqual([]);
  expect(await actions()).toEqual(['old']);
});

it('entries that were written before there was a log are read in their place, and moved', async () => {
  const oldFeed = documentType<{ id: string; kind: string; at: string; message: string }>('feed-event', {
    ttlSeconds: 'never',
  });
  const at = '2029-11-03T08:00:00.000Z';
  await control().create(auditEntryType, entry('old', at));
  await control().create(oldFeed, {
    id: timedId(new Date(at), 'old'),
    kind: 'server.status',
    at,
    message: 'old',
  });
  await appendToLog(test.services, CONTOSO, auditEntryType, entry('new', '2030-01-15T10:00:00.000Z'));
  await reportActivity(test.services, CONTOSO, activity('new'));
  for (const where of ['before', 'after']) {
    expect([where, await actions()]).toEqual([where, ['old', 'new']]);
    expect(await activityFeed(test.services)).toMatchObject([
      { message: 'old', category: 'serverStatus' },
      { message: 'new' },
    ]);
    await move();
  }
  expect((await stored('log')).sort()).toHaveLength(4);
});

it('LOG-1: pages give every entry once and in order, however they are spread and while they are moved', async () => {
  const month = fc.constantFrom('2029-11', '2029-12', '2030-01');
  const spread = fc.array(
    fc.record({ month, day: fc.integer({ min: 10, max: 14 }), isDirect: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 25,
    },
  );
  await fc.assert(
    fc.asyncProperty(spread, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (spreads, limit, moves) => {
      const customerId = timedId(new Date(), String(Math.random()));
      await control(customerId).create(customerMonthsType, {
        id: 'all',
        months: ['2030-01'],
        buckets: { '2030-01': 16 },
      });
      const written: AuditEntry[] = [];
      for (const [index, { month: name, day, isDirect }] of spreads.entries()) {
        // Many share an instant.
        const one = entry(`entry ${index}`, `${name}-${day}T00:00:00.000Z`);
        written.push(one);
        if (isDirect) await appendToLog(test.services, customerId, auditEntryType, one);
        else await control(customerId).create(auditEntryType, one);
      }
      const found: string[] = [];
      for (let after: string | undefined, more = true; more;) {
        const page: AuditEntry[] = await readLog(test.services, customerId, auditEntryType, { limit, after });
        found.push(...page.map(({ id }) => id));
        const last = page.at(-1);
        after = last && positionOf(last);
        more = page.length === limit;
        if (moves) await move();
      }
      const newestFirst = written.sort((a, b) => (a.at + a.id < b.at + b.id ? 1 : -1));
      expect(found).toEqual(newestFirst.map(({ id }) => id));
    }),
    { numRuns: 25 },
  );
});

it('finds entries of a time and by a condition', async () => {
  await splitMonths();
  for (const day of ['10', '11', '12', '13'])
    await appendToLog(test.services, CONTOSO, activityEventType, {
      ...activity(day),
      id: day,
      at: `2030-01-${day}T00:00:00.000Z`,
      category: 'serverStatus',
    });
  const time = { from: '2030-01-11T00:00:00.000Z', to: '2030-01-13T00:00:00.000Z' };
  const found = await readLog(test.services, CONTOSO, activityEventType, { ...time, limit: 10 });
  expect(found.map(({ id }) => id)).toEqual(['12', '11']);
  const where = { where: 'c.at = @day', parameters: { day: '2030-01-10T00:00:00.000Z' } };
  expect(await readLog(test.services, CONTOSO, activityEventType, { ...where, limit: 10 })).toHaveLength(1);
});
