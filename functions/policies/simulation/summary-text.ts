/** Decisions of a policy test in sentences. Pure. */
import {
  eventType,
  type EventTypeId,
  type RecordingDecision,
  type ResponseDecision,
  type RuleExplanation,
  type SessionEvent,
} from '../engine';
import { actionText, listed, quoted, typeName } from '../trigger-text';
import type { SimulationResult } from './simulation';

/** Whether and how the session is recorded, and who says so. */
export function recordingText(decision: RecordingDecision, policyName: string): string {
  const by =
    decision.ruleId === null
      ? `no rule of ${quoted(policyName)} applies, and the fallback rule records nothing`
      : `rule ${quoted(decision.ruleName)} of ${quoted(policyName)}`;
  if (decision.record === 'none') return `The session is not recorded: ${by}.`;
  const what = decision.record === 'eventsOnly' ? 'events only' : 'screen and events';
  const options = [
    ...(decision.audio ? ['with audio'] : []),
    ...(decision.lossy ? ['lossy'] : []),
    decision.notify ? 'the user is told' : 'the user is not told',
  ];
  return `The session is recorded, ${what}, ${options.join(', ')}: ${by}.`;
}

/** What happens in response to the event. */
export function responseText(
  decision: ResponseDecision | null,
  {
    policyName,
    event,
    rules,
  }: {
    policyName: string | undefined;
    event: Pick<SessionEvent, 'type'> | undefined;
    rules: readonly RuleExplanation[];
  },
): string {
  if (policyName === undefined) return 'Nothing is done about events: no event response policy is active.';
  if (!event) {
    const inScope = rules
      .filter(({ outcome }) => outcome === 'inScope')
      .map(({ ruleName }) => quoted(ruleName));
    return inScope.length === 0
      ? `Nothing is done about events of the session: it is in the scope of no rule of ${quoted(policyName)}.`
      : `Events of the session may be answered by ${listed(inScope)} of ${quoted(policyName)}: give an event to see.`;
  }
  if (!decision) return `Nothing is done about the event: no rule of ${quoted(policyName)} is met.`;
  const { ruleName, actions, operationDelaySeconds, recipients } = decision;
  const does = actions.map((action) => {
    if (action === 'sendEmail') return `${actionText(action)} to ${listed(recipients)}`;
    if (action === 'startScreenRecording' || operationDelaySeconds === 0) return actionText(action);
    return `${actionText(action)} after a notice of ${operationDelaySeconds} seconds`;
  });
  return `Rule ${quoted(ruleName)} of ${quoted(policyName)} answers the event: ${does.join(', ') || 'it does nothing'}.`;
}

type Sections = Omit<SimulationResult, 'notes'>;

/** Where one policy keeps another one from acting. */
export function notesOn(sections: Sections, type: EventTypeId | undefined): string[] {
  const { recording, eventDetection, eventResponse } = sections;
  const notes: string[] = [];
  const isRecorded = recording?.decision.action !== 'disable';
  if (!isRecorded && eventDetection.decision.eventTypes.length > 0)
    notes.push('The session is not recorded: none of its events is logged.');
  if (!eventResponse.decision || type === undefined) return notes;
  const { actions } = eventResponse.decision;
  if (eventType(type).detectable && !eventDetection.decision.eventIsLogged) {
    notes.push(
      `${typeName(type)} is not logged here: recording servers do not report such events, and the response is not set off.`,
    );
  }
  const screen = ['recordWithNotification', 'recordWithoutNotification'];
  if (actions.includes('startScreenRecording') && recording && screen.includes(recording.decision.action))
    notes.push('The screen is recorded anyway: starting to record it is skipped.');
  return notes;
}
