/** Lint: what in a policy is valid but probably a mistake. */
import type { CompiledTrigger } from '../match/compiled-trigger';
import { NumberTest, TextTest } from '../match/conditions';
import { highestPriorityFirst } from '../match/recording';
import { compileRules } from '../match/response';
import { largestValue } from '../model/event-types';
import type { DetectionPolicy, Policy, RecordingPolicy, ResponsePolicy } from '../model/policy';
import { isPatternTooLarge } from '../model/pattern-limits';
import {
  compareDetectionRules,
  compareRecordingRules,
  compareResponseRules,
  type Comparisons,
  type RuleReference,
} from './comparisons';
import { type Finding, finding } from './finding';
import { intervalsOf } from './number-intervals';
import { MAX_PATTERN_STEPS, mayMatchNothing, PatternLanguages } from './pattern-languages';
import { StepBudget } from './step-budget';
import { DetectionCoverage } from './detection-coverage';

/** More than people read; a policy of the largest size can have half a million. */
const MAX_FINDINGS = 1_000;

/**
 * The findings of a policy, by position of the rules, the first thousand at most. `detection` is the active event
 * detection policy of the site, null when none is active; undefined: do not check whether events are logged.
 */
export function lint(policy: Policy, detection?: DetectionPolicy | null): Finding[] {
  const findings: Finding[] = [];
  for (const next of findingsOf(policy, detection)) {
    if (findings.length === MAX_FINDINGS) return [...findings, MORE_FINDINGS];
    findings.push(next);
  }
  return findings;
}

const MORE_FINDINGS = finding(
  'more-findings',
  'There are more findings: correct those that are listed, and check the policy again',
  { pointer: '/rules' },
);

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
    ...policy.rules.flatMap((rule, position) => shadowedRule(compared, rule.id, position)),
    ...incomplete(compared),
  ];
}

function lintDetection(policy: DetectionPolicy): Finding[] {
  const compared = compareDetectionRules(policy.rules.filter((rule) => rule.eventTypes.length > 0));
  const ofRules = policy.rules.flatMap((rule, position) => [
    ...shadowedRule(compared, rule.id, position),
    ...(rule.eventTypes.length === 0
      ? [
          finding('never-matches', 'The rule logs no event types: select some or remove the rule', {
            pointer: `/rules/${position}/eventTypes`,
            ruleId: rule.id,
          }),
        ]
      : []),
  ]);
  return [...ofRules, ...incomplete(compared)];
}

/** Generates findings on demand: creating all of them would take longer than the comparison. */
function* lintResponse(
  policy: ResponsePolicy,
  detection: DetectionPolicy | null | undefined,
): Generator<Finding> {
  const compiled = compileRules(policy.rules);
  const patternBudget = new StepBudget(MAX_PATTERN_STEPS);
  const languages = new PatternLanguages(patternBudget);
  const compared = compareResponseRules(
    compiled.filter(({ triggers }) => triggers.length > 0),
    undefined,
    languages,
  );
  const triggersOf = new Map(compiled.map(({ rule, triggers }) => [rule.id, triggers]));
  const logged = detection === undefined ? undefined : new DetectionCoverage(detection);
  for (const [position, { id: ruleId, scope }] of policy.rules.entries()) {
    const triggers = triggersOf.get(ruleId) ?? [];
    const pointer = `/rules/${position}/triggers`;
    yield* shadowedRule(compared, ruleId, position);
    if (triggers.length === 0)
      yield finding(
        'never-matches',
        'The rule has no triggers and therefore never acts: add one or remove the rule',
        { pointer, ruleId },
      );
    for (const trigger of triggers) {
      const place = { pointer: `${pointer}/${trigger.position}`, ruleId, triggerPosition: trigger.position };
      yield* lintTrigger(trigger, place, compared);
      yield* notLogged(place, logged?.whyNotLogged(trigger.trigger.eventType, scope));
      yield* patternFindings(trigger, place, languages);
    }
  }
  yield* incomplete({ isComplete: compared.isComplete && !patternBudget.isExceeded });
}

/** Where a trigger is. */
interface TriggerPlace {
  readonly pointer: string;
  readonly ruleId: string;
  readonly triggerPosition: number;
}

function lintTrigger(
  compiled: CompiledTrigger,
  place: TriggerPlace,
  { duplicates, shadowedTriggers }: Comparisons,
): Finding[] {
  const { trigger } = compiled;
  const findings: Finding[] = [];
  if (trigger.actions.length === 0) {
    const message = 'The trigger has no actions: select one or remove the trigger';
    findings.push(finding('no-actions', message, within(place, '/actions')));
  }
  const first = duplicates.get(compiled);
  if (first !== undefined) {
    const message = `The trigger matches the same events as trigger ${first + 1} of the rule: remove one of them`;
    const coveredBy = { ruleId: place.ruleId, triggerPosition: first };
    findings.push(finding('duplicate-trigger', message, { ...place, coveredBy }));
  }
  const covering = shadowedTriggers.get(compiled);
  if (covering) {
    const { names, isOne, ruleId } = preceding(covering.rules);
    const message = isOne
      ? `The trigger never takes effect: ${names} takes precedence for all sessions of this rule and matches at least the same events; narrow that rule or remove this trigger`
      : `The trigger never takes effect: ${names} take precedence for all sessions of this rule and together match at least the same events; narrow one of those rules or remove this trigger`;
    const coveredBy = { ruleId, triggerPosition: covering.position };
    findings.push(finding('shadowed-trigger', message, { ...place, coveredBy }));
  }
  return [...findings, ...impossibleNumbers(compiled, place), ...largePatterns(compiled, place)];
}

const within = (place: TriggerPlace, path: string): TriggerPlace => ({
  ...place,
  pointer: place.pointer + path,
});

function impossibleNumbers({ tests, trigger }: CompiledTrigger, place: TriggerPlace): Finding[] {
  return tests
    .filter((test) => test instanceof NumberTest)
    .filter(({ dimension, ranges }) => intervalsOf(ranges, largestValue(dimension)).length === 0)
    .map(({ dimension }) => {
      const index = trigger.conditions.findIndex((condition) => condition.dimension === dimension.id);
      return finding(
        'never-matches',
        `No event has a ${dimension.name} within these limits: change the limits`,
        within(place, `/conditions/${index}`),
      );
    });
}

function notLogged(place: TriggerPlace, reason: string | undefined): Finding[] {
  return reason === undefined ? [] : [finding('type-not-logged', reason, within(place, '/eventType'))];
}

function largePatterns({ trigger }: CompiledTrigger, place: TriggerPlace): Finding[] {
  return trigger.conditions.flatMap((condition, index) => {
    if (condition.operator !== 'matches') return [];
    return [...condition.values.entries()]
      .filter(([, pattern]) => isPatternTooLarge(pattern))
      .map(([value]) =>
        finding(
          'pattern-too-large',
          'The pattern is larger than allowed today, and events on which it takes too long get no response: shorten its repetitions',
          within(place, `/conditions/${index}/values/${value}`),
        ),
      );
  });
}

/** Patterns that restrict nothing, and those that match nothing. */
function patternFindings(
  { tests, trigger }: CompiledTrigger,
  place: TriggerPlace,
  languages: PatternLanguages,
): Finding[] {
  const patterns = tests.filter((test) => test instanceof TextTest).flatMap(({ matches }) => matches);
  const withoutLiterals = new Set(
    patterns.filter(({ requiresLiterals }) => !requiresLiterals).map(({ source }) => source),
  );
  return trigger.conditions.flatMap((condition, index) => {
    if (condition.operator !== 'matches') return [];
    return condition.values.flatMap((pattern, value) => {
      if (isPatternTooLarge(pattern)) return [];
      const at = within(place, `/conditions/${index}/values/${value}`);
      if (withoutLiterals.has(pattern) && languages.isUniversal(pattern))
        return [finding('matches-everything', MATCHES_EVERYTHING, at)];
      if (mayMatchNothing(pattern) && languages.isEmpty(pattern))
        return [finding('never-matches', MATCHES_NOTHING, at)];
      return [];
    });
  });
}

const MATCHES_EVERYTHING =
  'The pattern matches every line of text: make it more specific or remove the condition';
const MATCHES_NOTHING =
  'The pattern can match no text: it requires an end or a start of the text, or a boundary of a word, where none can be, or a character of no kind; correct it';

function shadowedRule({ shadowedRules }: Comparisons, ruleId: string, position: number): Finding[] {
  const rules = shadowedRules.get(ruleId);
  if (!rules) return [];
  const { names, isOne, ruleId: covering } = preceding(rules);
  const message = isOne
    ? `The rule never takes effect: ${names} takes precedence and covers it; narrow that rule or remove this one`
    : `The rule never takes effect: ${names} take precedence and cover it together; narrow one of those rules or remove this one`;
  const coveredBy = { ruleId: covering, triggerPosition: null };
  return [finding('shadowed-rule', message, { pointer: `/rules/${position}`, ruleId, coveredBy })];
}

/** As many rules as a message names one by one. */
const MAX_NAMED_RULES = 3;

/** How a message calls rules that take precedence, and the id of the first. */
function preceding(rules: readonly RuleReference[]) {
  const more = rules.length - MAX_NAMED_RULES;
  const parts = rules.slice(0, MAX_NAMED_RULES).map(({ name }) => `"${name}"`);
  if (more > 0) parts.push(`${more} more`);
  const isOne = parts.length === 1;
  const list = isOne ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
  return { names: `${isOne ? 'rule' : 'rules'} ${list}`, isOne, ruleId: rules[0]?.id ?? '' };
}

function incomplete({ isComplete }: Pick<Comparisons, 'isComplete'>): Finding[] {
  if (isComplete) return [];
  const message =
    'Comparing all rules and triggers would take too long: there may be more shadowed rules and triggers and duplicates than listed; split the policy to check it completely';
  return [finding('not-all-compared', message, { pointer: '/rules' })];
}
