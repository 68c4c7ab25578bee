/** Findings of lint, as the API returns them. */
import { z } from 'zod';

/** All codes of findings with their meaning. Clients may rely on the codes; messages may change. */
const CODES = {
  'never-matches': 'a rule, trigger, condition or pattern can never match',
  'shadowed-rule': 'a rule never takes effect, because others take precedence and cover it',
  'shadowed-trigger':
    'a trigger never takes effect, because other rules take precedence and match the same events or more',
  'type-not-logged':
    'a trigger is for an event type that the active event detection policy does not log, or not for the sessions of the rule',
  'duplicate-trigger': 'a trigger matches the same events as an earlier one of its rule',
  'matches-everything': 'a pattern matches every line of text',
  'pattern-too-large':
    'a pattern was saved before the size of patterns was limited: events on which it takes too long get no response',
  'no-actions': 'a trigger has no actions',
  'not-all-compared': 'the policy is too large for all of its rules and triggers to be compared',
  'more-findings': 'there are more findings than listed',
} as const;

type FindingCode = keyof typeof CODES;

const coverageSchema = z
  .strictObject({
    ruleId: z.string(),
    triggerPosition: z.int().nullable().meta({ description: 'From 0; null: the rule as a whole' }),
  })
  .meta({ id: 'PolicyFindingCoverage' });

export const findingSchema = z
  .strictObject({
    code: z.enum(Object.keys(CODES) as FindingCode[]).meta({
      description: Object.entries(CODES)
        .map(([code, meaning]) => `${code}: ${meaning}`)
        .join('; '),
    }),
    pointer: z.string().meta({ description: 'JSON pointer into the policy' }),
    ruleId: z.string().nullable().meta({ description: 'null: the policy as a whole' }),
    triggerPosition: z.int().nullable().meta({ description: 'Position within the rule, from 0' }),
    coveredBy: coverageSchema.nullable().meta({
      description:
        'The rule or trigger that takes effect instead, for shadowed ones and duplicates; the first of the rules where several do together',
    }),
    message: z.string(),
  })
  .meta({ id: 'PolicyFinding' });

/** Something in a policy that is probably not intended. */
export type Finding = Readonly<z.infer<typeof findingSchema>>;

/** Where a finding is, with defaults for findings on the policy as a whole. */
type FindingPlace = Pick<Finding, 'pointer'> &
  Partial<Pick<Finding, 'ruleId' | 'triggerPosition' | 'coveredBy'>>;

/** A finding at a place. */
export function finding(code: FindingCode, message: string, place: FindingPlace): Finding {
  return { code, ruleId: null, triggerPosition: null, coveredBy: null, ...place, message };
}
