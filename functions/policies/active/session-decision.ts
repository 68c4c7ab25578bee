/** What the policies of a site say of one session: the answer that a recording server acts upon (CCL-5). */
import { z } from 'zod';
import { DETECTABLE_TYPE_IDS, RECORDING_ACTIONS } from '../engine';

const policyVersion = z
  .object({ policyId: z.string(), version: z.int() })
  .meta({ id: 'PolicyVersion', description: 'A version of a policy, which never changes' });

export const sessionDecisionSchema = z
  .object({
    action: z.enum(RECORDING_ACTIONS),
    record: z
      .enum(['full', 'eventsOnly', 'none'])
      .describe('The screen and events, only events, or nothing at all'),
    notify: z.boolean().describe('Whether the user is told'),
    audio: z.boolean(),
    lossy: z.boolean(),
    policyId: z.string().describe('The recording policy that decided'),
    policyVersion: z.int(),
    ruleId: z.string().nullable().describe('null: the fallback rule'),
    ruleName: z.string(),
    eventTypes: z.array(z.enum(DETECTABLE_TYPE_IDS)).describe('The types of events to log'),
    logPerformanceData: z.boolean(),
    preEventBufferSeconds: z
      .int()
      .describe('How much of the screen to keep in memory, so that a recording can begin before its event'),
    detectionPolicy: policyVersion.nullable(),
    responsePolicy: policyVersion.nullable(),
  })
  .meta({ id: 'SessionDecision', description: 'How a session is recorded, and what is logged of it' });

export type SessionDecision = z.output<typeof sessionDecisionSchema>;
