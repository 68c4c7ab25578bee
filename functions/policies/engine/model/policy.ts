/** The three kinds of policies: schemas of what administrators send, types of what is stored. */
import { z } from 'zod';
import { DETECTABLE_TYPE_IDS } from './event-types';
import { parseRecipients, recipientsSchema } from './recipients';
import { problemOfPatterns } from './pattern-limits';
import { scopeSchema } from './scope';
import {
  line,
  lines,
  MAX_DESCRIPTION_CHARACTERS,
  MAX_NAME_CHARACTERS,
} from '../../../../shared/pure/text-fields';
import { triggerSchema } from './trigger';

const MAX_RULES = 5_000;
const MAX_TRIGGERS = 1_000;
/** The longest session that the service supports: 31 days. */
const MAX_MINUTES_AFTER = 31 * 24 * 60;
const MAX_SECONDS_BEFORE = 120;
const MAX_DELAY_SECONDS = 86_400;

export const RECORDING_ACTIONS = [
  'recordWithNotification',
  'recordWithoutNotification',
  'eventOnlyWithNotification',
  'eventOnlyWithoutNotification',
  'disable',
] as const;
export type RecordingAction = (typeof RECORDING_ACTIONS)[number];

const nameSchema = line(MAX_NAME_CHARACTERS);
const descriptionSchema = lines(MAX_DESCRIPTION_CHARACTERS).default('');

const ruleFields = {
  id: z
    .uuid()
    .toLowerCase()
    .optional()
    .meta({ description: 'Id of an existing rule; a rule without id is new' }),
  name: nameSchema,
  description: descriptionSchema,
  scope: scopeSchema,
};

const ONLY_FULL =
  'Available only with full recording: omit it, or choose recordWithNotification or recordWithoutNotification';

const recordingRuleSchema = z
  .strictObject({
    ...ruleFields,
    action: z.enum(RECORDING_ACTIONS),
    audio: z.boolean().default(false).meta({ description: 'Non-optimised HDX audio; full recording only' }),
    lossy: z.boolean().default(false).meta({ description: 'Lossy screen recording; full recording only' }),
  })
  .superRefine((rule, context) => {
    if (recordsScreen(rule.action)) return;
    for (const option of ['audio', 'lossy'] as const) {
      if (rule[option]) context.addIssue({ code: 'custom', path: [option], message: ONLY_FULL });
    }
  })
  .meta({ id: 'RecordingRule' });

const detectionRuleSchema = z
  .strictObject({
    ...ruleFields,
    eventTypes: z
      .array(z.enum(DETECTABLE_TYPE_IDS))
      .max(100)
      .overwrite((given) => DETECTABLE_TYPE_IDS.filter((id) => given.includes(id)))
      .meta({ description: 'The event types to log' }),
  })
  .meta({ id: 'EventDetectionRule' });

const recordingOptionsSchema = z
  .strictObject({
    minutesAfter: z.int().min(0).max(MAX_MINUTES_AFTER).nullable().default(null).meta({
      description: 'How long to record the screen after an event; 0 or null: until the session ends',
    }),
    secondsBefore: z.int().min(0).max(MAX_SECONDS_BEFORE).nullable().default(null).meta({
      description: 'How much of the screen before an event to include; 1 to 10 mean 10; 0 or null: nothing',
    }),
    lossy: z.boolean().default(false),
  })
  .meta({ id: 'DynamicRecordingOptions' });

const NO_RECORDING_OPTIONS = { minutesAfter: null, secondsBefore: null, lossy: false };

const responseRuleSchema = z
  .strictObject({
    ...ruleFields,
    triggers: z.array(triggerSchema).max(MAX_TRIGGERS),
    recipients: recipientsSchema.default(''),
    recordingOptions: recordingOptionsSchema.default(NO_RECORDING_OPTIONS),
    operationDelaySeconds: z.int().min(0).max(MAX_DELAY_SECONDS).default(0).meta({
      description:
        'How long to notify the user before a session is locked, disconnected or logged off; 0: immediately, without notification',
    }),
  })
  .superRefine((rule, context) => {
    const sendsEmail = rule.triggers.some((trigger) => trigger.actions.includes('sendEmail'));
    if (sendsEmail && parseRecipients(rule.recipients).length === 0) {
      const message = 'A trigger sends e-mail: specify at least one recipient';
      context.addIssue({ code: 'custom', path: ['recipients'], message });
    }
  })
  .meta({ id: 'EventResponseRule' });

const DUPLICATE_ID = 'Another rule has this id: omit the id of a new rule';

/** `problemOf`: why rules that are valid on their own are refused together. */
function policySchema<Rule extends z.ZodType<{ id?: string | undefined }>>(
  rule: Rule,
  problemOf: (rules: z.output<Rule>[]) => string | undefined = () => undefined,
) {
  return z.strictObject({
    name: nameSchema,
    description: descriptionSchema,
    rules: z
      .array(rule)
      .max(MAX_RULES)
      .superRefine((rules, context) => {
        const seen = new Set<string>();
        for (const [index, { id }] of rules.entries()) {
          if (id === undefined) continue;
          if (seen.has(id)) {
            context.addIssue({ code: 'custom', path: [index, 'id'], message: DUPLICATE_ID });
          }
          seen.add(id);
        }
        const message = problemOf(rules);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      }),
  });
}

export const recordingPolicySchema = policySchema(recordingRuleSchema).meta({ id: 'RecordingPolicyBody' });
export const detectionPolicySchema = policySchema(detectionRuleSchema).meta({
  id: 'EventDetectionPolicyBody',
});
export const responsePolicySchema = policySchema(responseRuleSchema, problemOfPatterns).meta({
  id: 'EventResponsePolicyBody',
});

/** A rule as stored, with the id and creation time (RFC 3339 UTC) that the service assigned. */
export type Stored<Rule> = Readonly<Omit<Rule, 'id'> & { id: string; createdAt: string }>;

interface StoredPolicy<Kind extends string, Rule> {
  readonly kind: Kind;
  readonly name: string;
  readonly description: string;
  readonly rules: readonly Stored<Rule>[];
}

export type RecordingPolicy = StoredPolicy<'recording', z.infer<typeof recordingRuleSchema>>;
export type DetectionPolicy = StoredPolicy<'eventDetection', z.infer<typeof detectionRuleSchema>>;
export type ResponsePolicy = StoredPolicy<'eventResponse', z.infer<typeof responseRuleSchema>>;
export type Policy = RecordingPolicy | DetectionPolicy | ResponsePolicy;
export type PolicyKind = Policy['kind'];

export type RecordingRule = RecordingPolicy['rules'][number];
export type DetectionRule = DetectionPolicy['rules'][number];
export type ResponseRule = ResponsePolicy['rules'][number];

/**
 * Assigns id and creation time to every rule: a rule with the id of a rule of the previous version keeps both, any other
 * rule is new. `now` is RFC 3339 UTC.
 */
export function stampRules<Rule extends { id?: string | undefined }>(
  rules: readonly Rule[],
  previous: readonly { id: string; createdAt: string }[],
  { newId, now }: { newId: () => string; now: string },
): Stored<Rule>[] {
  const known = new Map(previous.map((rule) => [rule.id, rule.createdAt]));
  return rules.map((rule) => {
    const createdAt = rule.id === undefined ? undefined : known.get(rule.id);
    return rule.id !== undefined && createdAt !== undefined
      ? { ...rule, id: rule.id, createdAt }
      : { ...rule, id: newId(), createdAt: now };
  });
}

/** Whether an action records the screen, not only events. */
export function recordsScreen(action: RecordingAction): boolean {
  return action === 'recordWithNotification' || action === 'recordWithoutNotification';
}
