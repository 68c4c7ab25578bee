/** The log of decisions, through the API. */
import { call } from '../../../tests/support/call';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { monthOfSession, newSessionId } from '../../../shared/ids';
import { siteCreation } from '../../sites';
import { type EventResponse, eventResponseType } from './event-response';
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
  await test.services.database.control(CONTOSO).commit(siteCreation(site));
  for (let number = 0; number < 9; number++) await answer(number);
});
afterAll(() => test.close());

async function answer(number: number): Promise<void> {
  const sessionId = sessions[number % 3] ?? '';
  const response: EventResponse = {
    id: `event-${number}`,
    siteId: SITE,
    sessionId,
    serverId: 'server',
    eventType: 'appStart',
    eventTime: '2030-01-03T00:00:00.000Z',
    // Two answers share a moment.
    at: `2030-01-0${3 + Math.floor(number / 2)}T00:00:00.000Z`,
    policyId: 'policy',
    policyVersion: 3,
    ruleId: number < 5 ? 'old rule' : 'new rule',
    ruleName: 'Rule',
    triggers: [{ position: 0, description: 'An app', actions: ['sendEmail'] }],
    recipients: ['soc@contoso.example'],
    recordingOptions: { minutesAfter: null, secondsBefore: null, lossy: false },
    operationDelaySeconds: 0,
    actions: [{ kind: 'sendEmail', state: 'done', attempts: 1, finishedAt: '2030-01-03T00:00:01.000Z' }],
  };
  await test.services.database
    .responses(CONTOSO, SITE, monthOfSession(sessionId))
    .create(eventResponseType, response);
}

async function list(query = '') {
  const [operation] = responseOperations;
  if (!operation) throw new Error('there is no operation');
  const { status, body } = await call(test.services, operation, { token, params: { siteId: SITE }, query });
  expect(status).toBe(200);
  return body as { value: (Record<string, unknown> & { eventId: string })[]; nextLink?: string };
}
const ids = ({ value }: { value: { eventId: string }[] }) => value.map(({ eventId }) => eventId);

it('tells the newest answers first, whatever month their sessions began in', async () => {
  const page = await list();
  expect(ids(page)).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0].map((number) => `event-${number}`));
  expect(page.nextLink).toBeUndefined();
  expect(page.value[0]).toMatchObject({
    decidedAt: '2030-01-07T00:00:00.000Z',
    policyId: 'policy',
    policyVersion: 3,
    ruleId: 'new rule',
    triggers: [{ position: 0, description: 'An app', actions: ['sendEmail'] }],
    actions: [{ kind: 'sendEmail', state: 'done', attempts: 1 }],
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
