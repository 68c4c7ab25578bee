/** Every operation, parameter and field is described, and every example is valid. */
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { describeApi } from '../../functions/api-description';
import { operations } from '../../functions/operations';
import { siteSettingsInput } from '../../functions/sites/site-settings';
import { openApiDocument } from '../../shared/http/openapi';
import { fieldErrors } from '../../shared/http/validation';

type Json = Record<string, unknown>;

const document = JSON.parse(
  JSON.stringify(openApiDocument(operations, describeApi('https://sr.example'))),
) as {
  paths: Record<string, Record<string, DescribedOperation>>;
  components: { schemas: Record<string, Json> };
};

interface DescribedOperation {
  operationId: string;
  summary?: string;
  description?: string;
  parameters: { name: string; in: string; description?: string; schema: Json }[];
  requestBody?: { content: Record<string, { schema: Json; example?: unknown }> };
}

const described = Object.values(document.paths).flatMap((methods) => Object.values(methods));

/** Every field of every schema, with its place. */
function fieldsIn(node: unknown, place: string, found: [string, Json][] = []): [string, Json][] {
  if (typeof node !== 'object' || node === null) return found;
  const { properties } = node as { properties?: unknown };
  const isFields = typeof properties === 'object' && properties !== null && !place.endsWith('/properties');
  if (isFields)
    for (const [name, field] of Object.entries(properties as Record<string, Json>))
      found.push([`${place}/${name}`, field]);
  for (const [key, inner] of Object.entries(node))
    if (key !== 'examples' && key !== 'example') fieldsIn(inner, `${place}/${key}`, found);
  return found;
}

const fields = fieldsIn(document, '');
const isReference = (schema: Json) => schema['$ref'] !== undefined;
/** Choices list their values; objects, lists and alternatives consist of described parts. */
const needsExample = ({ type, enum: choices, const: constant }: Json) =>
  ['string', 'integer', 'number', 'boolean'].includes(String(type)) && !choices && constant === undefined;

const ajv = addFormats(new Ajv2020({ strict: false, formats: { base64: true } }));
ajv.addSchema(document, 'api');

function isValid(schema: Json, example: unknown): boolean {
  const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components');
  return ajv.validate(JSON.parse(text) as Json, example);
}

it('OPS-2: describes each operation in its summary and its description', () => {
  const without = described.filter(({ summary, description }) => !summary || !description);
  expect(without.map(({ operationId }) => operationId)).toEqual([]);
});

it('OPS-2: describes each parameter', () => {
  const without = described.flatMap(({ operationId, parameters }) =>
    parameters.filter(({ description }) => !description).map(({ name }) => `${operationId} ${name}`),
  );
  expect(without).toEqual([]);
});

it('OPS-2: describes each field of each schema', () => {
  const without = fields.filter(([, field]) => !isReference(field) && !field['description']);
  expect(fields.length).toBeGreaterThan(800);
  expect(without.map(([place]) => place)).toEqual([]);
});

it('OPS-2: gives an example of each text, number and flag', () => {
  const without = fields.filter(([, field]) => needsExample(field) && !field['examples']);
  expect(without.map(([place]) => place)).toEqual([]);
});

it('OPS-2: gives only examples that are valid', () => {
  const parameters = described.flatMap(({ operationId, parameters: all }) =>
    all.map(({ name, schema }): [string, Json] => [`${operationId} ${name}`, schema]),
  );
  const wrong = [...fields, ...parameters].flatMap(([place, schema]) => {
    const { examples = [], ...rest } = schema as { examples?: unknown[] };
    return examples
      .filter((example) => !isValid(rest, example))
      .map((example) => `${place}: ${JSON.stringify(example)}`);
  });
  expect(wrong).toEqual([]);
});

it('OPS-2: gives an example of each body, which the operation accepts', () => {
  const refused = operations.flatMap((operation) => {
    const { requestBody } = described.find(({ operationId }) => operationId === operation.id) ?? {};
    if (!operation.body) return [];
    const [content] = Object.values(requestBody?.content ?? {});
    const { error } = operation.body.safeParse(content?.example);
    return error
      ? [
          `${operation.id}: ${JSON.stringify(content?.example)}: ${fieldErrors(error)
            .map(({ pointer, detail }) => `${pointer} ${detail}`)
            .join(' ')}`,
        ]
      : [];
  });
  expect(refused).toEqual([]);
});

const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
const MAIL = /^[^@\s]+@[^@\s]+$/;
const ACCOUNT = /^[A-Z]+\\\w+$/;

it.each<[field: RegExp, example: RegExp]>([
  [/loadBalancer\/.*\/address$/, ADDRESS],
  [/sender\/address$/, MAIL],
  [/schemas\/Recording\/id$/, /-\d{4}$/],
  [/schemas\/EventType\/id$/, /^[a-z]+[A-Z]/],
  [/user\/name$/, ACCOUNT],
  [/groups\/items\/name$/, ACCOUNT],
  [/Policy(?:User|Group)\/name$/, ACCOUNT],
  [/schemas\/Problem\/status$/, /^[45]\d\d$/],
  [/schemas\/Estimate\/total$/, /^\d{4}\.\d\d$/],
  [/schemas\/Task\/error$/, / /],
  [/schemas\/Token\/expires_in$/, /^900$/],
  [/sections\/items\/name$/, /^site$/],
])('OPS-2: the example of %s is one of its kind', (field, example) => {
  const found = fields.filter(([place]) => field.test(place)).flatMap(([, schema]) => schema['examples']);
  expect(found.length).toBeGreaterThan(0);
  for (const value of found) expect(String(value)).toMatch(example);
});

it('OPS-2: the example of a change of settings suits a site that has none yet', () => {
  const { requestBody } = described.find(({ operationId }) => operationId === 'changeSiteSettings') ?? {};
  const [content] = Object.values(requestBody?.content ?? {});
  expect(siteSettingsInput.safeParse(content?.example).error).toBeUndefined();
});

it('OPS-2: gives no limits that only say what JavaScript can count, and the numbers of virtual cores', () => {
  const limits = fields.flatMap(([, { minimum, maximum }]) => [minimum, maximum]);
  expect(limits.filter((limit) => Math.abs(Number(limit)) === Number.MAX_SAFE_INTEGER)).toEqual([]);
  const cores = fields.filter(([place]) => /\/(?:vCores|maxVcores)$/.test(place));
  expect(cores.length).toBeGreaterThan(0);
  for (const [, schema] of cores) expect(schema['description']).toMatch(/: .*\b2, 4, .*\b80\b/);
});
