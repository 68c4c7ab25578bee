/** The log of decisions, through the API. */
import { call } from '../../tests/support/call';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { monthOfSession, newSessionId } from '../../shared/ids';
import { customerMonthsType, openMonth, sessionMonthKey } from '../../shared/months/customer-months';
import { siteCreation } from '../sites';
import { type EventResponse, eventResponseType, type ResponseAction, searchTerms } from './event-response';
import { responseOperations } from './operations';

const SITE = '019bc17a-0000-7000-8000-000000000001';

let test: TestServices;
let token: string;
/** Sessions of three months; their events are answered turn by turn. */
const sessions = ['2029-11-20', '2029-12-31', '2030-01-02'].map((day) => newSessionId(new Date(day)));

beforeAll(async () => {
  test = await startTestServices();
  token = await test.issuer.token();
  const site = {
    id: SITE,
    name: 'Site',
    description: '',
    origin: 'created' as const,
    createdAt: '2029-01-01T00:00:00.000Z',
  };
  const control = test.services.database.control(CONTOSO);
  await control.commit(siteCreation(site));
  // The months of the sessions have one bucket, and 16.
  await control.create(customerMonthsType, {
    id: 'all',
    months: ['2029-11', '2029-12', '2030-01'],
    buckets: { '2029-12': 16, '2030-01': 16 },
  });
  for (let number = 0; number < 9; number++) await answer(number);
});
afterAll(() => test.close());

const FINISHED_AT = '2030-01-15T12:05:00.000Z';

/** What became of the actions of some answers; those of the others are done. */
const ENDS: Record<number, ResponseAction[]> = {
  1: [
    { kind: 'sendEmail', state: 'done', attempts: 1, finishedAt: FINISHED_AT },
    { kind: 'lockSession', state: 'failed', attempts: 1, finishedAt: FINISHED_AT, reason: 'access denied' },
  ],
  4: [{ kind: 'sendEmail', state: 'failed', attempts: 5, finishedAt: FINISHED_AT, reason: '450 later' }],
  5: [{ kind: 'sendEmail', state: 'pending', attempts: 2 }],
  6: [
    {
      kind: 'sendEmail',
      state: 'skipped',
      attempts: 1,
      finishedAt: FINISHED_AT,
      reason: 'mail not configured',
    },
    { kind: 'lockSession', state: 'sent', attempts: 1, resultDueAt: FINISHED_AT },
  ],
  7: [{ kind: 'sendEmail', state: 'claimed', attempts: 5, claimId: 'claim', leasedUntil: FINISHED_AT }],
};

async function answer(number: number): Promise<void> {
  const sessionId = sessions[number % 3] ?? '';
  const done: ResponseAction[] = [
    {
      kind: 'sendEmail',
      state: 'done',
      attempts: 1,
      finishedAt: '2030-01-03T00:00:01.000Z',
    },
  ];
  await store({
    ...responseTo(sessionId, String(number), ENDS[number] ?? done),
    // Two answers share a moment.
    at: `2030-01-0${3 + Math.floor(number / 2)}T00:00:00.000Z`,
    ruleId: number < 5 ? 'old rule' : 'new rule',
  });
}

const responseTo = (sessionId: string, name: string, actions: ResponseAction[]): EventResponse => ({
  id: `event-${name}`,
  siteId: SITE,
  sessionId,
  serverId: 'server',
  eventType: 'appStart',
  eventTime: '2030-01-03T00:00:00.000Z',
  at: '2030-01-08T00:00:00.000Z',
  policyId: 'policy',
  policyVersion: 3,
  ruleId: 'new rule',
  ruleName: 'Rule',
  triggers: [{ position: 0, description: 'An app', actions: ['sendEmail'] }],
  recipients: ['soc@contoso.example'],
  recordingOptions: { minutesAfter: null, secondsBefore: null, lossy: false },
  operationDelaySeconds: 0,
  actions,
  searchedBy: searchTerms(actions),
});

/** As a session is stored with its month listed, so is an answer to one of its events. */
async function store(response: EventResponse): Promise<void> {
  await openMonth(test.services, CONTOSO, monthOfSession(response.sessionId));
  const month = await sessionMonthKey(test.services, CONTOSO, response.sessionId);
  await test.services.database.responses(CONTOSO, SITE, month).create(eventResponseType, response);
}

async function list(query = '') {
  const [operation] = responseOperations;
  if (!operation) throw new Error('there is no operation');
  const { status, body } = await call(test.services, operation, { token, params: { siteId: SITE }, query });
  expect(status).toBe(200);
  return body as { value: (Record<string, unknown> & { eventId: string })[]; nextLink?: string };
}
const ids = ({ value }: { value: { eventId: string }[] }) => value.map(({ eventId }) => eventId);

it('RSP-8: tells the newest answers first, whatever month their sessions began in', async () => {
  const page = await list();
  expect(ids(page)).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0].map((number) => `event-${number}`));
  expect(page.nextLink).toBeUndefined();
  expect(page.value[0]).toMatchObject({
    decidedAt: '2030-01-07T00:00:00.000Z',
    policyId: 'policy',
    policyVersion: 3,
    ruleId: 'new rule',
    triggers: [{ position: 0, description: 'An app', actions: ['sendEmail'] }],
    actions: [{ kind: 'sendEmail', state: 'done', attempts: 1, finishedAt: '2030-01-03T00:00:01.000Z' }],
  });
  expect(page.value[0]).not.toHaveProperty('recipients');
});

it('pages without a gap or a repeat, also between two of one moment', async () => {
  const found: string[] = [];
  let query: string | undefined = '?top=2';
  while (query !== undefined) {
    const page: Awaited<ReturnType<typeof list>> = await list(query);
    found.push(...ids(page));
    query = page.nextLink === undefined ? undefined : new URL(page.nextLink).search;
  }
  expect(found).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0].map((number) => `event-${number}`));
});

it('finds those of a session, of a rule and of a time', async () => {
  expect(ids(await list(`?sessionId=${sessions[1]}`))).toEqual(['event-7', 'event-4', 'event-1']);
  expect(ids(await list('?ruleId=old%20rule&top=2'))).toEqual(['event-4', 'event-3']);
  const days = '?from=2030-01-04T00:00:00Z&to=2030-01-05T00:00:00Z';
  expect(ids(await list(days))).toEqual(['event-3', 'event-2']);
  expect(ids(await list('?sessionId=none'))).toEqual([]);
});

it('RSP-8: finds those with an action of a kind, in a state', async () => {
  expect(ids(await list('?state=failed'))).toEqual(['event-4', 'event-1']);
  expect(ids(await list('?state=skipped'))).toEqual(['event-6']);
  expect(ids(await list('?state=failedOrSkipped'))).toEqual(['event-6', 'event-4', 'event-1']);
  expect(ids(await list('?state=open'))).toEqual(['event-7', 'event-6', 'event-5']);
  expect(ids(await list('?state=done'))).toEqual(['event-8', 'event-3', 'event-2', 'event-1', 'event-0']);
  expect(ids(await list('?action=lockSession'))).toEqual(['event-6', 'event-1']);
  // The mail of the first event was sent: it is its lock that failed.
  expect(ids(await list('?action=sendEmail&state=failedOrSkipped'))).toEqual(['event-6', 'event-4']);
  expect(ids(await list('?action=logOffSession'))).toEqual([]);
});

it('pages through what has failed', async () => {
  const first = await list('?state=failedOrSkipped&action=sendEmail&top=1');
  expect(ids(first)).toEqual(['event-6']);
  const second = await list(new URL(first.nextLink ?? '').search);
  expect(ids(second)).toEqual(['event-4']);
  expect(second.value[0]).toMatchObject({
    actions: [{ kind: 'sendEmail', state: 'failed', reason: '450 later' }],
  });
  expect(second.nextLink).toBeUndefined();
});

it('tells an answer to a session that a server had to keep to itself for most of a year', async () => {
  const sessionId = newSessionId(new Date('2029-03-01'));
  await store(
    responseTo(sessionId, 'old session', [
      { kind: 'sendEmail', state: 'done', attempts: 1, finishedAt: FINISHED_AT },
    ]),
  );
  expect(ids(await list('?top=2'))).toEqual(['event-old session', 'event-8']);
});
