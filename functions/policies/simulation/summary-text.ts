/** Summaries and notes of simulations in sentences. Pure. */
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

/** Whether and how the session is recorded, and by which rule. */
export function recordingText(decision: RecordingDecision, policyName: string): string {
  const by =
    decision.ruleId === null
      ? `no rule of ${quoted(policyName)} applies, and the fallback rule records nothing`
      : `decided by rule ${quoted(decision.ruleName)} of ${quoted(policyName)}`;
  if (decision.record === 'none') return `The session is not recorded: ${by}.`;
  const content = decision.record === 'eventsOnly' ? 'events only' : 'screen and events';
  const options = [
    ...(decision.audio ? ['with audio'] : []),
    ...(decision.lossy ? ['lossy'] : []),
    decision.notify ? 'user notified' : 'user not notified',
  ];
  return `The session is recorded (${content}, ${options.join(', ')}): ${by}.`;
}

/** The response to the event. */
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
  if (policyName === undefined) return 'There is no response to events: no event response policy is active.';
  if (!event) {
    const inScope = rules
      .filter(({ outcome }) => outcome === 'inScope')
      .map(({ ruleName }) => quoted(ruleName));
    return inScope.length === 0
      ? `There is no response to events of the session: it is in the scope of no rule of ${quoted(policyName)}.`
      : `Rules in scope for events of the session: ${listed(inScope)} of ${quoted(policyName)}. Specify an event to see which one responds.`;
  }
  if (!decision) return `There is no response to the event: no rule of ${quoted(policyName)} matches.`;
  const { ruleName, actions, operationDelaySeconds, recipients } = decision;
  const actionList = actions.map((action) => {
    if (action === 'sendEmail') return `${actionText(action)} to ${listed(recipients)}`;
    if (action === 'startScreenRecording' || operationDelaySeconds === 0) return actionText(action);
    return `${actionText(action)} ${operationDelaySeconds} seconds after notifying the user`;
  });
  return `Rule ${quoted(ruleName)} of ${quoted(policyName)} responds to the event: ${actionList.join(', ') || 'no actions'}.`;
}

type Sections = Omit<SimulationResult, 'notes'>;

/** Notes where one policy prevents another one from taking effect. */
export function notesOn(sections: Sections, type: EventTypeId | undefined): string[] {
  const { recording, eventDetection, eventResponse } = sections;
  const notes: string[] = [];
  const isRecorded = recording?.decision.action !== 'disable';
  if (!isRecorded && eventDetection.decision.eventTypes.length > 0)
    notes.push('The session is not recorded, so none of its events are logged.');
  if (!eventResponse.decision || type === undefined) return notes;
  const { actions } = eventResponse.decision;
  if (eventType(type).detectable && !eventDetection.decision.eventIsLogged) {
    notes.push(
      `${typeName(type)} is not logged for this session: recording servers do not report such events, so there is no response.`,
    );
  }
  const screen = ['recordWithNotification', 'recordWithoutNotification'];
  if (actions.includes('startScreenRecording') && recording && screen.includes(recording.decision.action))
    notes.push('The screen is already recorded, so starting screen recording is skipped.');
  return notes;
}
