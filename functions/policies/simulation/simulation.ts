/** Schemas of requests and results of simulations. */
import { z } from 'zod';
import { instant } from '../../../shared/http/fields';
import {
  ACTIONS,
  DETECTABLE_TYPE_IDS,
  detectionPolicySchema,
  EVENT_TYPE_IDS,
  findingSchema,
  RECORDING_ACTIONS,
  recordingPolicySchema,
  responsePolicySchema,
  ruleExplanationSchema,
  type SessionEvent,
  sessionEventSchema,
  sessionFactsSchema,
} from '../engine';

/** Facts of a session; groups and tags are optional. */
const { user, tags } = sessionFactsSchema.shape;
const simulatedSession = sessionFactsSchema
  .extend({ user: user.extend({ groups: user.shape.groups.default([]) }), tags: tags.default([]) })
  .meta({ id: 'TestedSession', description: 'The session to simulate' });

/** Parses the event as if a recording server had reported it. */
function asReported({ type, data }: Pick<SessionEvent, 'type' | 'data'>) {
  const event = { id: '00000000-0000-4000-8000-000000000000', type, time: '2000-01-01T00:00:00Z', data };
  return sessionEventSchema.safeParse(event);
}

const simulatedEvent = z
  .strictObject({
    type: z.enum(EVENT_TYPE_IDS),
    data: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .default({})
      .describe('As recording servers report it: sizes in bytes, idle time in seconds'),
    id: z.uuid().optional().describe('Ignored'),
    time: instant.optional().describe('Ignored'),
  })
  .superRefine((event, context) => {
    for (const issue of asReported(event).error?.issues ?? []) {
      const paths =
        issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      for (const path of paths) {
        const message =
          issue.code === 'unrecognized_keys' ? 'Events of this type have no such field' : issue.message;
        context.addIssue({ code: 'custom', path, message });
      }
    }
  })
  .transform((event) => ({ ...event, data: asReported(event).data?.data ?? {} }))
  .meta({ id: 'TestedEvent', description: 'The event to simulate' });

function simulatedPolicy<Body extends z.ZodType>(draft: Body) {
  return z
    .strictObject({
      policyId: z.string().max(100).optional().describe('A policy of the site'),
      version: z.int().min(1).optional().describe('A version of the policy; default: the newest one'),
      draft: draft
        .optional()
        .describe(
          'A policy that is not saved; with `policyId`, a new version of that policy, whose rules keep their creation times',
        ),
    })
    .superRefine(({ policyId, version, draft: body }, context) => {
      const reject = (path: string, message: string) =>
        context.addIssue({ code: 'custom', path: [path], message });
      if (policyId === undefined && body === undefined)
        reject('policyId', 'Specify a policy, a draft, or both');
      if (version !== undefined && (policyId === undefined || body !== undefined))
        reject('version', 'A version requires a policy without a draft');
    })
    .optional();
}

export const simulationSchema = z
  .strictObject({
    session: simulatedSession.optional(),
    event: simulatedEvent.optional(),
    policies: z
      .strictObject({
        recording: simulatedPolicy(recordingPolicySchema),
        eventDetection: simulatedPolicy(detectionPolicySchema),
        eventResponse: simulatedPolicy(responsePolicySchema),
      })
      .default({})
      .describe('The policies to simulate; default for each kind: the active policy'),
  })
  .refine(
    ({ session, event }) => session !== undefined || event !== undefined,
    'Specify a session, an event, or both',
  )
  .meta({
    id: 'PolicyTest',
    description:
      'An event without a session is simulated for a session in the scope of every rule; there is no recording decision then.',
  });

export type Simulation = z.output<typeof simulationSchema>;

const simulatedPolicyView = z.object({
  policyId: z.string().nullable().describe('null for a draft of a new policy'),
  version: z.int().nullable().describe('null for a draft'),
  name: z.string(),
  source: z.enum(['active', 'saved', 'draft']),
});
export type SimulatedPolicyView = z.input<typeof simulatedPolicyView>;

function section<Decision extends z.ZodType>(decision: Decision) {
  return z.object({
    policy: simulatedPolicyView.nullable().describe('null where none is active'),
    summary: z.string().describe('The decision in a sentence'),
    decision,
    rules: z
      .array(ruleExplanationSchema)
      .describe('By position; for each rule that does not decide, the reason'),
    findings: z.array(findingSchema).describe('Probable mistakes in the policy'),
  });
}

const recordingDecision = z.object({
  action: z.enum(RECORDING_ACTIONS),
  notify: z.boolean(),
  audio: z.boolean(),
  lossy: z.boolean(),
  ruleId: z.string().nullable().describe('null: the fallback rule'),
  ruleName: z.string(),
});

const detectionDecision = z.object({
  eventTypes: z.array(z.enum(DETECTABLE_TYPE_IDS)).describe('The event types that are logged'),
  eventIsLogged: z.boolean().nullable().describe('null without an event'),
});

const responseDecision = z
  .object({
    ruleId: z.string(),
    ruleName: z.string(),
    actions: z.array(z.enum(ACTIONS)).describe('In the order of execution'),
    recipients: z.array(z.string()),
    operationDelaySeconds: z.int(),
  })
  .nullable()
  .describe('null if no rule responds to the event, or without an event');

export const simulationResult = z
  .object({
    recording: section(recordingDecision).nullable().describe('null without a session'),
    eventDetection: section(detectionDecision),
    eventResponse: section(responseDecision),
    notes: z.array(z.string()).describe('Where one policy prevents another one from taking effect'),
  })
  .meta({ id: 'PolicyTestResult' });

export type SimulationResult = z.input<typeof simulationResult>;
