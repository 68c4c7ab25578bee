/** A session, and a policy that answers one of its events, for tests of the pipeline. */
import type { Session } from '../../functions/sessions';
import type { Action, ResponsePolicy } from '../../functions/policies/engine';

/** A session of Ada that is recorded as its decision says. */
export function sampleSession(
  given: Pick<Session, 'id' | 'customerId' | 'siteId' | 'serverId' | 'startedAt' | 'state'>,
  record: Session['decision']['record'],
): Session {
  return {
    ...given,
    sessionKey: 'logon 1',
    facts: { user: { name: 'CONTOSO\\ada', groups: [] }, tags: [] },
    decision: {
      action: 'eventOnlyWithoutNotification',
      record,
      notify: false,
      audio: false,
      lossy: false,
      policyId: 'p',
      policyVersion: 1,
      ruleId: null,
      ruleName: 'Rule',
      eventTypes: ['appStart'],
      logPerformanceData: false,
      preEventBufferSeconds: 0,
      detectionPolicy: null,
      responsePolicy: null,
    },
  };
}

/** A policy that answers the start of an app in Ada's sessions with these actions. */
export function samplePolicy(
  actions: Action[],
  operationDelaySeconds: number,
  recipients = 'soc@contoso.example',
): ResponsePolicy {
  const rule = {
    id: 'rule',
    createdAt: '2030-01-01T00:00:00.000Z',
    name: 'Rule',
    description: '',
    scope: { users: [{ name: 'contoso\\ADA' }] },
    triggers: [
      { eventType: 'appStart' as const, conditions: [], description: 'An app was started', actions },
    ],
    recipients,
    recordingOptions: { minutesAfter: 5, secondsBefore: 3, lossy: true },
    operationDelaySeconds,
  };
  return { kind: 'eventResponse', name: 'Answers', description: '', rules: [rule] };
}
