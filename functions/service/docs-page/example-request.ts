/** What a request and its answer look like: example values from schemas, and the request as a curl command. */
import { sample } from 'openapi-sampler';
import type { ApiDocument, Content, PlacedOperation, Schema } from './api-document';

/** An example of the content: the one that the document gives, else one made from its schema. */
export function exampleOf(content: Content, api: ApiDocument): { type: string; text: string } | undefined {
  const [entry] = Object.entries(content);
  if (!entry) return undefined;
  const [type, { schema, example }] = entry;
  if (!/json|form/.test(type)) return undefined;
  const value = example ?? sampleOf(schema, api, type.includes('form'));
  return value === undefined ? undefined : { type, text: textOf(value, type) };
}

/** Forms show only what must be sent: each of their optional fields excludes another one. */
function sampleOf(schema: Schema, api: ApiDocument, requiredOnly: boolean): unknown {
  return sample(schema as Parameters<typeof sample>[0], { quiet: true, skipNonRequired: requiredOnly }, api);
}

function textOf(value: unknown, type: string): string {
  if (!type.includes('form')) return JSON.stringify(value, null, 2);
  return new URLSearchParams(
    Object.entries(value as object).map(([name, field]): [string, string] => [name, String(field)]),
  ).toString();
}

/** A command for a POSIX shell; `$TOKEN` holds the access token. Path parameters stand in braces. */
export function curlCommand(placed: PlacedOperation, api: ApiDocument): string {
  const { path, method, operation } = placed;
  const body = exampleOf(operation.requestBody?.content ?? {}, api);
  const required = operation.parameters.filter((parameter) => parameter.required);
  const query = required
    .filter((parameter) => parameter.in === 'query')
    .map(({ name }) => `${name}={${name}}`);
  const url = `${api.servers[0]?.url ?? ''}${path}${query.length > 0 ? `?${query.join('&')}` : ''}`;
  return [
    `curl -X ${method} ${shellWord(url)}`,
    ...(operation.security?.length ? ['-H "authorization: Bearer $TOKEN"'] : []),
    ...required
      .filter((parameter) => parameter.in === 'header')
      .map(({ name }) => `-H ${shellWord(`${name.toLowerCase()}: {${name}}`)}`),
    ...(body ? [`-H ${shellWord(`content-type: ${body.type}`)}`, `-d ${shellWord(body.text)}`] : []),
  ].join(' \\\n  ');
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
