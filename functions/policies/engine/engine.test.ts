/** The engine against a reference implementation, on generated policies, sessions and events. */
import fc from 'fast-check';
import { type SessionEvent, sessionEventSchema } from './model/event';
import {
  DETECTABLE_TYPE_IDS,
  type Dimension,
  EVENT_TYPES,
  type EventType,
  eventType,
} from './model/event-types';
import {
  type DetectionPolicy,
  RECORDING_ACTIONS,
  type RecordingPolicy,
  recordsScreen,
  type ResponsePolicy,
  responsePolicySchema,
} from './model/policy';
import { compile, decide, detects, respond } from './index';
import { preEventSeconds, typesWithTriggers } from './match/response';
import type { Scope } from './model/scope';
import { type SessionFacts, sessionFactsSchema } from './model/session';
import { naiveDecide, naiveDetects, naiveInScope, naiveRespond } from './testing/naive-engine';

/** Set these for more runs (`ENGINE_RUNS=20000`) or another seed (`ENGINE_SEED=7`). */
const numRuns = Number(process.env['ENGINE_RUNS'] ?? 100);
const seed = Number(process.env['ENGINE_SEED'] ?? 1);
const options = { numRuns, seed };

/** Few pieces, so that texts often contain each other; special ones, so that case folding matters. */
const piece = fc.constantFrom(
  ...[
    'a',
    'A',
    'b',
    'cmd',
    '.exe',
    '.',
    '\\',
    ' ',
    '-',
    '7',
    'ss',
    'ß',
    'ẞ',
    'i',
    'I',
    'İ',
    'ı',
    'k',
    '\u212a',
  ],
  ...['é', 'e\u0301', 'e', 'σ', 'ς', 'Σ', 'ｅ', 'Ｅ', '表', '😀', 'ﬆ', 'ﬅ', '\u0345', 'ŉ', '+', '(', '$'],
);
const textOf = (most: number) =>
  fc.array(piece, { minLength: 1, maxLength: most }).map((pieces) => pieces.join(''));
/** Short texts for rules, longer ones for events. */
const text = fc.oneof({ weight: 3, arbitrary: piece }, { weight: 1, arbitrary: textOf(3) });
const eventText = textOf(8);

const quote = (literal: string) => literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const pattern = fc.letrec<{ expression: string; atom: string }>((tie) => ({
  expression: fc
    .tuple(fc.array(tie('atom'), { minLength: 1, maxLength: 3 }), fc.array(tie('atom'), { maxLength: 2 }))
    .map(([first, second]) => (second.length > 0 ? `${first.join('')}|${second.join('')}` : first.join(''))),
  atom: fc.oneof(
    { maxDepth: 3 },
    text.map(quote),
    fc.constantFrom(
      '.',
      '.*',
      '\\b',
      '^',
      '$',
      '\\d',
      '\\w+',
      '[^a]',
      '[]b]',
      '[[:alpha:]]',
      '\\pL',
      '\\x41',
      '(?i)',
    ),
    text.map((literal) => `\\Q${literal}\\E`),
    fc
      .tuple(piece.map(quote), fc.constantFrom('*', '+', '?', '{2}', '{0,1}', '{1,}', '+?'))
      .map(([a, q]) => `(?:${a})${q}`),
    tie('expression').map((inner) => `(${inner})`),
    tie('expression').map((inner) => `(?-i:${inner})`),
    tie('expression').map((inner) => `(?:${inner})?`),
  ),
})).expression;

const drive = fc.constantFrom('D', 'd:', 'D:\\', 'e:', 'E:/', 'C');
const limit = fc.constantFrom(0, 0.5, 1, 2, 10, 99);

function conditionOn(dimension: Dimension): fc.Arbitrary<object> {
  const values = (value: fc.Arbitrary<unknown>) => fc.array(value, { minLength: 1, maxLength: 3 });
  const one = (operator: string): fc.Arbitrary<object> => {
    const common = { dimension: fc.constant(dimension.id), operator: fc.constant(operator) };
    if (operator === 'between') {
      return fc.tuple(limit, limit).map(([a, b]) => ({
        dimension: dimension.id,
        operator,
        from: Math.min(a, b),
        to: Math.max(a, b),
      }));
    }
    if (dimension.kind === 'number') return fc.record({ ...common, values: values(limit) });
    if (dimension.kind === 'drive') return fc.record({ ...common, values: values(drive) });
    if (dimension.kind === 'choice')
      return fc.record({ ...common, values: values(fc.constantFrom(...dimension.choices)) });
    return fc.record({ ...common, values: values(operator === 'matches' ? pattern : text) });
  };
  return fc.oneof(...dimension.operators.map(one));
}

/** Few types, so that triggers often match events. */
const types = [
  'appStart',
  'fileCreate',
  'cdmUsb',
  'popupWindow',
  'idle',
  'clipboardOperation',
  'fileTransfer',
] as const;
const someType = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...types).map(eventType) },
  { weight: 1, arbitrary: fc.constantFrom(...EVENT_TYPES) },
);

const triggerOn = (type: EventType) =>
  fc.record({
    eventType: fc.constant(type.id),
    conditions:
      type.dimensions.length > 0
        ? fc.array(fc.oneof(...type.dimensions.map(conditionOn)), { maxLength: 3 })
        : fc.constant([]),
    description: fc.constantFrom('', 'Look here'),
    actions: fc.subarray([...type.actions]),
  });

function valueOf(dimension: Dimension): fc.Arbitrary<string | number> {
  switch (dimension.kind) {
    case 'text':
      return eventText;
    case 'drive':
      return drive;
    case 'choice':
      return fc.constantFrom(...dimension.choices);
    case 'number':
      return limit.map((value) => value * dimension.unitsPerLimit);
  }
}

const eventOf = (type: EventType): fc.Arbitrary<SessionEvent> =>
  fc.record({
    id: fc.uuid(),
    type: fc.constant(type.id),
    time: fc.constant('2026-01-01T00:00:00Z'),
    data: fc.record(
      Object.fromEntries(type.dimensions.map((dimension) => [dimension.field, valueOf(dimension)])),
      {
        requiredKeys: [],
      },
    ),
  });
const event = someType.chain(eventOf);

const name = fc.constantFrom('A', 'a', 'b', 'Straße', 'STRAẞE', '経理部', 'İ');
const user = fc
  .record({ name, upn: name, sid: name, entraId: name }, { requiredKeys: [] })
  .filter((given) => Object.keys(given).length > 0);
const group = fc
  .record({ name, sid: name, entraId: name }, { requiredKeys: [] })
  .filter((given) => Object.keys(given).length > 0);
const address = fc.constantFrom(
  '10.0.0.7',
  '10.0.0.8',
  '10.1.0.0',
  '::ffff:10.0.0.7',
  '::1',
  'fe80::1',
  '255.255.255.255',
);
const range = fc.constantFrom(
  ...[
    '10.0.0.7',
    '10.0.0.0/8',
    '10.0.0.7/31',
    '10.0.0.8-10.1.0.0',
    '0.0.0.0/0',
    '::/0',
    '::1-fe80::1',
    'fe80::/10',
  ],
);
const several = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 2, maxLength: 4 });
const sessionsOf = (most: number) => fc.array(session, { minLength: 6, maxLength: most });
const eventsOf = (most: number) => fc.array(event, { minLength: 7, maxLength: most });
const few = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 });
const narrowScope = fc
  .record(
    {
      users: few(user),
      groups: few(group),
      applications: few(name),
      deliveryGroups: few(name),
      machines: few(name),
      clientAddresses: few(range),
      tags: few(name),
    },
    { requiredKeys: [] },
  )
  .filter((given) => Object.values(given).some((entries) => entries.length > 0));

const scope = fc.oneof(narrowScope, fc.constant<Scope>({ tags: ['EVERYONE'] }));

const session: fc.Arbitrary<SessionFacts> = fc.record(
  {
    user: fc.record(
      { name, upn: name, sid: name, entraId: name, groups: few(group) },
      { requiredKeys: ['name', 'groups'] },
    ),
    application: name,
    deliveryGroup: name,
    machine: name,
    clientAddress: fc.oneof(address, fc.constant('unknown')),
    tags: few(name).map((tags) => [...tags, 'Everyone']),
  },
  { requiredKeys: ['user', 'tags'] },
);

const ruleFields = {
  id: fc.uuid(),
  createdAt: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-01T00:00:00.001Z'),
  name: fc.constantFrom('One', '規則'),
  description: fc.constant(''),
  scope,
};

function policyOf<Kind extends string, Rule>(kind: Kind, rule: fc.Arbitrary<Rule>) {
  return fc.record({
    kind: fc.constant(kind),
    name: fc.constant('Policy'),
    description: fc.constant(''),
    rules: fc.array(rule, { maxLength: 6 }),
  });
}

const recordingPolicy: fc.Arbitrary<RecordingPolicy> = policyOf(
  'recording',
  fc
    .record({
      ...ruleFields,
      action: fc.constantFrom(...RECORDING_ACTIONS),
      audio: fc.boolean(),
      lossy: fc.boolean(),
    })
    .map((rule) => (recordsScreen(rule.action) ? rule : { ...rule, audio: false, lossy: false })),
);

const detectionPolicy: fc.Arbitrary<DetectionPolicy> = policyOf(
  'eventDetection',
  fc.record({ ...ruleFields, eventTypes: fc.subarray([...DETECTABLE_TYPE_IDS], { maxLength: 4 }) }),
);

const span = fc.constantFrom(null, 0, 1, 10, 60);
const responsePolicyOn = (type: fc.Arbitrary<EventType>, scopes: fc.Arbitrary<Scope>) =>
  policyOf(
    'eventResponse',
    fc.record({
      ...ruleFields,
      scope: scopes,
      triggers: fc.array(type.chain(triggerOn), { maxLength: 5 }),
      recipients: fc.constant('a@example.com; b@example.com; A@example.com'),
      recordingOptions: fc.record({ minutesAfter: span, secondsBefore: span, lossy: fc.boolean() }),
      operationDelaySeconds: fc.constantFrom(0, 30),
    }),
  ).map((policy) => policy as ResponsePolicy);
const responsePolicy = responsePolicyOn(someType, scope);

/** How many triples of policy, session and event were compared, and how many of them have a response. */
interface Counts {
  triples: number;
  responses: number;
}

function expectSameResponse(
  counts: Counts,
  policy: ResponsePolicy,
  { sessions, events }: { sessions: SessionFacts[]; events: SessionEvent[] },
): void {
  const compiled = compile(policy);
  for (const facts of sessions) {
    for (const happening of events) {
      const response = respond(compiled, facts, happening);
      counts.triples += 1;
      if (response) counts.responses += 1;
      const positions = response?.triggers.map(({ position }) => position);
      const answer = response && { ruleId: response.ruleId, positions, actions: response.actions };
      expect(answer).toEqual(naiveRespond(policy, facts, happening));
      if (response) expect(typesWithTriggers(compiled)).toContain(happening.type);
    }
  }
}

/** Agreement means little if almost every event, or almost none, has a response. */
function expectBothOutcomes({ triples, responses }: Counts): void {
  expect(responses).toBeGreaterThan(triples / 20);
  expect(triples - responses).toBeGreaterThan(triples / 20);
}

describe('the engine agrees with the reference implementation', () => {
  it('on which rule decides how a session is recorded', () => {
    fc.assert(
      fc.property(recordingPolicy, several(session), (policy, sessions) => {
        const compiled = compile(policy);
        for (const facts of sessions) {
          expect(decide(compiled, facts).ruleId).toBe(naiveDecide(policy, facts));
        }
      }),
      options,
    );
  });

  it('on which events of a session are logged', () => {
    fc.assert(
      fc.property(detectionPolicy, several(session), (policy, sessions) => {
        const compiled = compile(policy);
        for (const facts of sessions) {
          const { eventTypes, performanceData } = detects(compiled, facts);
          expect(new Set(eventTypes)).toEqual(naiveDetects(policy, facts));
          expect(performanceData).toBe(naiveDetects(policy, facts).has('performanceData'));
        }
      }),
      options,
    );
  });

  it('on the response to an event', () => {
    const counts = { triples: 0, responses: 0 };
    fc.assert(
      fc.property(responsePolicy, sessionsOf(8), eventsOf(10), (policy, sessions, events) =>
        expectSameResponse(counts, policy, { sessions, events }),
      ),
      options,
    );
    expectBothOutcomes(counts);
  });

  it('on which triggers of several rules match events of one type', () => {
    const everyone = fc.constant<Scope>({ tags: ['Everyone'] });
    const ofOneType = fc
      .constantFrom(...types)
      .map(eventType)
      .chain((type) =>
        fc.tuple(
          responsePolicyOn(fc.constant(type), everyone),
          session,
          fc.array(eventOf(type), { minLength: 25, maxLength: 30 }),
        ),
      );
    const counts = { triples: 0, responses: 0 };
    fc.assert(
      fc.property(ofOneType, ([policy, facts, events]) =>
        expectSameResponse(counts, policy, { sessions: [facts], events }),
      ),
      options,
    );
    expectBothOutcomes(counts);
  });

  it('on how much of the screen to buffer before an event', () => {
    fc.assert(
      fc.property(responsePolicy, session, (policy, facts) => {
        const seconds = policy.rules
          .filter((rule) => naiveInScope(rule.scope, facts))
          .filter((rule) => rule.triggers.some(({ actions }) => actions.includes('startScreenRecording')))
          .map(({ recordingOptions: { secondsBefore } }) =>
            secondsBefore ? Math.max(10, secondsBefore) : 0,
          );
        expect(preEventSeconds(compile(policy), facts)).toBe(Math.max(0, ...seconds));
      }),
      options,
    );
  });
});

describe('the generated input', () => {
  it('is accepted by the schemas', () => {
    fc.assert(
      fc.property(responsePolicy, session, event, ({ name: policyName, rules }, facts, happening) => {
        const body = { name: policyName, rules: rules.map(({ createdAt: _, ...rule }) => rule) };
        expect(responsePolicySchema.safeParse(body).error).toBeUndefined();
        expect(sessionFactsSchema.safeParse(facts).error).toBeUndefined();
        expect(sessionEventSchema.safeParse(happening).error).toBeUndefined();
      }),
      { ...options, numRuns: Math.min(numRuns, 100) },
    );
  });

  it('matches often enough to reveal errors', () => {
    const samples = fc.sample(fc.tuple(responsePolicy, session, event), { numRuns: 500, seed });
    const matched = samples.filter(([policy, facts, happening]) =>
      naiveRespond(policy, facts, happening),
    ).length;
    expect(matched).toBeGreaterThan(25);
  });
});
