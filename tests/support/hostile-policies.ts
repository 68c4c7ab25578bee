/** Policies, events and bodies that cost far more to process than to send, to show that one customer cannot stop others. */
import { randomUUID } from 'node:crypto';

/** The largest body that saving a policy accepts. */
const MAX_POLICY_BYTES = 4 * 1_048_576;
/** Of one condition, one trigger, one rule and one policy. */
const MAX_VALUES = 10_000;
const MAX_TRIGGERS = 1_000;
const MAX_RULES = 5_000;
/** The longest text of an event, in UTF-16 units. */
const MAX_TEXT_UNITS = 32_767;

interface ResponsePolicyBody {
  name: string;
  rules: object[];
}

interface HostileEvent {
  id: string;
  type: 'appStart';
  time: string;
  data: { appName: string; commandLine: string };
}

/** Short patterns whose compiled program is huge: they cannot be saved, but stored policies may have them. */
export const HUGE_PATTERNS: readonly string[] = [
  '(?:a?){1000}a{1000}',
  '.{0,1000}'.repeat(14),
  '(?:.?){1000}x',
  '(?:(?:a{0,10}){0,10}){0,10}b',
  '(?:a|b|ab){0,900}c',
  '.{0,1000}'.repeat(1_000),
];

/** Patterns that may be saved, near the limit of size and slow on long texts: a tenth of a second each. */
export const SLOW_PATTERNS: readonly string[] = [
  '.{0,990}x',
  '(?:a?){600}a{600}',
  '(?:a|b|ab){0,390}c',
  String.raw`(?:\pL{0,30}\d?){30}-`,
  `${'.*'.repeat(500)}x`,
];

/** A response policy with one trigger on command lines for each of the patterns; its triggers have no actions. */
export function policyWithPatterns(
  patterns: readonly string[],
  name = 'Hostile patterns',
  machine = 'HOSTILE',
): ResponsePolicyBody {
  return {
    name,
    rules: patterns.map((pattern, index) =>
      responseRule(`Rule ${index + 1}`, [matching([pattern])], machine),
    ),
  };
}

/** A response policy of nearly the largest size with as many distinct patterns of a few characters as it can hold. */
export function tinyPatternsPolicy(maxBytes = MAX_POLICY_BYTES): ResponsePolicyBody {
  const patterns = Array.from({ length: Math.floor((maxBytes * 0.95) / 8) }, (_, index) =>
    index.toString(36).padStart(4, '.'),
  );
  return { name: 'Tiny patterns', rules: [responseRule('Rule', chunks(patterns, MAX_VALUES).map(matching))] };
}

/** A response policy of nearly the largest size with as many rules and triggers as it can hold, all alike. */
export function manyTriggersPolicy(maxBytes = MAX_POLICY_BYTES, machine = 'HOSTILE'): ResponsePolicyBody {
  const trigger = (number: number) => ({
    eventType: 'appStart',
    conditions: [{ dimension: 'appName', operator: 'includes', values: [`app${number}`] }],
    actions: ['lockSession'],
  });
  const count = Math.floor((maxBytes * 0.9) / JSON.stringify(trigger(MAX_TRIGGERS * MAX_RULES)).length);
  const triggers = Array.from({ length: count }, (_, index) => trigger(index));
  return {
    name: 'Many triggers',
    rules: chunks(triggers, 5)
      .map((some, index) => responseRule(`Rule ${index}`, some, machine))
      .slice(0, MAX_RULES),
  };
}

/** A recording policy of nearly the largest size whose rules name many users each. */
export function manyUsersPolicy(maxBytes = MAX_POLICY_BYTES): { name: string; rules: object[] } {
  const users = Array.from({ length: Math.floor((maxBytes * 0.9) / 40) }, (_, index) => ({
    name: String.raw`HOSTILE\user${String(index).padStart(10, '0')}`,
  }));
  const rules = chunks(users, 500).map((some, index) => ({
    name: `Rule ${index}`,
    scope: { users: some },
    action: 'recordWithNotification',
  }));
  return { name: 'Many users', rules };
}

/** Texts that are not a policy but take long to refuse: nesting, and arrays of very many small values. */
export const HOSTILE_BODIES: Readonly<Record<string, (bytes: number) => string>> = {
  'open brackets': (bytes) => '['.repeat(bytes),
  'nested arrays': (bytes) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2),
  'nested objects': (bytes) => '{"a":'.repeat((bytes - 6) / 6) + '0' + '}'.repeat((bytes - 6) / 6),
  'empty objects': (bytes) => `{"name":"x","rules":[${'{},'.repeat(bytes / 3 - 20)}{}]}`,
  'distinct fields': (bytes) =>
    `{${Array.from({ length: bytes / 14 }, (_, index) => `"f${index}":0`).join(',')}}`,
};

/** Events with the longest texts, almost all of one letter: the worst case of most patterns. */
export function longEvents(count: number, time = new Date()): HostileEvent[] {
  return Array.from({ length: count }, () => ({
    id: randomUUID(),
    type: 'appStart' as const,
    time: time.toISOString(),
    data: { appName: 'app1.exe', commandLine: `${'a'.repeat(MAX_TEXT_UNITS - 3)}c-x` },
  }));
}

function responseRule(name: string, triggers: readonly object[], machine = 'HOSTILE'): object {
  return { name, scope: { machines: [machine] }, triggers };
}

function matching(values: readonly string[]): object {
  return {
    eventType: 'appStart',
    conditions: [{ dimension: 'commandLine', operator: 'matches', values }],
    actions: ['lockSession'],
  };
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
