import { responsePolicy, session, trigger } from '../engine/testing/examples';
import { HUGE_PATTERNS, longEvents } from '../../../tests/support/hostile-policies';
import type { ResponseOutcome } from './policy-question';
import { PolicyThread } from './policy-thread';

const matching = (...values: string[]) =>
  trigger('appStart', { dimension: 'commandLine', operator: 'matches', values });
const document = (...values: string[]) =>
  new Uint8Array(Buffer.from(JSON.stringify(responsePolicy({ triggers: [matching(...values)] }))));

const short = { ...longEvents(1)[0], data: { commandLine: 'aaa -x' } };

function outcomes(thread: PolicyThread, patterns: readonly string[], events: object[]): ResponseOutcome[] {
  const input = { facts: session(), events: events as never };
  const task = { key: patterns.join(), question: { name: 'respond', input } as const };
  expect(thread.answer(task)).toEqual({ needsDocument: true });
  const result = thread.answer({ ...task, document: document(...patterns) });
  return 'answer' in result ? (result.answer as ResponseOutcome[]) : [];
}

it('asks for a policy that it does not have, and keeps it', () => {
  const thread = new PolicyThread(10_000_000);
  const task = { key: 'a', question: { name: 'triggerTypes', input: null } as const };
  expect(thread.answer(task)).toEqual({ needsDocument: true });
  const answer = { answer: ['appStart'], milliseconds: expect.any(Number) as number };
  expect(thread.answer({ ...task, document: document('x') })).toEqual(answer);
  expect(thread.answer(task)).toEqual(answer);
});

it('POL-7: starts with an empty cache when four fifths of its heap are alive after a collection', () => {
  let collected: (liveBytes: number) => void = () => undefined;
  const heap = {
    limitBytes: () => 1_000,
    onCollection: (report: typeof collected) => void (collected = report),
  };
  const thread = new PolicyThread(10_000_000, heap);
  const task = { key: 'a', question: { name: 'triggerTypes', input: null } as const };
  thread.answer({ ...task, document: document('x') });
  collected(800);
  expect(thread.answer(task)).toMatchObject({ answer: ['appStart'] });
  collected(801);
  expect(thread.answer(task)).toEqual({ needsDocument: true });
  // Once: what is compiled from then on is kept.
  thread.answer({ ...task, document: document('x') });
  expect(thread.answer(task)).toMatchObject({ answer: ['appStart'] });
});

it.each(HUGE_PATTERNS.map((pattern) => [pattern.slice(0, 30), pattern]))(
  'RSP-2: a stored policy with the pattern %s ends within its time on the longest event',
  (_name, pattern) => {
    const start = performance.now();
    const [outcome] = outcomes(new PolicyThread(10_000_000), [pattern, '-x'], longEvents(1));
    expect(outcome === 'tooCostly' || outcome?.ruleId).toBeTruthy();
    expect(performance.now() - start).toBeLessThan(10_000);
  },
);

it('RSP-2: a stored policy with huge patterns still answers short events, and other events after a costly one', () => {
  const events = [...longEvents(1), short];
  const [first, ...more] = outcomes(
    new PolicyThread(10_000_000),
    ['.{0,1000}'.repeat(14) + 'c-x', '-x$'],
    events,
  );
  const all =
    more.length > 0 ? [first, ...more] : [first, ...outcomes(new PolicyThread(10_000_000), ['-x$'], [short])];
  expect(all).toMatchObject(['tooCostly', { ruleName: 'Rule 0' }]);
});

it('RSP-2: answers as many events as fit into a slice of time, and at least one', () => {
  const slow = ['.{0,990}y', '(?:a?){600}a{600}z'];
  const events = longEvents(50).map((event) => ({
    ...event,
    data: { commandLine: `${event.data.commandLine}yz` },
  }));
  const answered = outcomes(new PolicyThread(10_000_000), slow, events).length;
  expect(answered).toBeGreaterThanOrEqual(1);
  expect(answered).toBeLessThan(50);
});
