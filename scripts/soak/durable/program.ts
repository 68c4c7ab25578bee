/** Random orchestrations: lists of steps as data, which the one orchestrator of the soak app interprets. */
import type { Random } from '../../../infra/local/stand-in-support/random';

/** `id` is unique in its program. `flaky` fails this many times before it succeeds; `failing` always fails. */
export type Step =
  | { kind: 'activity'; id: string; ms: number }
  | { kind: 'failing'; id: string }
  | { kind: 'flaky'; id: string; failures: number }
  | { kind: 'timer'; id: string; ms: number }
  /** An activity against a timer that it cancels. */
  | { kind: 'race'; id: string; ms: number }
  | { kind: 'event'; id: string }
  | { kind: 'all'; id: string; steps: Step[] }
  | { kind: 'child'; id: string; steps: Step[] }
  | { kind: 'flakyChild'; id: string; failures: number };

export interface Program {
  /** Each but the last ends by continue-as-new. */
  generations: Step[][];
  /** Whether all its events are raised before it waits for any; else each when it is waited for. */
  hasEarlyEvents: boolean;
}

const MAX_ACTIVITY_MS = 150;
const MAX_FAN_OUT = 12;

/** The same numbers make the same program. */
export function randomProgram(random: Random): Program {
  const hasEarlyEvents = random.chance(0.4);
  // Events that arrive before an orchestration waits are lost when it continues as new, in Azure as here.
  const count = hasEarlyEvents ? 1 : random.between(1, 3);
  const generations = Array.from({ length: count }, (_, index) =>
    randomSteps(random, `${index}`, random.between(2, 5), 2),
  );
  return { generations, hasEarlyEvents };
}

/** The names of the events that a program waits for. */
export function eventsOf({ generations }: Program): string[] {
  return generations.flat().flatMap((step) => (step.kind === 'event' ? [step.id] : []));
}

function randomSteps(random: Random, prefix: string, count: number, depth: number): Step[] {
  return Array.from({ length: count }, (_, index) => randomStep(random, `${prefix}.${index}`, depth));
}

function randomStep(random: Random, id: string, depth: number): Step {
  const ms = random.below(MAX_ACTIVITY_MS);
  const simple: (() => Step)[] = [
    () => ({ kind: 'activity', id, ms }),
    () => ({ kind: 'failing', id }),
    () => ({ kind: 'flaky', id, failures: random.between(1, 3) }),
    () => ({ kind: 'timer', id, ms: 3 * ms }),
    () => ({ kind: 'race', id, ms }),
    () => ({ kind: 'flakyChild', id, failures: random.between(1, 2) }),
  ];
  if (depth === 0) return random.pick(simple)();
  // Failures do not meet in a fan-out: what follows one that failed early is numbered differently by SDK and extension.
  const members = (): Step[] =>
    Array.from({ length: random.between(2, MAX_FAN_OUT) }, (_, index) => ({
      kind: 'activity',
      id: `${id}.${index}`,
      ms: random.below(MAX_ACTIVITY_MS),
    }));
  return random.pick<() => Step>([
    ...simple,
    () => ({ kind: 'all', id, steps: members() }),
    () => ({ kind: 'all', id, steps: members() }),
    () => ({ kind: 'child', id, steps: randomSteps(random, id, random.between(1, 3), 0) }),
    // Only the top level waits for events.
    ...(depth === 2 ? [(): Step => ({ kind: 'event', id })] : []),
  ])();
}
