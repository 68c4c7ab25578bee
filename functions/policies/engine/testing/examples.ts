/** Sessions, rules and triggers for tests, with defaults for everything that a test does not specify. */
import type { EventTypeId } from '../model/event-types';
import type {
  DetectionPolicy,
  DetectionRule,
  RecordingPolicy,
  RecordingRule,
  ResponsePolicy,
  ResponseRule,
} from '../model/policy';
import type { SessionFacts } from '../model/session';
import type { Trigger } from '../model/trigger';

const ADA: SessionFacts = {
  user: { name: 'CONTOSO\\ada', groups: [{ name: 'CONTOSO\\Finance' }] },
  tags: [],
};

/** A session of Ada of Finance by default. */
export const session = (facts: Partial<SessionFacts> = {}): SessionFacts => ({ ...ADA, ...facts });

/** A scope that Ada is in. */
export const FINANCE = { groups: [{ name: 'contoso\\finance' }] };
/** A scope that Ada is not in. */
export const LEGAL = { groups: [{ name: 'contoso\\legal' }] };

const common = {
  id: 'rule',
  createdAt: '2026-01-01T00:00:00.000Z',
  name: 'Rule',
  description: '',
  scope: FINANCE,
};

function policy<Kind extends string, Rule extends object>(
  kind: Kind,
  defaults: Rule,
  rules: readonly Partial<Rule>[],
) {
  const filled = rules.map((rule, index) => ({
    ...defaults,
    id: `rule-${index}`,
    name: `Rule ${index}`,
    ...rule,
  }));
  return { kind, name: 'Policy', description: '', rules: filled };
}

export function recordingPolicy(...rules: Partial<RecordingRule>[]): RecordingPolicy {
  return policy<'recording', RecordingRule>(
    'recording',
    { ...common, action: 'disable', audio: false, lossy: false },
    rules,
  );
}

export function detectionPolicy(...rules: Partial<DetectionRule>[]): DetectionPolicy {
  return policy<'eventDetection', DetectionRule>('eventDetection', { ...common, eventTypes: [] }, rules);
}

export function responsePolicy(...rules: Partial<ResponseRule>[]): ResponsePolicy {
  const options = { minutesAfter: null, secondsBefore: null, lossy: false };
  const defaults: ResponseRule = {
    ...common,
    triggers: [],
    recipients: '',
    recordingOptions: options,
    operationDelaySeconds: 0,
  };
  return policy('eventResponse', defaults, rules);
}

/** A trigger without actions. */
export function trigger(eventType: EventTypeId, ...conditions: Trigger['conditions']): Trigger {
  return { eventType, conditions, description: '', actions: [] };
}
