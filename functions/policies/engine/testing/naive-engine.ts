/**
 * Reference implementation of the policy engine for tests: no index, no cache, no compilation, and nothing shared with
 * the engine except its data types and the table of event types.
 */
import ipaddr from 'ipaddr.js';
import { RE2JS } from 're2js';
import type { EventData, SessionEvent } from '../model/event';
import { ACTIONS, type Dimension, EVENT_TYPES } from '../model/event-types';
import type { DetectionPolicy, RecordingPolicy, ResponsePolicy, ResponseRule } from '../model/policy';
import type { Scope } from '../model/scope';
import type { SessionFacts } from '../model/session';
import type { Condition, Trigger } from '../model/trigger';

/** The id of the rule that decides, or null for the fallback rule. */
export function naiveDecide(policy: RecordingPolicy, session: SessionFacts): string | null {
  const order = [
    'disable',
    'recordWithNotification',
    'eventOnlyWithNotification',
    'recordWithoutNotification',
    'eventOnlyWithoutNotification',
  ];
  for (const action of order) {
    for (const rule of policy.rules)
      if (rule.action === action && naiveInScope(rule.scope, session)) return rule.id;
  }
  return null;
}

export function naiveDetects(policy: DetectionPolicy, session: SessionFacts): Set<string> {
  return new Set(
    policy.rules.filter(({ scope }) => naiveInScope(scope, session)).flatMap((rule) => rule.eventTypes),
  );
}

/** Rule, positions of the matching triggers, and actions; or null. */
export function naiveRespond(policy: ResponsePolicy, session: SessionFacts, event: SessionEvent) {
  const matching = policy.rules
    .map((rule, position) => ({ rule, position, triggers: naiveMatchedTriggers(rule, session, event) }))
    .filter(({ triggers }) => triggers.length > 0);
  matching.sort(
    (a, b) => Date.parse(a.rule.createdAt) - Date.parse(b.rule.createdAt) || a.position - b.position,
  );
  const [oldest] = matching;
  if (!oldest) return null;
  const triggers = oldest.rule.triggers.filter((_, position) => oldest.triggers.includes(position));
  return {
    ruleId: oldest.rule.id,
    positions: oldest.triggers,
    actions: ACTIONS.filter((action) => triggers.some((trigger) => trigger.actions.includes(action))),
  };
}

function naiveMatchedTriggers(rule: ResponseRule, session: SessionFacts, event: SessionEvent): number[] {
  if (!naiveInScope(rule.scope, session)) return [];
  return [...rule.triggers.keys()].filter((position) => {
    const trigger = rule.triggers[position];
    return trigger?.eventType === event.type && naiveMatches(trigger, event.data);
  });
}

function naiveMatches(trigger: Trigger, data: EventData): boolean {
  const dimensions = EVENT_TYPES.find(({ id }) => id === trigger.eventType)?.dimensions ?? [];
  return dimensions.every((dimension) => {
    const conditions = trigger.conditions.filter((condition) => condition.dimension === dimension.id);
    return conditions.length === 0 || conditions.some((condition) => naiveHolds(condition, dimension, data));
  });
}

function naiveHolds(condition: Condition, dimension: Dimension, data: EventData): boolean {
  const value = data[dimension.field];
  if (value === undefined) return false;
  if (typeof value === 'number')
    return dimension.kind === 'number' && naiveNumberHolds(condition, value / dimension.unitsPerLimit);
  if (condition.operator === 'between') return false;
  return condition.values.some((expected) => {
    if (typeof expected === 'number') return false;
    if (dimension.kind === 'drive') return value.charAt(0).toLowerCase() === expected.charAt(0).toLowerCase();
    if (condition.operator === 'includes') return native(expected, '', '').test(value.normalize('NFC'));
    if (condition.operator === 'equals') return native(expected, '^', '$').test(value.normalize('NFC'));
    return RE2JS.compile(expected.normalize('NFC'), RE2JS.CASE_INSENSITIVE).test(value.normalize('NFC'));
  });
}

/** JavaScript's own case-insensitive Unicode matching uses the same table of case folding. */
function native(literal: string, before: string, after: string): RegExp {
  return new RegExp(before + literal.normalize('NFC').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&') + after, 'iu');
}

function naiveNumberHolds(condition: Condition, value: number): boolean {
  switch (condition.operator) {
    case 'greaterThan':
      return condition.values.some((limit) => value > limit);
    case 'smallerThan':
      return condition.values.some((limit) => value < limit);
    case 'between':
      return value >= condition.from && value <= condition.to;
    default:
      return false;
  }
}

export function naiveInScope(scope: Scope, session: SessionFacts): boolean {
  const { user } = session;
  const people = [
    ...(scope.users ?? []).map((expected) => sameIdentity(expected, user)),
    ...(scope.groups ?? []).map((expected) => user.groups.some((group) => sameIdentity(expected, group))),
  ];
  const applications = (scope.applications ?? []).map((expected) => same(expected, session.application));
  const machines = [
    ...(scope.deliveryGroups ?? []).map((expected) => same(expected, session.deliveryGroup)),
    ...(scope.machines ?? []).map((expected) => same(expected, session.machine)),
  ];
  const addresses = (scope.clientAddresses ?? []).map((range) => naiveInRange(range, session.clientAddress));
  const tags = (scope.tags ?? []).map((expected) => session.tags.some((tag) => same(expected, tag)));
  return [people, applications, machines, addresses, tags].every(
    (kind) => kind.length === 0 || kind.includes(true),
  );
}

interface Named {
  readonly name?: string | undefined;
  readonly upn?: string | undefined;
  readonly sid?: string | undefined;
  readonly entraId?: string | undefined;
}

function sameIdentity(one: Named, other: Named): boolean {
  return (
    same(one.name, other.name) ||
    same(one.upn, other.upn) ||
    same(one.sid, other.sid) ||
    same(one.entraId, other.entraId)
  );
}

function same(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && native(one, '^', '$').test(other.normalize('NFC'));
}

function naiveInRange(range: string, text: string | undefined): boolean {
  if (text === undefined || !ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  const [first = '', last] = range.split('-');
  if (first.includes('/')) {
    const [base, bits] = ipaddr.parseCIDR(first);
    return base.kind() === address.kind() && address.match(base, bits);
  }
  const from = ipaddr.process(first);
  const to = ipaddr.process(last ?? first);
  return from.kind() === address.kind() && number(from) <= number(address) && number(address) <= number(to);
}

function number(address: ipaddr.IPv4 | ipaddr.IPv6): bigint {
  return address.toByteArray().reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}
