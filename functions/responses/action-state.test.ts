import fc from 'fast-check';
import { type Action, ACTIONS } from '../policies/engine';
import {
  actionOf,
  claim as claimWith,
  defer,
  finish,
  markSent,
  MAX_ATTEMPTS,
  resend,
  retryLater,
  waitingActions,
} from './action-state';
import type { EventResponse } from './event-response';

const START = Date.parse('2030-01-15T12:00:00.000Z');

const response = (actions: readonly Action[], operationDelaySeconds = 0): EventResponse => ({
  id: 'event',
  siteId: 'site',
  sessionId: 'session',
  serverId: 'server',
  eventType: 'appStart',
  eventTime: '2030-01-15T12:00:00.000Z',
  at: '2030-01-15T12:00:00.000Z',
  policyId: 'policy',
  policyVersion: 1,
  ruleId: 'rule',
  ruleName: 'Rule',
  triggers: [],
  recipients: [],
  recordingOptions: { minutesAfter: null, secondsBefore: null, lossy: false },
  operationDelaySeconds,
  actions: actions.map((kind) => ({ kind, state: 'pending', attempts: 0 })),
  searchedBy: [],
  dueAt: '2030-01-15T12:01:00.000Z',
});
const at = (seconds: number) => new Date(START + seconds * 1000);
const claim = (given: EventResponse, kind: Action, now: Date) => claimWith(given, kind, now, 'claim');

/** The response after a claim that must succeed. */
function begun(given: EventResponse, kind: Action, seconds: number) {
  const step = claim(given, kind, at(seconds));
  if (step.can !== 'begin') throw new Error(`cannot begin: ${step.can}`);
  return step;
}

describe('an action', () => {
  it('is begun by one worker: to others there is nothing to do while it may live', () => {
    const first = begun(response(['sendEmail']), 'sendEmail', 0);
    expect(claim(first.response, 'sendEmail', at(119))).toEqual({ can: 'leave' });
  });

  it('is begun again when its worker has not been heard of for longer than it can take', () => {
    const first = begun(response(['sendEmail']), 'sendEmail', 0);
    expect(begun(first.response, 'sendEmail', 121).attempt).toBe(2);
  });

  it('is not ended by a retry of a worker whom another one has replaced', () => {
    const first = begun(response(['sendEmail']), 'sendEmail', 0);
    const second = begun(first.response, 'sendEmail', 121);
    expect(
      retryLater(
        second.response,
        'sendEmail',
        first.attempt,
        { reason: 'slow', reasonCode: 'mailNotSent' },
        at(122),
      ),
    ).toBeUndefined();
    expect(defer(second.response, 'sendEmail', first.attempt, 5, at(122))).toBeUndefined();
  });

  it('waits longer after each failure, about as long as a mail server puts off strangers, then is given up', () => {
    let given = response(['sendEmail']);
    let seconds = 0;
    const pauses = [];
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const { response: claimed } = begun(given, 'sendEmail', seconds);
      const later = retryLater(
        claimed,
        'sendEmail',
        attempt,
        { reason: '451 later', reasonCode: 'mailNotSent' },
        at(seconds),
      );
      if (!later) throw new Error('the claim was lost');
      given = later.response;
      if (later.delaySeconds === undefined) break;
      pauses.push(later.delaySeconds);
      expect(claim(given, 'sendEmail', at(seconds + later.delaySeconds - 1)).can).toBe('wait');
      seconds += later.delaySeconds;
    }
    expect(pauses).toEqual([10, 30, 90, 270]);
    expect(claim(given, 'sendEmail', at(seconds))).toEqual({ can: 'giveUp' });
    expect(actionOf(given, 'sendEmail')?.reason).toBe('451 later');
  });

  it('does not lose an attempt to a turn that has not come', () => {
    const { response: claimed, attempt } = begun(response(['sendEmail']), 'sendEmail', 0);
    const put = defer(claimed, 'sendEmail', attempt, 30, at(0));
    expect(put && begun(put, 'sendEmail', 30).attempt).toBe(1);
  });

  it('is found by its kind and its state, as they are now', () => {
    const { response: claimed } = begun(response(['sendEmail', 'lockSession']), 'sendEmail', 0);
    const failed = finish(claimed, 'sendEmail', { state: 'failed' }, at(1));
    expect(failed?.searchedBy.toSorted()).toEqual(
      ['failed', 'lockSession', 'lockSession pending', 'pending', 'sendEmail', 'sendEmail failed'].toSorted(),
    );
  });

  it('ends once', () => {
    const done = finish(response(['sendEmail']), 'sendEmail', { state: 'done' }, at(5));
    expect(done && actionOf(done, 'sendEmail')).toEqual({
      kind: 'sendEmail',
      state: 'done',
      attempts: 0,
      finishedAt: at(5).toISOString(),
    });
    expect(done?.dueAt).toBeUndefined();
    expect(done && finish(done, 'sendEmail', { state: 'failed' }, at(6))).toBeUndefined();
  });
});

it("whose command was sent is left alone until its time is over, then looked up, and stands in nobody's way", () => {
  const { response: claimed, attempt } = begun(response(['lockSession', 'logOffSession']), 'lockSession', 0);
  expect(claim(claimed, 'logOffSession', at(0)).can).toBe('wait');
  const sent = markSent(claimed, 'lockSession', attempt, 'command', 480, at(1));
  if (!sent) throw new Error('the claim was lost');
  expect(actionOf(sent, 'lockSession')).toMatchObject({ state: 'sent', commandId: 'command' });
  expect(claim(sent, 'logOffSession', at(1)).can).toBe('begin');
  expect(claim(sent, 'lockSession', at(480)).can).toBe('leave');
  expect(claim(sent, 'lockSession', at(481)).can).toBe('conclude');
  expect(resend(sent, at(481)).kinds).toContain('lockSession');
  expect(markSent(sent, 'lockSession', attempt, 'command', 480, at(2))).toBeUndefined();
});

describe('commands to a session', () => {
  const all = response(ACTIONS);

  it('keep their order, and no mail holds them up', () => {
    expect(claim(all, 'logOffSession', at(0)).can).toBe('wait');
    expect(claim(all, 'startScreenRecording', at(0)).can).toBe('begin');
    expect(claim(all, 'sendEmail', at(0)).can).toBe('begin');
    const started = finish(all, 'startScreenRecording', { state: 'done' }, at(1));
    expect(started && claim(started, 'lockSession', at(1)).can).toBe('begin');
    expect(started && claim(started, 'disconnectSession', at(1)).can).toBe('wait');
  });

  it('with a notice wait for the start of the recording alone', () => {
    const delayed = response(ACTIONS, 60);
    expect(claim(delayed, 'logOffSession', at(0)).can).toBe('wait');
    const started = finish(delayed, 'startScreenRecording', { state: 'skipped' }, at(1));
    expect(started && claim(started, 'logOffSession', at(1)).can).toBe('begin');
  });
});

it('never has two workers for an action, never leaves a final state, and is monitored until then', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('claim' as const), kind: fc.constantFrom(...ACTIONS) }),
    fc.record({ do: fc.constant('end' as const), worker: fc.nat(20) }),
    fc.record({ do: fc.constant('retry' as const), worker: fc.nat(20) }),
    fc.record({ do: fc.constant('resend' as const) }),
    fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 200 }) }),
  );
  fc.assert(
    fc.property(
      fc.subarray([...ACTIONS], { minLength: 1 }),
      fc.array(step, { maxLength: 60 }),
      (kinds, steps) => {
        let given = response(kinds);
        let seconds = 0;
        const workers: { kind: Action; attempt: number; until: number }[] = [];
        const ended = new Map<Action, string>();
        for (const next of steps) {
          if (next.do === 'wait') seconds += next.seconds;
          if (next.do === 'resend') given = resend(given, at(seconds)).response;
          if (next.do === 'claim') {
            const claimed = claim(given, next.kind, at(seconds));
            if (claimed.can !== 'begin') continue;
            expect(workers.some(({ kind, until }) => kind === next.kind && until > seconds)).toBe(false);
            expect(claimed.attempt).toBeLessThanOrEqual(MAX_ATTEMPTS);
            workers.push({ kind: next.kind, attempt: claimed.attempt, until: seconds + 120 });
            given = claimed.response;
          }
          if (next.do === 'end' || next.do === 'retry') {
            const worker = workers[next.worker];
            if (!worker) continue;
            worker.until = 0;
            const stepped =
              next.do === 'end'
                ? finish(given, worker.kind, { state: 'done', reason: String(seconds) }, at(seconds))
                : retryLater(
                    given,
                    worker.kind,
                    worker.attempt,
                    { reason: 'again', reasonCode: 'mailNotSent' },
                    at(seconds),
                  )?.response;
            given = stepped ?? given;
          }
          for (const action of given.actions) {
            if (action.state !== 'done') continue;
            ended.set(action.kind, ended.get(action.kind) ?? JSON.stringify(action));
            expect(JSON.stringify(action)).toBe(ended.get(action.kind));
          }
          const isOpen = given.actions.some(({ state }) => state !== 'done');
          if (isOpen) expect(given.dueAt).toBeDefined();
        }
      },
    ),
  );
});

it('sends again what waits and what was left, not what is being worked on', () => {
  const { response: claimed } = begun(response(['sendEmail', 'lockSession']), 'sendEmail', 0);
  expect(resend(claimed, at(60)).kinds).toEqual(['lockSession']);
  expect(resend(claimed, at(121)).kinds).toEqual(['sendEmail', 'lockSession']);
  expect(waitingActions(claimed, at(121))).toEqual(['lockSession']);
});
