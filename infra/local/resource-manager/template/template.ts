/** The shape of a template and of the parameters given with it. */
import { z } from 'zod';
import { checkExpressions } from '../expressions/check';
import { describing, TemplateError } from '../expressions/errors';
import { isObject, type Value } from '../expressions/values';

const value = z.custom<Value>((given) => given !== undefined);
const members = z.record(z.string(), value);

const parameterTypes = ['string', 'securestring', 'int', 'bool', 'object', 'secureobject', 'array'] as const;
const type = z
  .string()
  .transform((text) => text.toLowerCase())
  .pipe(z.enum(parameterTypes));
export type ParameterType = (typeof parameterTypes)[number];

const parameter = z.looseObject({
  type,
  defaultValue: value.optional(),
  allowedValues: z.array(value).optional(),
  minLength: z.int().optional(),
  maxLength: z.int().optional(),
  minValue: z.int().optional(),
  maxValue: z.int().optional(),
  nullable: z.boolean().optional(),
});
export type ParameterDeclaration = z.infer<typeof parameter>;

const copy = z.looseObject({
  name: z.string().optional(),
  count: value,
  input: value.optional(),
  mode: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(['parallel', 'serial']))
    .optional(),
  batchSize: z.int().min(1).optional(),
});

const output = z.looseObject({
  type,
  value: value.optional(),
  copy: copy.optional(),
  condition: value.optional(),
});
export type OutputDeclaration = z.infer<typeof output>;

const resource = z.looseObject({
  type: z.string().min(1),
  apiVersion: z.string().min(1),
  name: z.string().min(1),
  existing: z.boolean().optional(),
  copy: copy.optional(),
  condition: value.optional(),
  dependsOn: z.array(z.string()).optional(),
  resources: z.array(z.unknown()).optional(),
});
export type ResourceDeclaration = z.infer<typeof resource>;

const userFunctions = z.array(
  z.looseObject({
    namespace: z.string(),
    members: z.record(
      z.string(),
      z.looseObject({
        parameters: z.array(z.looseObject({ name: z.string() })).default([]),
        output: z.looseObject({ value }),
      }),
    ),
  }),
);

const template = z.strictObject({
  $schema: z.string(),
  contentVersion: z.string(),
  languageVersion: z.string().optional(),
  apiProfile: z.string().optional(),
  metadata: z.unknown().optional(),
  functions: userFunctions.default([]),
  parameters: z.record(z.string(), parameter).default({}),
  variables: members.default({}),
  resources: z.union([z.array(resource), z.record(z.string(), resource)]),
  outputs: z.record(z.string(), output).default({}),
});
export type Template = z.infer<typeof template>;

const givenParameter = z.looseObject({ value: value.optional(), reference: z.unknown().optional() });
const givenParameters = z.record(z.string(), givenParameter);
export type GivenParameters = z.infer<typeof givenParameters>;

/** @throws TemplateError */
export function readTemplate(given: Value | undefined): Template {
  const parsed = read(template, given);
  if (given !== undefined && isObject(given))
    for (const section of ['parameters', 'variables', 'resources', 'outputs'])
      describing('', () => checkExpressions(given[section] ?? null));
  return parsed;
}

/** One of the `resources` within a resource. @throws TemplateError */
export function readResource(given: unknown): ResourceDeclaration {
  return read(resource, given);
}

/** @throws TemplateError */
export function readGivenParameters(given: unknown): GivenParameters {
  return read(givenParameters, given);
}

function read<T>(schema: z.ZodType<T>, given: unknown): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const what =
    unknown === undefined
      ? `${issue?.message}. Path '${path}'`
      : `Could not find member '${unknown}' on object of type 'Template'. Path '${unknown}'`;
  throw new TemplateError(
    `The request content was invalid and could not be deserialized: '${what}.'.`,
    'InvalidRequestContent',
  );
}
