/** The estimate of a compiled policy's memory, compared with the heap. */
import { heapMegabytes } from '../../../scripts/bench/evaluators/heap';
import {
  manyTriggersPolicy,
  manyUsersPolicy,
  tinyPatternsPolicy,
} from '../../../tests/support/hostile-policies';
import {
  detectionPolicySchema,
  type Policy,
  recordingPolicySchema,
  responsePolicySchema,
  stampRules,
} from '../engine';
import { PolicyCache } from './policy-cache';
import { compiledBytes } from './policy-memory';

const stamp = { newId: () => '019bc17a-0000-7000-8000-000000000001', now: '2026-03-01T00:00:00.000Z' };

/** A stored policy as JSON; patterns are not checked, since stored policies may have more than are accepted today. */
function stored(kind: Policy['kind'], body: { name: string; rules: object[] }): string {
  const rules = stampRules(body.rules, [], stamp);
  return JSON.stringify({ kind, description: '', ...body, rules });
}

const parsed = (kind: 'recording' | 'eventResponse', body: object): string =>
  stored(kind, (kind === 'recording' ? recordingPolicySchema : responsePolicySchema).parse(body));

/** A response policy with one trigger for very many texts. */
function manyTexts(operator: 'includes' | 'equals', count: number): object {
  const values = (start: number) =>
    Array.from({ length: 10_000 }, (_, index) => (start + index).toString(36).padStart(8, 'q'));
  const conditions = Array.from({ length: count / 10_000 }, (_, index) => ({
    dimension: 'commandLine',
    operator,
    values: values(index * 10_000),
  }));
  const trigger = { eventType: 'appStart', conditions };
  return { name: 'Texts', rules: [{ name: 'Rule', scope: { machines: ['VDA01'] }, triggers: [trigger] }] };
}

const withDefaults = (body: { name: string; rules: object[] }) => ({
  ...body,
  rules: body.rules.map((rule) => ({
    ...rule,
    triggers: (rule as { triggers: object[] }).triggers.map((trigger) => ({ description: '', ...trigger })),
    recipients: '',
    recordingOptions: { minutesAfter: null, secondsBefore: null, lossy: false },
  })),
});

const CASES: [string, () => string][] = [
  ['a recording policy of many users', () => parsed('recording', manyUsersPolicy())],
  ['a response policy of many triggers', () => parsed('eventResponse', manyTriggersPolicy())],
  ['a response policy of many included texts', () => parsed('eventResponse', manyTexts('includes', 100_000))],
  ['a response policy of many equal texts', () => parsed('eventResponse', manyTexts('equals', 100_000))],
  [
    'a stored policy of many patterns',
    () => stored('eventResponse', withDefaults(tinyPatternsPolicy(400_000))),
  ],
];

it.each(CASES)('RSP-2: the estimate of %s is near what it takes on the heap', (_name, make) => {
  let json = make();
  const documentBytes = Buffer.byteLength(json);
  const cache = new PolicyCache(Infinity);
  const before = heapMegabytes();
  const estimate = compiledBytes(JSON.parse(json) as Policy, documentBytes) / 1_000_000;
  cache.add('key', JSON.parse(json) as Policy, documentBytes);
  json = '';
  const taken = heapMegabytes() - before;
  expect(cache.get('key')).toBeDefined();
  expect(taken).toBeGreaterThan(5);
  expect(estimate).toBeGreaterThan(0.8 * taken);
  expect(estimate).toBeLessThan(3 * taken);
});

it('RSP-2: the cache keeps what was used last within its limit, and one policy that is larger', () => {
  const policy = (name: string): Policy => ({
    kind: 'eventDetection',
    ...detectionPolicySchema.parse({ name, rules: [] }),
    rules: [],
  });
  const size = compiledBytes(policy('a'), 1_000_000);
  const cache = new PolicyCache(2 * size);
  cache.add('a', policy('a'), 1_000_000);
  cache.add('b', policy('b'), 1_000_000);
  cache.get('a');
  cache.add('c', policy('c'), 1_000_000);
  expect(['a', 'b', 'c'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
  cache.add('large', policy('large'), 9_000_000);
  expect(['a', 'c', 'large'].map((key) => cache.get(key) !== undefined)).toEqual([false, false, true]);
  cache.add('small', policy('small'), 1_000);
  expect(['large', 'small'].map((key) => cache.get(key) !== undefined)).toEqual([false, true]);
});
