/** What the service asks active policies, and the answers; the same on the main thread and on worker threads. */
import {
  type CompiledDetectionPolicy,
  type CompiledRecordingPolicy,
  type CompiledResponsePolicy,
  decide,
  type DetectableTypeId,
  detects,
  EventTooCostly,
  type EventTypeId,
  preEventSeconds,
  type RecordingDecision,
  respond,
  type ResponseDecision,
  type SessionEvent,
  type SessionFacts,
  typesWithTriggers,
} from '../engine';
import type { AnyCompiled } from './policy-cache';

/** Questions by name, each with its input, its answer, and the kind of policy that it is put to. */
export interface Questions {
  /** How a session is recorded. */
  decide: { kind: 'recording'; input: SessionFacts; answer: RecordingDecision };
  /** Which events of a session are logged. */
  detects: { kind: 'eventDetection'; input: SessionFacts; answer: ReturnType<typeof detects> };
  /** The event types that some rule logs, sorted. */
  loggedTypes: { kind: 'eventDetection'; input: null; answer: DetectableTypeId[] };
  /** How much of the screen before an event a server must buffer. */
  preEventSeconds: { kind: 'eventResponse'; input: SessionFacts; answer: number };
  /** The event types that some rule has a trigger for. */
  triggerTypes: { kind: 'eventResponse'; input: null; answer: EventTypeId[] };
  /** The responses to the first events, as many as fit into a slice of time; at least one. */
  respond: {
    kind: 'eventResponse';
    input: { facts: SessionFacts; events: readonly SessionEvent[] };
    answer: ResponseOutcome[];
  };
}

export type QuestionName = keyof Questions;

/** The response to an event, null when there is none, or `tooCostly` when the patterns of the policy take too long. */
export type ResponseOutcome = ResponseDecision | null | 'tooCostly';

/** A question as it is sent to a worker thread. */
export type Question = {
  [Name in QuestionName]: { name: Name; input: Questions[Name]['input'] };
}[QuestionName];

/** After this time the questions of other customers have their turn. */
const SLICE_MS = 20;

/** Answers a question; the policy must be of its kind. */
export function answerQuestion(
  policy: AnyCompiled,
  { name, input }: Question,
): Questions[QuestionName]['answer'] {
  switch (name) {
    case 'decide':
      return decide(policy as CompiledRecordingPolicy, input);
    case 'detects':
      return detects(policy as CompiledDetectionPolicy, input);
    case 'loggedTypes':
      return [
        ...new Set((policy as CompiledDetectionPolicy).policy.rules.flatMap((rule) => rule.eventTypes)),
      ].toSorted();
    case 'preEventSeconds':
      return preEventSeconds(policy as CompiledResponsePolicy, input);
    case 'triggerTypes':
      return [...typesWithTriggers(policy as CompiledResponsePolicy)];
    case 'respond':
      return respondInSlice(policy as CompiledResponsePolicy, input.facts, input.events);
  }
}

function respondInSlice(
  policy: CompiledResponsePolicy,
  facts: SessionFacts,
  events: readonly SessionEvent[],
): ResponseOutcome[] {
  const end = performance.now() + SLICE_MS;
  const outcomes: ResponseOutcome[] = [];
  for (const event of events) {
    outcomes.push(respondTo(policy, facts, event));
    if (performance.now() > end) break;
  }
  return outcomes;
}

function respondTo(
  policy: CompiledResponsePolicy,
  facts: SessionFacts,
  event: SessionEvent,
): ResponseOutcome {
  try {
    return respond(policy, facts, event);
  } catch (error) {
    if (error instanceof EventTooCostly) return 'tooCostly';
    throw error;
  }
}
