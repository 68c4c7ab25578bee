/** The findings of lint against the decisions of the engine on sessions and events close to the rules. */
import fc from 'fast-check';
import { compileTrigger, matches } from '../match/compiled-trigger';
import { compileDetection, detects } from '../match/detection';
import { type SessionEvent, sessionEventSchema } from '../model/event';
import { NormalizedEvent } from '../match/normalized-event';
import type { Finding } from './finding';
import { lint } from './lint';
import { PatternCache } from '../text/pattern-cache';
import type { Policy, ResponsePolicy } from '../model/policy';
import { compileRecording, decide } from '../match/recording';
import { compileResponse, respond } from '../match/response';
import type { SessionFacts } from '../model/session';
import { detection, recording, response, word } from '../testing/similar-policies';

const some = <T>(...values: T[]) => fc.subarray(values);
const session: fc.Arbitrary<SessionFacts> = fc.record(
  {
    user: fc.record({
      name: fc.constantFrom('ADA', 'bob', 'STRAẞE', 'Ops'),
      groups: some('Ada', 'ops', 'LEGAL').map((names) => names.map((name) => ({ name }))),
    }),
    machine: fc.constantFrom('vda-1', 'VDA-2'),
    clientAddress: fc.constantFrom('10.0.0.7', '10.1.0.9', '10.1.2.3', '11.0.0.1', '::1', '::ffff:10.0.0.7'),
    tags: some('X', 'y'),
  },
  { requiredKeys: ['user', 'tags'] },
);

const text = fc.oneof(
  word,
  fc.tuple(word, word).map((pair) => pair.join('')),
  fc.constant(''),
);
const bytes = fc.integer({ min: 0, max: 8 }).map((halves) => halves * 524_288);
const percent = fc.constantFrom(0, 1, 1.5, 2, 3, 50, 99.9, 100, 100.4, 250);
const eventOf = (type: string, data: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(data, { requiredKeys: [] }).map((given) =>
    sessionEventSchema.parse({
      id: '00000000-0000-4000-8000-000000000000',
      type,
      time: '2030-01-01T00:00:00Z',
      data: given,
    }),
  );
const event: fc.Arbitrary<SessionEvent> = fc.oneof(
  eventOf('appStart', { appName: text, commandLine: text }),
  eventOf('fileCreate', { path: text, fileSizeBytes: bytes }),
  eventOf('clipboardOperation', { dataType: fc.constantFrom('text', 'file', 'bitmap') }),
  eventOf('cdmUsb', { driveLetter: fc.constantFrom('d', 'D:\\', 'E:', 'F', 'de') }),
  eventOf('performanceData', { cpuPercent: percent, rttMilliseconds: percent, netSendBytes: bytes }),
);

const sessions = fc.array(session, { minLength: 20, maxLength: 20 });
const events = fc.array(event, { minLength: 40, maxLength: 40 });

const options = {
  numRuns: Number(process.env['ENGINE_RUNS'] ?? 150),
  seed: Number(process.env['ENGINE_SEED'] ?? 1),
};

const pointersOf = (policy: Policy, code: Finding['code']) =>
  lint(policy).flatMap((finding) => (finding.code === code ? [finding.pointer] : []));
const idsOfShadowed = (policy: Policy) =>
  pointersOf(policy, 'shadowed-rule').map((pointer) => policy.rules[Number(pointer.split('/')[2])]?.id);

describe('a rule that lint reports as shadowed', () => {
  it('never decides how a session is recorded', () => {
    let decided = 0;
    let found = 0;
    fc.assert(
      fc.property(recording, sessions, (policy, given) => {
        const compiled = compileRecording(policy);
        const deciding = given.flatMap((one) => decide(compiled, one).ruleId ?? []);
        const shadowed = idsOfShadowed(policy);
        decided += deciding.length;
        found += shadowed.length;
        expect(deciding.filter((id) => shadowed.includes(id))).toEqual([]);
      }),
      options,
    );
    expect(decided).toBeGreaterThan(options.numRuns);
    expect(found).toBeGreaterThan(options.numRuns);
  });

  it('adds no event types to log', () => {
    let found = 0;
    fc.assert(
      fc.property(detection, sessions, (policy, given) => {
        const shadowed = idsOfShadowed(policy);
        found += shadowed.length;
        const rest = { ...policy, rules: policy.rules.filter(({ id }) => !shadowed.includes(id)) };
        const logged = (of: typeof policy) => given.map((one) => detects(compileDetection(of), one));
        expect(logged(rest)).toEqual(logged(policy));
      }),
      options,
    );
    expect(found).toBeGreaterThan(options.numRuns / 10);
  });

  it('never responds to an event', () => {
    let answered = 0;
    let found = 0;
    fc.assert(
      fc.property(response, sessions, events, (policy, given, happening) => {
        const compiled = compileResponse(policy);
        const shadowed = idsOfShadowed(policy);
        const answering = given.flatMap((one) =>
          happening.flatMap((what) => respond(compiled, one, what)?.ruleId ?? []),
        );
        answered += answering.length;
        found += shadowed.length;
        expect(answering.filter((id) => shadowed.includes(id))).toEqual([]);
      }),
      { ...options, numRuns: options.numRuns / 3 },
    );
    expect(answered).toBeGreaterThan(options.numRuns);
    expect(found).toBeGreaterThan(options.numRuns / 3);
  });
});

describe('a trigger that lint reports as shadowed', () => {
  it('has no effect: without it, the same rules respond to the same events', () => {
    let found = 0;
    fc.assert(
      fc.property(response, sessions, events, (policy, given, happening) => {
        const pointers = pointersOf(policy, 'shadowed-trigger');
        found += pointers.length;
        const rest = {
          ...policy,
          rules: policy.rules.map((rule, index) => ({
            ...rule,
            triggers: rule.triggers.filter(
              (_, position) => !pointers.includes(`/rules/${index}/triggers/${position}`),
            ),
          })),
        };
        const answers = (of: typeof policy) => {
          const compiled = compileResponse(of);
          return given.flatMap((one) =>
            happening.map((what) => {
              const response = respond(compiled, one, what);
              return response && [response.ruleId, response.triggers.length];
            }),
          );
        };
        expect(answers(rest)).toEqual(answers(policy));
      }),
      { ...options, numRuns: options.numRuns / 3 },
    );
    expect(found).toBeGreaterThan(options.numRuns / 10);
  });
});

describe('a trigger', () => {
  /** For each event whether the trigger at a pointer matches it. */
  const matching = (policy: ResponsePolicy, pointer: string, given: readonly SessionEvent[]) => {
    const [, , rule, , position] = pointer.split('/').map(Number);
    const trigger = policy.rules[rule ?? 0]?.triggers[position ?? 0];
    if (!trigger) throw new RangeError(`No trigger at ${pointer}`);
    const compiled = compileTrigger(trigger, 0, new PatternCache());
    return given.map(
      ({ type, data }) => type === trigger.eventType && matches(compiled, new NormalizedEvent(data)),
    );
  };

  it('that lint reports as impossible matches no event', () => {
    let found = 0;
    fc.assert(
      fc.property(response, events, (policy, given) => {
        const pointers = pointersOf(policy, 'never-matches').filter((pointer) =>
          pointer.includes('conditions'),
        );
        found += pointers.length;
        expect(pointers.flatMap((pointer) => matching(policy, pointer, given))).not.toContain(true);
      }),
      options,
    );
    expect(found).toBeGreaterThan(options.numRuns / 10);
  });

  it('that lint reports as a duplicate matches the same events as the other', () => {
    let found = 0;
    fc.assert(
      fc.property(response, events, (policy, given) => {
        for (const { code, pointer, coveredBy } of lint(policy)) {
          if (code !== 'duplicate-trigger') continue;
          found += 1;
          const other = pointer.replace(/\d+$/, String(coveredBy?.triggerPosition));
          expect(matching(policy, pointer, given)).toEqual(matching(policy, other, given));
        }
      }),
      options,
    );
    expect(found).toBeGreaterThan(options.numRuns / 10);
  });
});
