/** Lint: what in a policy is allowed but hardly meant. */
import { z } from 'zod';
import type { CompiledTrigger } from '../match/compiled-trigger';
import { type NumberRange, NumberTest, TextTest } from '../match/conditions';
import { eventType, type EventTypeId, largestValue, type NumberDimension } from '../model/event-types';
import type { DetectionPolicy, Policy, RecordingPolicy, ResponsePolicy } from '../model/policy';
import { highestPriorityFirst } from '../match/recording';
import { compileRules } from '../match/response';
import { matchesEverything } from '../text/universal-pattern';
import {
  compareDetectionRules,
  compareRecordingRules,
  compareResponseRules,
  type Comparisons,
} from './comparisons';

export const findingSchema = z
  .strictObject({
    code: z.enum([
      'never-matches',
      'shadowed-rule',
      'shadowed-trigger',
      'type-not-logged',
      'duplicate-trigger',
      'matches-everything',
      'no-actions',
      'not-all-compared',
      'more-findings',
    ]),
    pointer: z.string().meta({ description: 'JSON pointer into the policy' }),
    message: z.string(),
  })
  .meta({ id: 'PolicyFinding' });

/** Something that a policy probably does not say on purpose. */
export type Finding = Readonly<z.infer<typeof findingSchema>>;

/** More than people read; a policy of the largest size can have half a million. */
const MAX_FINDINGS = 1_000;

/**
 * The findings of a policy, by position of the rules, the first thousand at most. `detection` is the event detection
 * policy of the site, null when none is active; without it, it is not checked whether events are logged.
 */
export function lint(policy: Policy, detection?: DetectionPolicy | null): Finding[] {
  const findings: Finding[] = [];
  for (const finding of findingsOf(policy, detection)) {
    if (findings.length === MAX_FINDINGS) return [...findings, MORE_FINDINGS];
    findings.push(finding);
  }
  return findings;
}

const MORE_FINDINGS: Finding = {
  code: 'more-findings',
  pointer: '/rules',
  message: 'There is more: see to what is named, and look again',
};

function findingsOf(policy: Policy, detection: DetectionPolicy | null | undefined): Iterable<Finding> {
  switch (policy.kind) {
    case 'recording':
      return lintRecording(policy);
    case 'eventDetection':
      return lintDetection(policy);
    case 'eventResponse':
      return lintResponse(policy, detection);
  }
}

function lintRecording(policy: RecordingPolicy): Finding[] {
  const compared = compareRecordingRules(highestPriorityFirst(policy.rules));
  return [
    ...policy.rules.flatMap((rule, position) => shadowFinding(compared, rule.id, position)),
    ...incompleteFinding(compared),
  ];
}

function lintDetection(policy: DetectionPolicy): Finding[] {
  const compared = compareDetectionRules(policy.rules.filter((rule) => rule.eventTypes.length > 0));
  const ofRules = policy.rules.flatMap((rule, position) => [
    ...shadowFinding(compared, rule.id, position),
    ...(rule.eventTypes.length === 0
      ? [
          neverMatches(
            `/rules/${position}/eventTypes`,
            'The rule logs nothing: choose event types or remove it',
          ),
        ]
      : []),
  ]);
  return [...ofRules, ...incompleteFinding(compared)];
}

/** Finds on demand: to name all would take longer than all the rest. */
function* lintResponse(
  policy: ResponsePolicy,
  detection: DetectionPolicy | null | undefined,
): Generator<Finding> {
  const compiled = compileRules(policy.rules);
  const compared = compareResponseRules(compiled.filter(({ triggers }) => triggers.length > 0));
  const triggersOf = new Map(compiled.map(({ rule, triggers }) => [rule.id, triggers]));
  const whyNotLogged = reasonsNotLogged(detection);
  for (const [position, rule] of policy.rules.entries()) {
    const triggers = triggersOf.get(rule.id) ?? [];
    const pointer = `/rules/${position}/triggers`;
    yield* shadowFinding(compared, rule.id, position);
    if (triggers.length === 0)
      yield neverMatches(pointer, 'The rule has no triggers, so it never acts: add one or remove it');
    for (const trigger of triggers) yield* lintTrigger(trigger, compared, pointer, whyNotLogged);
  }
  yield* incompleteFinding(compared);
}

type WhyNotLogged = (type: EventTypeId) => string | undefined;

/** Why events of a type are not logged; undefined when they are, or when nothing is known of it. */
function reasonsNotLogged(detection: DetectionPolicy | null | undefined): WhyNotLogged {
  const logged = new Set<string>(detection?.rules.flatMap((rule) => rule.eventTypes));
  return (type) => {
    const { name, detectable } = eventType(type);
    if (detection === undefined || !detectable || logged.has(type)) return undefined;
    return detection === null
      ? `No event detection policy is active, so ${name} is not logged: activate one that logs it, or remove the trigger`
      : `The event detection policy "${detection.name}" does not log ${name}: have it log the type, or remove the trigger`;
  };
}

function lintTrigger(
  compiled: CompiledTrigger,
  { duplicates, shadowedTriggers }: Comparisons,
  pointerOfRule: string,
  whyNotLogged: WhyNotLogged,
): Finding[] {
  const { trigger, position } = compiled;
  const pointer = `${pointerOfRule}/${position}`;
  const findings: Finding[] = [];
  if (trigger.actions.length === 0) {
    findings.push({
      code: 'no-actions',
      pointer: `${pointer}/actions`,
      message: 'The trigger does nothing: choose an action or remove it',
    });
  }
  const message = whyNotLogged(trigger.eventType);
  if (message !== undefined)
    findings.push({ code: 'type-not-logged', pointer: `${pointer}/eventType`, message });
  const duplicateOf = duplicates.get(compiled);
  if (duplicateOf !== undefined) {
    findings.push({
      code: 'duplicate-trigger',
      pointer,
      message: `The trigger matches the same events as trigger ${duplicateOf + 1} of the rule: remove one of them`,
    });
  }
  const covering = shadowedTriggers.get(compiled);
  if (covering) {
    findings.push({
      code: 'shadowed-trigger',
      pointer,
      message: `The trigger never takes effect: rule "${covering.rule.name}" takes precedence for all sessions of this rule and has an equivalent trigger; remove one of them`,
    });
  }
  return [...findings, ...impossibleNumbers(compiled, pointer), ...patternsForEverything(compiled, pointer)];
}

function impossibleNumbers({ tests, trigger }: CompiledTrigger, pointer: string): Finding[] {
  return tests
    .filter((test) => test instanceof NumberTest)
    .filter(({ dimension, ranges }) => !ranges.some((range) => isPossible(range, dimension)))
    .map(({ dimension }) => {
      const condition = trigger.conditions.findIndex((given) => given.dimension === dimension.id);
      return neverMatches(
        `${pointer}/conditions/${condition}`,
        `No event has such a ${dimension.name}: change the limits`,
      );
    });
}

/** Whether some number from 0 to the dimension's maximum is in the range. */
function isPossible({ low, high, inclusive }: NumberRange, dimension: NumberDimension): boolean {
  const most = largestValue(dimension);
  return inclusive ? low <= most : low < most && high > 0;
}

function patternsForEverything({ tests, trigger }: CompiledTrigger, pointer: string): Finding[] {
  const suspects = new Set(
    tests
      .filter((test) => test instanceof TextTest)
      .flatMap(({ matches }) =>
        matches.filter(({ requiresLiterals }) => !requiresLiterals).map(({ source }) => source),
      ),
  );
  return trigger.conditions.flatMap((condition, index) => {
    if (condition.operator !== 'matches') return [];
    return condition.values.flatMap((pattern, value): Finding[] =>
      suspects.has(pattern) && matchesEverything(pattern)
        ? [
            {
              code: 'matches-everything',
              pointer: `${pointer}/conditions/${index}/values/${value}`,
              message: 'The pattern matches every line of text: narrow it, or leave the condition out',
            },
          ]
        : [],
    );
  });
}

function shadowFinding({ shadowedRules }: Comparisons, ruleId: string, position: number): Finding[] {
  const covering = shadowedRules.get(ruleId);
  if (!covering) return [];
  const message = `The rule never takes effect: rule "${covering.name}" takes precedence and covers it; narrow that rule or remove this one`;
  return [{ code: 'shadowed-rule', pointer: `/rules/${position}`, message }];
}

function incompleteFinding({ isComplete }: Comparisons): Finding[] {
  if (isComplete) return [];
  const message =
    'Comparing all rules and triggers with each other would take too long: more of them than named may never take effect or say the same; compare fewer at a time';
  return [{ code: 'not-all-compared', pointer: '/rules', message }];
}

function neverMatches(pointer: string, message: string): Finding {
  return { code: 'never-matches', pointer, message };
}
