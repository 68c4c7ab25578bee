/** Simulates which rule of each policy would decide on a session or an event, and why the others would not. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import {
  compile,
  decide,
  type DetectionPolicy,
  detects,
  eventType,
  EventTooCostly,
  explain,
  lint,
  NO_DETECTION,
  respond,
  type ResponsePolicy,
  type RuleExplanation,
  type SessionEvent,
  type SessionFacts,
} from '../engine';
import { listed, quoted, typeName } from '../trigger-text';
import { loadSimulatedPolicy, type SimulatedPolicy } from './load-simulated-policy';
import type { Simulation, SimulationResult } from './simulation';
import { withConditions } from './rule-reasons';
import { notesOn, recordingText, responseText } from './summary-text';

interface RunSimulation {
  customerId: string;
  siteId: string;
  simulation: Simulation;
  newId: () => string;
  services: Pick<Services, 'database' | 'blobs' | 'clock'>;
}

type Event = Pick<SessionEvent, 'type' | 'data'>;
type Given = { session: SessionFacts | undefined; event: Event | undefined };

/** Evaluates the policies without side effects. @throws Problem `conflict` when the patterns take too long on the event */
export async function runSimulation(request: RunSimulation): Promise<SimulationResult> {
  try {
    return await simulate(request);
  } catch (error) {
    if (!(error instanceof EventTooCostly)) throw error;
    throw new Problem(
      'conflict',
      'The patterns of the event response policy take too long on this event, which would get no response: shorten them, or test a shorter text.',
      { cause: error },
    );
  }
}

async function simulate(request: RunSimulation): Promise<SimulationResult> {
  const { policies, session, event } = request.simulation;
  const [recording, detection, response] = await Promise.all([
    loadSimulatedPolicy({ ...request, kind: 'recording', requested: policies.recording }),
    loadSimulatedPolicy({ ...request, kind: 'eventDetection', requested: policies.eventDetection }),
    loadSimulatedPolicy({ ...request, kind: 'eventResponse', requested: policies.eventResponse }),
  ]);
  const facts = { session, event };
  const result = {
    recording: session && recording ? await simulateRecording(recording, session) : null,
    eventDetection: await simulateDetection(detection, facts),
    eventResponse: await simulateResponse(response, facts, detection?.policy ?? null),
  };
  return { ...result, notes: notesOn(result, event?.type) };
}

/** Yields to other requests before a step, which takes tenths of a second for a policy of several megabytes. */
async function step<T>(work: () => T): Promise<T> {
  await nextTurn();
  return work();
}

async function simulateRecording(simulated: SimulatedPolicy<'recording'>, session: SessionFacts) {
  const compiled = await step(() => compile(simulated.policy));
  const decision = decide(compiled, session);
  return {
    policy: simulated.view,
    summary: recordingText(decision, simulated.view.name),
    decision,
    rules: await step(() => explain(compiled, session)),
    findings: await step(() => lint(simulated.policy)),
  };
}

async function simulateDetection(
  simulated: SimulatedPolicy<'eventDetection'> | null,
  { session, event }: Given,
) {
  const compiled = simulated && (await step(() => compile(inScopeUnless(session, simulated.policy))));
  const facts = session ?? ANY_SESSION;
  const { eventTypes } = compiled ? detects(compiled, facts) : NO_DETECTION;
  const eventIsLogged = event ? (eventTypes as readonly string[]).includes(event.type) : null;
  const rules = compiled ? await step(() => explain(compiled, facts, event)) : [];
  return {
    policy: simulated?.view ?? null,
    summary: detectionText(simulated, eventTypes.length, event, rules),
    decision: { eventTypes: [...eventTypes], eventIsLogged },
    rules,
    findings: simulated ? await step(() => lint(simulated.policy)) : [],
  };
}

function detectionText(
  simulated: SimulatedPolicy<'eventDetection'> | null,
  typeCount: number,
  event: Event | undefined,
  rules: readonly RuleExplanation[],
): string {
  if (!simulated) return 'No events are logged: no event detection policy is active.';
  const by = rules.filter(({ outcome }) => outcome === 'decides').map(({ ruleName }) => quoted(ruleName));
  const policy = quoted(simulated.view.name);
  if (event && !eventType(event.type).detectable)
    return `${typeName(event.type)} needs no event detection policy: it is always reported.`;
  if (by.length === 0)
    return event
      ? `${typeName(event.type)} is not logged: no applicable rule of ${policy} includes it.`
      : `No events are logged: no rule of ${policy} applies.`;
  const types = typeCount === 1 ? '1 event type is' : `${typeCount} event types are`;
  const what = event ? `${typeName(event.type)} is` : types;
  return `${what} logged by ${listed(by)} of ${policy}.`;
}

async function simulateResponse(
  simulated: SimulatedPolicy<'eventResponse'> | null,
  { session, event }: Given,
  detection: DetectionPolicy | null,
) {
  const compiled = simulated && (await step(() => compile(inScopeUnless(session, simulated.policy))));
  const facts = session ?? ANY_SESSION;
  const decision = compiled && event ? respond(compiled, facts, event) : null;
  const rules = compiled ? await step(() => explain(compiled, facts, event)) : [];
  return {
    policy: simulated?.view ?? null,
    summary: responseText(decision, { policyName: simulated?.view.name, event, rules }),
    decision: decision && {
      ...decision,
      actions: [...decision.actions],
      recipients: [...decision.recipients],
    },
    rules: simulated ? withConditions(rules, simulated.policy, event) : [],
    findings: simulated ? await step(() => lint(simulated.policy, detection)) : [],
  };
}

/** Used when no session is given. */
const ANY_SESSION: SessionFacts = { user: { name: '', groups: [] }, tags: [] };

/** Without a session, every rule is assumed to be in scope. */
function inScopeUnless<P extends DetectionPolicy | ResponsePolicy>(
  session: SessionFacts | undefined,
  policy: P,
): P {
  return session
    ? policy
    : { ...policy, rules: policy.rules.map((rule) => ({ ...rule, scope: { everyone: true } as const })) };
}
