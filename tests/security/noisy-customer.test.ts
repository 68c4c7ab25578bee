/** One customer sends what costs most; another one's requests are answered meanwhile as if nothing happened. */
import { randomUUID } from 'node:crypto';
import type { SessionEvent } from '../../functions/policies/engine';
import { MACHINE, RecordingSite } from '../../scripts/recording-site/recording-site';
import {
  HOSTILE_BODIES,
  HUGE_PATTERNS,
  manyTriggersPolicy,
  manyUsersPolicy,
  policyWithPatterns,
  tinyPatternsPolicy,
} from '../support/hostile-policies';
import { startService, type TestService } from '../support/service';

/** Far more than undisturbed requests take, far less than any of the hostile ones would hold everybody. */
const LONGEST_WAIT_MS = 500;
const MIB = 1_048_576;

const ordinary = {
  name: 'Ordinary',
  rules: [
    {
      name: 'Shells',
      scope: { machines: [MACHINE] },
      triggers: [
        {
          eventType: 'appStart',
          conditions: [{ dimension: 'appName', operator: 'matches', values: ['^(?:cmd|powershell)[.]exe$'] }],
          actions: ['lockSession'],
        },
      ],
    },
  ],
};

let service: TestService;
let hostile: RecordingSite;
let other: RecordingSite;
let hostileToken: string;
let otherToken: string;

beforeAll(async () => {
  service = await startService();
  hostile = await RecordingSite.open(service.url, ordinary, 1);
  other = await RecordingSite.open(service.url, ordinary, 1);
  hostileToken = await service.token({ customer: hostile.customer });
  otherToken = await service.token({ customer: other.customer });
}, 120_000);
afterAll(() => service?.stop());

async function send(token: string, method: string, path: string, body?: string) {
  const response = await fetch(`${service.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, text: await response.text() };
}

/** What the other customer waits at most for a small read and for the receipt of an event, while the work goes on. */
async function longestWaits(work: () => Promise<unknown>): Promise<{ read: number; event: number }> {
  let isOver = false;
  const working = work().finally(() => (isOver = true));
  const longest = { read: 0, event: 0 };
  const take = async (name: keyof typeof longest, request: () => Promise<unknown>) => {
    const start = performance.now();
    await request();
    longest[name] = Math.max(longest[name], Math.round(performance.now() - start));
  };
  do {
    await take('read', async () => {
      expect((await send(otherToken, 'GET', `/sites/${other.siteId}`)).status).toBe(200);
    });
    await take('event', () => other.deliver(other.sessionIds[0] ?? '', [ordinaryEvent()]));
  } while (!isOver);
  await working;
  return longest;
}

const ordinaryEvent = (): SessionEvent => ({
  id: randomUUID(),
  type: 'appStart',
  time: new Date().toISOString(),
  data: { appName: 'notepad.exe', commandLine: 'notepad.exe a.txt' },
});

/** What the hostile customer sends, and with which status it is answered. The body is made before. */
function sending(path: string, status: number, body: string) {
  return async () => {
    const { status: answered, text } = await send(
      hostileToken,
      'POST',
      `/sites/${hostile.siteId}${path}`,
      body,
    );
    expect([answered, text.slice(0, 200)]).toEqual([status, expect.any(String)]);
  };
}

const simulation = (draft: object) =>
  JSON.stringify({
    session: { user: { name: String.raw`HOSTILE\a` }, machine: 'HOSTILE' },
    event: { type: 'appStart', data: { commandLine: 'a'.repeat(32_000) } },
    policies: { eventResponse: { draft } },
  });
const response = '/eventResponsePolicies';

const requests: [string, string, number, () => string][] = [
  ['saves many triggers', response, 201, () => JSON.stringify(manyTriggersPolicy())],
  ['saves many users', '/recordingPolicies', 201, () => JSON.stringify(manyUsersPolicy())],
  ['saves tiny patterns', response, 400, () => JSON.stringify(tinyPatternsPolicy(MIB))],
  ['saves huge patterns', response, 400, () => JSON.stringify(policyWithPatterns(HUGE_PATTERNS))],
  ['simulates many triggers', '/policyTests', 200, () => simulation(manyTriggersPolicy())],
  ...Object.entries(HOSTILE_BODIES).map(([name, body]): (typeof requests)[number] => [
    `simulates ${name}`,
    '/policyTests',
    400,
    () => body(4 * MIB),
  ]),
];

test.each(requests)(
  'POL-7: while one customer %s, others are answered at once',
  async (_name, path, status, body) => {
    const { read, event } = await longestWaits(sending(path, status, body()));
    expect(read).toBeLessThan(LONGEST_WAIT_MS);
    expect(event).toBeLessThan(LONGEST_WAIT_MS);
  },
  60_000,
);
