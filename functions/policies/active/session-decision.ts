/** The decision of the policies of a site on one session, which its recording server carries out (CCL-5). */
import { z } from 'zod';
import { DETECTABLE_TYPE_IDS, RECORDED_CONTENTS, RECORDING_ACTIONS } from '../engine';

const policyVersion = z
  .object({ policyId: z.string(), version: z.int() })
  .meta({ id: 'PolicyVersion', description: 'An immutable version of a policy' });

export const sessionDecisionSchema = z
  .object({
    action: z.enum(RECORDING_ACTIONS),
    record: z
      .enum(RECORDED_CONTENTS)
      .describe('full: screen and events; eventsOnly: only events; none: nothing'),
    notify: z.boolean().describe('Whether the user is notified'),
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
      .describe('How much of the screen to buffer in memory, so that a recording can start before its event'),
    detectionPolicy: policyVersion.nullable(),
    responsePolicy: policyVersion.nullable(),
  })
  .meta({ id: 'SessionDecision', description: 'How a session is recorded and which events are logged' });

export type SessionDecision = z.output<typeof sessionDecisionSchema>;
