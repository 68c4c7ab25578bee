/** Policies as callers see them. */
import { z } from 'zod';
import type { PolicyKind } from './engine/policy';
import type { KindDefinition } from './policy-kinds';

const summaryFields = {
  id: z.string(),
  name: z.string(),
  description: z.string(),
  version: z.int().describe('Counts the saves'),
  systemDefined: z.boolean().describe('The service defines it: it can be activated, not changed'),
  active: z.boolean(),
  createdAt: z.iso.datetime().optional(),
  createdBy: z.string().optional(),
  modifiedAt: z.iso.datetime().optional(),
  modifiedBy: z.string().optional(),
};

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
  };
}

type ViewedKind = Pick<KindDefinition<PolicyKind>, 'title' | 'noun'> & {
  body: { shape: { rules: z.ZodArray<z.ZodObject> } };
};
export type PolicyViews = ReturnType<typeof policyViews>;

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
