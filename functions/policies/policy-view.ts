/** Policies in responses of the API. */
import { z } from 'zod';
import { notFound } from '../../shared/problem';
import type { Services } from '../../shared/services';
import type { PolicyKind } from './engine';
import { VERSION_ORIGINS } from './policy-documents';
import type { KindDefinition } from './policy-kinds';
import { findPolicy, type LoadedPolicy } from './loaded-policy';
import { warningsOf } from './active/site-features';
import { DIFFERENCE_KINDS } from './versions/policy-differences';

const summaryFields = {
  id: z.string(),
  name: z.string(),
  description: z.string(),
  version: z.int().describe('Increases with each save'),
  systemDefined: z.boolean().describe('Defined by the service: can be activated but not changed'),
  active: z.boolean(),
  createdAt: z.iso.datetime().optional(),
  createdBy: z.string().optional(),
  modifiedAt: z.iso.datetime().optional(),
  modifiedBy: z.string().optional(),
};

/** The version that was restored or copied. */
const sourceView = z.object({ policyId: z.string(), version: z.int() });

const versionFields = {
  version: z.int(),
  current: z.boolean().describe('Whether it is the newest version'),
  active: z.boolean().describe('Whether sessions and events are decided by it'),
  name: z.string(),
  ruleCount: z.int(),
  savedAt: z.iso.datetime().optional(),
  savedBy: z.string().optional(),
  origin: z.enum(VERSION_ORIGINS).optional(),
  source: sourceView.optional().describe('The version that was restored, or the policy that was copied'),
  changes: z.array(z.string()).describe('Changes from the previous version'),
};

/** A version in a history, the same for all kinds. */
export const versionSummaryView = z
  .object(versionFields)
  .meta({ id: 'PolicyVersionSummary', description: 'Author, time and changes of a version' });

const differenceView = z
  .object({
    kind: z.enum(DIFFERENCE_KINDS),
    pointer: z.string().describe('JSON pointer into the later version; for removals, into the earlier one'),
    ruleId: z.string().nullable(),
    message: z.string(),
  })
  .meta({ id: 'PolicyDifference' });

/** The response schemas of a kind. Rules have no checks here: they were validated when they were saved. */
export function policyViews({ title, noun, body }: ViewedKind) {
  const rule = z
    .object({
      ...withoutChecks(body.shape.rules.element),
      id: z.string(),
      createdAt: z.iso.datetime().describe('Among matching response rules, the oldest one acts'),
    })
    .meta({ id: `${title}Rule`, description: `A rule of ${noun.one}` });
  return {
    summary: z
      .object(summaryFields)
      .meta({ id: `${title}Summary`, description: `Summary of ${noun.one} in lists` }),
    whole: z
      .object({
        ...summaryFields,
        rules: z.array(rule),
        warnings: z.array(z.string()).optional().describe('What prevents the policy from taking full effect'),
      })
      .meta({ id: title }),
    version: z
      .object({
        ...versionFields,
        description: z.string(),
        rules: z.array(rule),
        comparedWith: z.int().optional(),
        differences: z
          .array(differenceView)
          .optional()
          .describe('Changes from the version `compareWith` to this one'),
      })
      .meta({ id: `${title}Version`, description: `An immutable version of ${noun.one}` }),
  };
}

type ViewedKind = Pick<KindDefinition<PolicyKind>, 'title' | 'noun'> & {
  body: { shape: { rules: z.ZodArray<z.ZodObject> } };
};
export type PolicyViews = ReturnType<typeof policyViews>;

/** A policy as the API returns it. */
export function viewOfPolicy<K extends PolicyKind>({ summary, rules }: LoadedPolicy<K>) {
  return { ...summary, rules: [...rules] };
}

/**
 * The response to saving a policy: the policy after the save, with warnings about what prevents it from taking full effect.
 * @throws Problem `not-found` when it was deleted concurrently
 */
export async function savedPolicy<K extends PolicyKind>(
  services: Pick<Services, 'database' | 'blobs'>,
  kind: K,
  customerId: string,
  siteId: string,
  policyId: string,
) {
  const policy = await findPolicy(services, kind, customerId, siteId, policyId);
  if (!policy) throw notFound('policy');
  const { rules, etag } = policy;
  const warnings = await warningsOf(services, customerId, siteId, { kind, rules });
  return { body: { ...viewOfPolicy(policy), ...(warnings.length > 0 ? { warnings } : {}) }, etag };
}

/** The fields of a rule; nested objects without checks across fields, which are for input only. */
function withoutChecks({ shape }: z.ZodObject): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, plain(field as z.ZodType)]));
}

function plain(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) return z.object(schema.shape);
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodObject)
    return z.array(plain(schema.element));
  return schema;
}
