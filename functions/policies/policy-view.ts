/** Policies as callers see them. */
import { z } from 'zod';
import { notFound } from '../../shared/problem';
import type { Services } from '../../shared/services';
import type { PolicyKind } from './engine';
import { VERSION_ORIGINS } from './policy-documents';
import type { KindDefinition } from './policy-kinds';
import { findPolicy } from './loaded-policy';
import { warningsOf } from './active/site-features';
import { DIFFERENCE_KINDS } from './versions/policy-differences';

const summaryFields = {
  id: z.string(),
  name: z.string(),
  description: z.string(),
  version: z.int().describe('Grows with each save'),
  systemDefined: z.boolean().describe('The service defines it: it can be activated, not changed'),
  active: z.boolean(),
  createdAt: z.iso.datetime().optional(),
  createdBy: z.string().optional(),
  modifiedAt: z.iso.datetime().optional(),
  modifiedBy: z.string().optional(),
};

/** What was restored or copied. */
const sourceView = z.object({ policyId: z.string(), version: z.int() });

const versionFields = {
  version: z.int(),
  current: z.boolean().describe('It is the newest one'),
  active: z.boolean().describe('Sessions and events are decided under it'),
  name: z.string(),
  ruleCount: z.int(),
  savedAt: z.iso.datetime().optional(),
  savedBy: z.string().optional(),
  origin: z.enum(VERSION_ORIGINS).optional(),
  source: sourceView.optional().describe('The version that was restored, or the policy that was copied'),
  changes: z.array(z.string()).describe('How it differs from the version before'),
};

/** A version in a history; the same for all kinds. */
export const versionSummaryView = z
  .object(versionFields)
  .meta({ id: 'PolicyVersionSummary', description: 'Who saved a version, when, and what changed' });

const differenceView = z
  .object({
    kind: z.enum(DIFFERENCE_KINDS),
    pointer: z.string().describe('Into the later version; into the earlier one for what was removed'),
    ruleId: z.string().nullable(),
    message: z.string(),
  })
  .meta({ id: 'PolicyDifference' });

/** The rules of a policy with what the service adds. They were validated when they were saved: this only shows them. */
export function policyViews({ title, noun, body }: ViewedKind) {
  const rule = z.object({
    ...withoutChecks(body.shape.rules.element),
    id: z.string(),
    createdAt: z.iso.datetime().describe('Among response rules that are met, the oldest one acts'),
  });
  return {
    summary: z
      .object(summaryFields)
      .meta({ id: `${title}Summary`, description: `What lists show of ${noun.one}` }),
    whole: z
      .object({
        ...summaryFields,
        rules: z.array(rule),
        warnings: z.array(z.string()).optional().describe('What keeps it from doing all that it says'),
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
          .describe('From the version of `compareWith` to this one'),
      })
      .meta({ id: `${title}Version`, description: `A version of ${noun.one}, which never changes` }),
  };
}

type ViewedKind = Pick<KindDefinition<PolicyKind>, 'title' | 'noun'> & {
  body: { shape: { rules: z.ZodArray<z.ZodObject> } };
};
export type PolicyViews = ReturnType<typeof policyViews>;

/**
 * The answer to whoever saved a policy: the policy as it is now, with what keeps it from doing all that it says.
 * @throws Problem `not-found` when others have deleted it meanwhile
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
  const { summary, rules, etag } = policy;
  const warnings = await warningsOf(services, customerId, siteId, { kind, rules });
  return { body: { ...summary, rules: [...rules], ...(warnings.length > 0 ? { warnings } : {}) }, etag };
}

/** The fields of a rule, their objects without checks between fields: those are for input. */
function withoutChecks({ shape }: z.ZodObject): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, plain(field as z.ZodType)]));
}

function plain(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) return z.object(schema.shape);
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodObject)
    return z.array(plain(schema.element));
  return schema;
}
