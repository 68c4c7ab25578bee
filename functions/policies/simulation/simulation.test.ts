/** Simulations, through the API. */
import { OTHER_SITE, type PolicyApi, startPolicyApi } from '../../../tests/support/policy-api';
import { FABRIKAM } from '../../../tests/support/test-issuer';

const scope = { users: [{ name: 'CONTOSO\\ada' }] };
const elsewhere = { users: [{ name: 'CONTOSO\\ben' }] };
const session = { user: { name: 'contoso\\ADA' } };
const cmd = { type: 'appStart', data: { appName: 'cmd.exe' } };
const appStart = (value: string, actions: string[], more: object = {}) => ({
  eventType: 'appStart',
  conditions: [{ dimension: 'appName', operator: 'equals', values: [value] }],
  actions,
  ...more,
});
const recordings = (...rules: object[]) => ({ name: 'Recordings', rules });
const answers = (...rules: object[]) => ({ name: 'Answers', rules });

interface Section {
  policy: { policyId: string | null; source: string } | null;
  summary: string;
  decision: Record<string, unknown> | null;
  rules: { ruleName: string; outcome: string; reason: string | null; triggers: object[] }[];
  findings: { code: string; pointer: string }[];
}
interface Result {
  recording: Section | null;
  eventDetection: Section;
  eventResponse: Section;
  notes: string[];
}

let api: PolicyApi;

beforeEach(async () => {
  api = await startPolicyApi();
});
afterEach(() => api.test.close());

async function test(body: object): Promise<Result> {
  const answer = await api.send('testPolicies', { body });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body as unknown as Result;
}
const rejected = (body: object) => api.send('testPolicies', { body });
const outcomes = ({ rules }: Section) => rules.map(({ ruleName, outcome }) => `${ruleName} ${outcome}`);

async function activate(kind: string, body: object): Promise<string> {
  const policyId = await api.create(kind, body);
  await api.send(`activate${kind}Policy`, { params: { policyId } });
  return policyId;
}

describe('a session under the active policies', () => {
  it('of a new site is not recorded, and no other policy is active', async () => {
    const { recording, eventDetection, eventResponse, notes } = await test({ session });
    expect(recording).toMatchObject({
      policy: { policyId: 'do-not-record', version: 1, name: 'Do not record', source: 'active' },
      decision: { action: 'disable' },
    });
    expect([recording?.summary, eventDetection.summary, eventResponse.summary]).toEqual([
      'The session is not recorded: decided by rule "Do not record" of "Do not record".',
      'No events are logged: no event detection policy is active.',
      'There is no response to events: no event response policy is active.',
    ]);
    expect(notes).toEqual([]);
  });

  it('POL-6: returns the rule that decides, and for every other one the reason why it does not', async () => {
    const policyId = await activate(
      'Recording',
      recordings(
        { name: 'lossy', scope, action: 'recordWithoutNotification', lossy: true },
        { name: 'notified', scope, action: 'recordWithNotification', audio: true },
        { name: 'ben', scope: elsewhere, action: 'disable' },
      ),
    );
    const { recording } = await test({ session });
    expect(recording?.policy).toMatchObject({ policyId, version: 1 });
    expect(recording?.summary).toBe(
      'The session is recorded (screen and events, with audio, user notified): decided by rule "notified" of "Recordings".',
    );
    expect(recording?.rules.map(({ ruleName, outcome, reason }) => [ruleName, outcome, reason])).toEqual([
      ['lossy', 'outranked', 'Rule "notified" has an action of higher priority (recordWithNotification)'],
      ['notified', 'decides', null],
      ['ben', 'outOfScope', 'The scope contains neither the user nor any of the groups of the user'],
      ['Fallback rule', 'outranked', 'Rule "notified" applies'],
    ]);
  });
});

it('counts the event types that are logged for a session', async () => {
  const logged = async (...eventTypes: string[]) => {
    const draft = { name: 'Detection', rules: [{ name: 'a', scope, eventTypes }] };
    return (await test({ session, policies: { eventDetection: { draft } } })).eventDetection.summary;
  };
  expect(await logged('idle')).toBe('1 event type is logged by "a" of "Detection".');
  expect(await logged('idle', 'appStart')).toBe('2 event types are logged by "a" of "Detection".');
});

describe('an event', () => {
  const rules = [
    { name: 'shells', scope, triggers: [appStart('bash', ['lockSession']), appStart('sh', ['lockSession'])] },
    { name: 'ben', scope: elsewhere, triggers: [appStart('cmd.exe', ['logOffSession'])] },
    {
      name: 'cmd',
      scope,
      triggers: [appStart('CMD.EXE', ['sendEmail', 'lockSession'])],
      recipients: 'soc@contoso.example',
      operationDelaySeconds: 30,
    },
    { name: 'younger', scope, triggers: [appStart('cmd.exe', [])] },
    {
      name: 'sizes',
      scope,
      triggers: [
        {
          eventType: 'fileCreate',
          conditions: [{ dimension: 'fileSize', operator: 'between', from: 1, to: 2 }],
        },
      ],
    },
  ];

  it('gets a response from one rule; for every other one the first condition that fails is returned', async () => {
    await activate('EventResponse', answers(...rules));
    const { eventResponse } = await test({ session, event: cmd });
    expect(eventResponse.summary).toBe(
      'Rule "cmd" of "Answers" responds to the event: send e-mail to soc@contoso.example, lock the session 30 seconds after notifying the user.',
    );
    expect(eventResponse.decision).toMatchObject({ ruleName: 'cmd', actions: ['sendEmail', 'lockSession'] });
    expect(eventResponse.rules.map(({ ruleName, outcome, reason }) => [ruleName, outcome, reason])).toEqual([
      [
        'shells',
        'notMet',
        'Trigger 1 (App Start) does not match. It requires that App name equals "bash"; the event has "cmd.exe"',
      ],
      ['ben', 'outOfScope', 'The scope contains neither the user nor any of the groups of the user'],
      ['cmd', 'decides', null],
      ['younger', 'outranked', 'Rule "cmd" is older'],
      ['sizes', 'notMet', 'No trigger is for App Start, only for File Create'],
    ]);
    expect(eventResponse.rules[0]?.triggers).toHaveLength(2);
  });

  it('is compared in the units of the policy, and missing values are reported', async () => {
    await activate('EventResponse', answers(...rules));
    const reasonFor = async (data: object) => {
      const { eventResponse } = await test({ session, event: { type: 'fileCreate', data } });
      return eventResponse.rules.at(-1)?.reason;
    };
    expect(await reasonFor({ fileSizeBytes: 3 * 1_048_576 })).toBe(
      'Trigger 1 (File Create) does not match. It requires that File size is between 1 and 2 MB; the event has 3 MB',
    );
    expect(await reasonFor({ path: 'C:\\x' })).toBe(
      'Trigger 1 (File Create) does not match. It requires that File size is between 1 and 2 MB; the event has no File size',
    );
  });

  it('is normalized like a reported event: no percentage is above 100', async () => {
    const conditions = [{ dimension: 'cpuUsage', operator: 'greaterThan', values: [100] }];
    const draft = answers({ name: 'cpu', scope, triggers: [{ eventType: 'performanceData', conditions }] });
    const { eventResponse } = await test({
      event: { type: 'performanceData', data: { cpuPercent: 100.4 } },
      policies: { eventResponse: { draft } },
    });
    expect(eventResponse.rules[0]?.reason).toContain('the event has 100 %');
    expect(eventResponse.findings.map(({ code }) => code)).toContain('never-matches');
  });

  it('without a session is simulated for a session in the scope of every rule', async () => {
    await activate('EventResponse', answers(...rules));
    const { recording, eventResponse } = await test({ event: cmd });
    expect(recording).toBeNull();
    expect(outcomes(eventResponse)).toEqual([
      'shells notMet',
      'ben decides',
      'cmd outranked',
      'younger outranked',
      'sizes notMet',
    ]);
  });

  it('that the detection policy does not log has no response, which is noted', async () => {
    await activate('EventResponse', answers(...rules));
    await activate('EventDetection', {
      name: 'Detection',
      rules: [{ name: 'ends', scope, eventTypes: ['appEnd'] }],
    });
    const { eventDetection, eventResponse, notes } = await test({ session, event: cmd });
    expect(eventDetection).toMatchObject({
      summary: 'App Start is not logged: no applicable rule of "Detection" includes it.',
      decision: { eventTypes: ['appEnd'], eventIsLogged: false },
      rules: [{ outcome: 'notMet', reason: 'The rule does not log App Start' }],
    });
    expect(notes).toEqual([
      'The session is not recorded, so none of its events are logged.',
      'App Start is not logged for this session: recording servers do not report such events, so there is no response.',
    ]);
    expect(eventResponse.findings).toContainEqual(
      expect.objectContaining({ code: 'type-not-logged', pointer: '/rules/0/triggers/0/eventType' }),
    );
  });

  it('that starts recording a screen that is already recorded is noted', async () => {
    await activate('Recording', recordings({ name: 'all', scope, action: 'recordWithNotification' }));
    await activate('EventDetection', {
      name: 'Detection',
      rules: [{ name: 'starts', scope, eventTypes: ['appStart'] }],
    });
    await activate(
      'EventResponse',
      answers({ name: 'start', scope, triggers: [appStart('cmd.exe', ['startScreenRecording'])] }),
    );
    expect((await test({ session, event: cmd })).notes).toEqual([
      'The screen is already recorded, so starting screen recording is skipped.',
    ]);
  });
});

describe('a draft', () => {
  it('POL-6: is simulated without being saved, with its findings', async () => {
    const draft = recordings(
      { name: 'first', scope, action: 'disable' },
      { name: 'never', scope, action: 'disable' },
    );
    const { recording } = await test({ session, policies: { recording: { draft } } });
    expect(recording).toMatchObject({
      policy: { policyId: null, version: null, name: 'Recordings', source: 'draft' },
      findings: [{ code: 'shadowed-rule', pointer: '/rules/1' }],
    });
    expect((await api.send('listRecordingPolicies')).body['value']).toHaveLength(9);
    expect(await api.log()).toEqual([]);
  });

  it('of a policy keeps the creation times of its rules, so that the oldest one decides as it will after saving', async () => {
    const policyId = await api.create(
      'EventResponse',
      answers({ name: 'old', scope, triggers: [appStart('cmd.exe', [])] }),
    );
    const { body } = await api.send('getEventResponsePolicy', { params: { policyId } });
    const [old] = body['rules'] as { id: string }[];
    api.test.clock.advanceSeconds(60);
    const rule = { scope, triggers: [appStart('cmd.exe', [])] };
    const draft = answers({ ...rule, name: 'new' }, { ...rule, name: 'old', id: old?.id });
    const asDraftOf = async (requested: object) =>
      outcomes(
        (await test({ event: cmd, policies: { eventResponse: { draft, ...requested } } })).eventResponse,
      );
    expect(await asDraftOf({ policyId })).toEqual(['new outranked', 'old decides']);
    expect(await asDraftOf({})).toEqual(['new decides', 'old outranked']);
  });

  it('that would be rejected when saved is rejected with pointers to its errors', async () => {
    const draft = recordings({ name: '', scope: {}, action: 'nothing' });
    const { status, body } = await rejected({ session, policies: { recording: { draft } } });
    expect(status).toBe(400);
    expect(body.errors?.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(
        ['name', 'scope', 'action'].map((x) => `/policies/recording/draft/rules/0/${x}`),
      ),
    );
  });
});

describe('a saved policy', () => {
  it('can be simulated before it is activated, including older versions', async () => {
    const policyId = await api.create('Recording', recordings({ name: 'a', scope, action: 'disable' }));
    const params = { policyId };
    const { headers } = await api.send('getRecordingPolicy', { params });
    await api.send('putRecordingPolicy', {
      params,
      body: recordings({ name: 'b', scope, action: 'recordWithNotification' }),
      headers: { 'if-match': headers['etag'] ?? '' },
    });
    const decidedBy = async (requested: object) =>
      (await test({ session, policies: { recording: requested } })).recording?.decision?.['ruleName'];
    expect(await decidedBy({ policyId })).toBe('b');
    expect(await decidedBy({ policyId, version: 1 })).toBe('a');
    expect(await rejected({ session, policies: { recording: { policyId, version: 3 } } })).toMatchObject({
      status: 400,
      body: {
        errors: [
          {
            pointer: '/policies/recording/version',
            detail: 'The policy has no such version: list its versions to see which exist.',
          },
        ],
      },
    });
  });

  it('of another site, kind or customer is not found', async () => {
    const policyId = await api.create('Recording', recordings());
    const unknown = {
      status: 400,
      body: { errors: [{ detail: expect.stringContaining('no such') as string }] },
    };
    expect(await rejected({ session, policies: { eventResponse: { policyId } } })).toMatchObject(unknown);
    const request = { body: { session, policies: { recording: { policyId } } } };
    expect(await api.send('testPolicies', { ...request, params: { siteId: OTHER_SITE } })).toMatchObject(
      unknown,
    );
    const fabrikam = await api.test.issuer.token({ tid: FABRIKAM });
    expect(await api.send('testPolicies', { ...request, token: fabrikam })).toMatchObject({ status: 404 });
  });
});

it.each([
  [{}, ''],
  [{ event: { type: 'appStart', data: { path: 'x' } } }, '/event/data/path'],
  [{ event: { type: 'fileCreate', data: { fileSizeBytes: -1 } } }, '/event/data/fileSizeBytes'],
  [{ event: { type: 'fileCreate', data: { fileSizeBytes: 'big' } } }, '/event/data/fileSizeBytes'],
  [{ event: { type: 'appStarts' } }, '/event/type'],
  [{ session: {} }, '/session/user'],
  [{ session, policies: { recording: {} } }, '/policies/recording/policyId'],
  [
    { session, policies: { recording: { version: 1, policyId: 'x', draft: recordings() } } },
    '/policies/recording/version',
  ],
])('rejects %j at %s', async (body, pointer) => {
  const answer = await rejected(body);
  expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
  expect(answer.body.errors?.map((error) => error.pointer)).toEqual([pointer]);
});
