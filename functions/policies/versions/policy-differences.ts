/** The differences between two versions of a policy, with a message for each. Pure. */
import type { Identity, Policy, ResponseRule, Scope, Trigger } from '../engine';
import { listed, quoted, triggerText, typeName } from '../trigger-text';

export const DIFFERENCE_KINDS = ['added', 'removed', 'changed', 'reordered'] as const;

/** One difference. */
export interface PolicyDifference {
  kind: (typeof DIFFERENCE_KINDS)[number];
  /** JSON pointer into the later version; for removals, into the earlier one. */
  pointer: string;
  /** Null if the difference does not concern a single rule. */
  ruleId: string | null;
  message: string;
}

type Content = Pick<Policy, 'name' | 'description' | 'rules'>;
type Rule = Policy['rules'][number];
/** Kind, pointer relative to the rule, and the message without the rule's name. */
type RuleDifference = Pick<PolicyDifference, 'kind' | 'pointer' | 'message'>;

const changed = (pointer: string, message: string): RuleDifference => ({ kind: 'changed', pointer, message });

/** The differences between two versions of one policy. Rules are matched by id. */
export function policyDifferences(before: Content, after: Content): PolicyDifference[] {
  const earlier = new Map(before.rules.map((rule) => [rule.id, rule]));
  const kept = new Set(after.rules.map(({ id }) => id));
  const texts = (['name', 'description'] as const)
    .filter((field) => before[field] !== after[field])
    .map((field) => changed(`/${field}`, `The ${field} ${fromTo(before[field], after[field])}`));
  return [
    ...texts.map((difference) => ({ ...difference, ruleId: null })),
    ...before.rules.flatMap((rule, position) =>
      kept.has(rule.id) ? [] : [ofRule(rule, position, { kind: 'removed', pointer: '', message: 'removed' })],
    ),
    ...after.rules.flatMap((rule, position) => {
      const known = earlier.get(rule.id);
      const differences = known
        ? ruleDifferences(known, rule)
        : [{ kind: 'added' as const, pointer: '', message: 'added' }];
      return differences.map((difference) => ofRule(rule, position, difference));
    }),
    ...reordered(before.rules, after.rules),
  ];
}

function ofRule({ id, name }: Rule, position: number, difference: RuleDifference): PolicyDifference {
  const { kind, pointer, message } = difference;
  const text = pointer === '' ? ` ${message}` : `: ${message}`;
  return {
    kind,
    pointer: `/rules/${position}${pointer}`,
    ruleId: id,
    message: `Rule ${quoted(name)}${text}`,
  };
}

/** A difference if the rules that both versions have are in another order. */
function reordered(before: readonly Rule[], after: readonly Rule[]): PolicyDifference[] {
  const earlier = new Set(before.map(({ id }) => id));
  const later = new Set(after.map(({ id }) => id));
  const old = before.filter(({ id }) => later.has(id));
  const now = after.filter(({ id }) => earlier.has(id));
  const first = now.findIndex(({ id }, position) => id !== old[position]?.id);
  if (first < 0) return [];
  const names = now.map(({ name }) => quoted(name));
  const message = `The rules were reordered: ${listed(names, ', ', 10)}`;
  return [{ kind: 'reordered', pointer: '/rules', ruleId: null, message }];
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  name: 'name',
  description: 'description',
  action: 'action',
  audio: 'audio recording',
  lossy: 'lossy screen recording',
  recipients: 'recipients',
  operationDelaySeconds: 'delay before session operations (seconds)',
  minutesAfter: 'minutes of recording after an event',
  secondsBefore: 'seconds of recording before an event',
};

function ruleDifferences(before: Rule, after: Rule): RuleDifference[] {
  return [
    ...fieldDifferences(before, after, ''),
    ...scopeDifferences(before.scope, after.scope),
    ...('eventTypes' in before && 'eventTypes' in after
      ? setDifferences('/eventTypes', 'event types', before.eventTypes, after.eventTypes, typeName)
      : []),
    ...('triggers' in before && 'triggers' in after ? responseDifferences(before, after) : []),
  ];
}

function responseDifferences(before: ResponseRule, after: ResponseRule): RuleDifference[] {
  return [
    ...triggerDifferences(before.triggers, after.triggers),
    ...fieldDifferences(before.recordingOptions, after.recordingOptions, '/recordingOptions'),
  ];
}

/** The differences of fields with a single value. */
function fieldDifferences(before: object, after: object, pointer: string): RuleDifference[] {
  const [old, now] = [before as Record<string, Value>, after as Record<string, Value>];
  return Object.entries(FIELD_NAMES)
    .filter(([field]) => field in now && old[field] !== now[field])
    .map(([field, name]) => changed(`${pointer}/${field}`, `${name} ${fromTo(old[field], now[field])}`));
}

type Criteria = Omit<Scope, 'everyone'>;

const SCOPE_NAMES: Readonly<Record<keyof Criteria, string>> = {
  users: 'users',
  groups: 'groups',
  applications: 'applications',
  deliveryGroups: 'delivery groups',
  machines: 'machines',
  clientAddresses: 'client addresses',
  tags: 'smart-access tags',
};

function scopeDifferences(before: Scope, after: Scope): RuleDifference[] {
  const criteria = (Object.keys(SCOPE_NAMES) as (keyof Criteria)[]).flatMap((kind) =>
    setDifferences<string | Identity>(
      `/scope/${kind}`,
      SCOPE_NAMES[kind],
      before[kind] ?? [],
      after[kind] ?? [],
      entryText,
    ),
  );
  if (before.everyone === after.everyone) return criteria;
  const message = after.everyone ? 'scope: now for everyone' : 'scope: no longer for everyone';
  return [changed('/scope/everyone', message), ...criteria];
}

function entryText(entry: string | Identity): string {
  if (typeof entry === 'string') return quoted(entry);
  return quoted(entry.name ?? entry.upn ?? entry.sid ?? entry.entraId ?? '');
}

function setDifferences<T>(
  pointer: string,
  name: string,
  before: readonly T[],
  after: readonly T[],
  text: (item: T) => string,
): RuleDifference[] {
  const [old, now] = [before, after].map((items) => new Set(items.map((item) => JSON.stringify(item))));
  const added = after.filter((item) => !old?.has(JSON.stringify(item)));
  const removed = before.filter((item) => !now?.has(JSON.stringify(item)));
  const parts = [
    ...(added.length > 0 ? [`added ${listed(added.map(text))}`] : []),
    ...(removed.length > 0 ? [`removed ${listed(removed.map(text))}`] : []),
  ];
  return parts.length > 0 ? [changed(pointer, `${name}: ${parts.join('; ')}`)] : [];
}

/** Triggers have no ids: equal ones match at any position, the others are paired in order as changed. */
function triggerDifferences(before: readonly Trigger[], after: readonly Trigger[]): RuleDifference[] {
  const removedTriggers = unmatched(before, after);
  const addedTriggers = unmatched(after, before);
  const differences = addedTriggers.map(([position, trigger], index): RuleDifference => {
    const pointer = `/triggers/${position}`;
    const old = removedTriggers[index]?.[1];
    return old
      ? changed(pointer, changeOfTrigger(triggerText(old), triggerText(trigger)))
      : { kind: 'added', pointer, message: `trigger added <${triggerText(trigger)}>` };
  });
  const removed = removedTriggers.slice(addedTriggers.length).map(([position, trigger]): RuleDifference => ({
    kind: 'removed',
    pointer: `/triggers/${position}`,
    message: `trigger removed <${triggerText(trigger)}>`,
  }));
  return [...differences, ...removed];
}

function changeOfTrigger(before: string, after: string): string {
  return before === after
    ? `trigger <${after}> changed in a part that is not shown here`
    : `trigger changed from <${before}> to <${after}>`;
}

/** The triggers, with their positions, that the others lack; each of the others matches at most one. */
function unmatched(triggers: readonly Trigger[], others: readonly Trigger[]): [number, Trigger][] {
  const left = new Map<string, number>();
  for (const other of others) {
    const key = JSON.stringify(other);
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  return [...triggers.entries()].filter(([, trigger]) => {
    const key = JSON.stringify(trigger);
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}

type Value = string | number | boolean | null | undefined;

function fromTo(before: Value, after: Value): string {
  return `changed from ${valueText(before)} to ${valueText(after)}`;
}

function valueText(value: Value): string {
  if (value === '') return 'nothing';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return value === null ? 'unset' : String(value);
}
