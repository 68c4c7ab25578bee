/** Lint: what in a policy is allowed but hardly meant. */
import { z } from 'zod';
import type { CompiledTrigger } from './compiled-trigger';
import { type NumberRange, NumberTest } from './conditions';
import { ComparableScope, triggerCovers } from './coverage';
import { eventType, type NumberDimension } from './event-types';
import type { DetectionPolicy, Policy, RecordingPolicy, ResponsePolicy } from './policy';
import { compileRecording } from './recording';
import { compileResponse } from './response';
import { compilePattern } from './text';
import type { Trigger } from './trigger';

export const findingSchema = z
  .strictObject({
    code: z.enum([
      'never-matches',
      'shadowed-rule',
      'type-not-logged',
      'duplicate-trigger',
      'matches-everything',
      'no-actions',
    ]),
    pointer: z.string().meta({ description: 'JSON pointer into the policy' }),
    message: z.string(),
  })
  .meta({ id: 'PolicyFinding' });

/** Something that a policy probably does not say on purpose. */
export type Finding = Readonly<z.infer<typeof findingSchema>>;

/**
 * The findings of a policy, by position of the rules. `detection` is the active event detection policy of the site,
 * null when none is active; without it, it is not checked whether events are logged.
 */
export function lint(policy: Policy, detection?: DetectionPolicy | null): Finding[] {
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
  const { rules } = compileRecording(policy);
  const shadows = shadowedRules(rules, () => true);
  return policy.rules.flatMap((rule, position) => shadowFinding(shadows.get(rule.id), position));
}

function lintDetection(policy: DetectionPolicy): Finding[] {
  const shadows = shadowedRules(
    policy.rules.filter((rule) => rule.eventTypes.length > 0),
    (earlier, later) => later.eventTypes.every((type) => earlier.eventTypes.includes(type)),
  );
  return policy.rules.flatMap((rule, position) => [
    ...shadowFinding(shadows.get(rule.id), position),
    ...(rule.eventTypes.length === 0
      ? [
          neverMatches(
            `/rules/${position}/eventTypes`,
            'The rule logs nothing: choose event types or remove it',
          ),
        ]
      : []),
  ]);
}

function lintResponse(policy: ResponsePolicy, detection: DetectionPolicy | null | undefined): Finding[] {
  const compiled = compileResponse(policy);
  const oldestFirst = compiled.rules
    .filter(({ triggers }) => triggers.length > 0)
    .map(({ rule, triggers }) => ({ ...rule, compiled: triggers }));
  const shadows = shadowedRules(oldestFirst, (older, younger) =>
    younger.compiled.every((inner) => older.compiled.some((outer) => triggerCovers(outer, inner))),
  );
  const triggersOf = new Map(compiled.rules.map(({ rule, triggers }) => [rule.id, triggers]));
  const logged = detection && new Set<string>(detection.rules.flatMap((rule) => rule.eventTypes));
  const isLogged = (type: Trigger['eventType']) =>
    detection === undefined || !eventType(type).detectable || (logged?.has(type) ?? false);
  return policy.rules.flatMap((rule, position) => {
    const triggers = triggersOf.get(rule.id) ?? [];
    const pointer = `/rules/${position}/triggers`;
    return [
      ...shadowFinding(shadows.get(rule.id), position),
      ...(triggers.length === 0
        ? [neverMatches(pointer, 'The rule has no triggers, so it never acts: add one or remove it')]
        : []),
      ...triggers.flatMap((trigger) => lintTrigger(trigger, triggers, pointer, isLogged)),
    ];
  });
}

function lintTrigger(
  compiled: CompiledTrigger,
  ofRule: readonly CompiledTrigger[],
  pointerOfRule: string,
  isLogged: (type: Trigger['eventType']) => boolean,
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
  if (!isLogged(trigger.eventType)) {
    const message = `The active event detection policy does not log ${eventType(trigger.eventType).name}: have it log the type, or remove the trigger`;
    findings.push({ code: 'type-not-logged', pointer: `${pointer}/eventType`, message });
  }
  const twin = ofRule.find(
    (other) => other.position < position && triggerCovers(other, compiled) && triggerCovers(compiled, other),
  );
  if (twin) {
    const message = `It is met by the same events as trigger ${twin.position}: remove one of the two`;
    findings.push({ code: 'duplicate-trigger', pointer, message });
  }
  return [...findings, ...impossibleNumbers(compiled, pointer), ...patternsForEverything(trigger, pointer)];
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
function isPossible(
  { low, high, inclusive }: NumberRange,
  { maximum, unitsPerLimit }: NumberDimension,
): boolean {
  const most = maximum === undefined ? Infinity : maximum * unitsPerLimit;
  return inclusive ? low <= most : low < most && high > 0;
}

function patternsForEverything({ conditions }: Trigger, pointer: string): Finding[] {
  return conditions.flatMap((condition, index) => {
    if (condition.operator !== 'matches') return [];
    return condition.values.flatMap((pattern, value): Finding[] =>
      matchesEverything(pattern)
        ? [
            {
              code: 'matches-everything',
              pointer: `${pointer}/conditions/${index}/values/${value}`,
              message: 'The pattern matches every text: narrow it, or leave the condition out',
            },
          ]
        : [],
    );
  });
}

/** Texts of one character with nothing in common: a pattern found in each of them is found everywhere. */
const UNLIKE_TEXTS = ['a', 'Z', '7', ' ', '_', '-', '.', '\\', '/', '"', 'é', 'ж', '表', '😀'];

function matchesEverything(pattern: string): boolean {
  const compiled = compilePattern(pattern);
  return UNLIKE_TEXTS.every((text) => compiled.occursIn(text));
}

/** For each rule that can never act, the name of the rule that comes first and takes all it could. */
function shadowedRules<Rule extends { id: string; name: string; scope: Policy['rules'][number]['scope'] }>(
  rules: readonly Rule[],
  takesAll: (first: Rule, later: Rule) => boolean,
): Map<string, string> {
  const scopes = rules.map((rule) => new ComparableScope(rule.scope));
  const shadowed = new Map<string, string>();
  for (const [index, later] of rules.entries()) {
    const scope = scopes[index];
    const first = rules
      .slice(0, index)
      .find((earlier, position) => scope && scopes[position]?.covers(scope) && takesAll(earlier, later));
    if (first) shadowed.set(later.id, first.name);
  }
  return shadowed;
}

function shadowFinding(by: string | undefined, position: number): Finding[] {
  if (by === undefined) return [];
  const message = `The rule never takes effect: "${by}" comes first and takes all that it could; narrow that one or remove this one`;
  return [{ code: 'shadowed-rule', pointer: `/rules/${position}`, message }];
}

function neverMatches(pointer: string, message: string): Finding {
  return { code: 'never-matches', pointer, message };
}
