/** Finds what breaks callers between two OpenAPI 3.1 documents of this API (docs/api-change-policy.md). Pure. */
import { type Change, type Schema, SchemaComparison, type Schemas } from './compare-schema';

type Content = Readonly<Record<string, { schema?: Schema }>>;

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: Schema;
}

interface Answer {
  headers?: Readonly<Record<string, unknown>>;
  content?: Content;
}

interface DescribedOperation {
  operationId: string;
  security?: readonly unknown[];
  parameters?: readonly Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses: Readonly<Record<string, Answer>>;
}

/** As much of a document as is compared. */
export interface ApiDocument {
  paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  components: { schemas: Schemas };
}

/** Breaking changes, in the order of the first document; additions are none. */
export function breakingChanges(before: ApiDocument, after: ApiDocument): Change[] {
  const schemas = new SchemaComparison(before.components.schemas, after.components.schemas);
  const now = byMethodAndPath(after);
  const changes = [...byMethodAndPath(before)].flatMap(([where, operation]) => {
    const other = now.get(where);
    if (!other) return [{ rule: 'operation-removed', where, message: 'the operation is gone' }];
    return [
      ...compareCall(operation, other, where),
      ...compareParameters(operation, other, where, schemas),
      ...compareRequestBody(operation, other, where, schemas),
      ...compareAnswers(operation, other, where, schemas),
    ];
  });
  // A named schema is used by many operations, and reported once.
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}

/** Names of path parameters do not travel: `/sites/{id}` and `/sites/{siteId}` are the same. */
function byMethodAndPath({ paths }: ApiDocument): Map<string, DescribedOperation> {
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) =>
          [`${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '{}')}`, operation] as const,
      ),
    ),
  );
}

function compareCall(before: DescribedOperation, after: DescribedOperation, where: string): Change[] {
  const changes: Change[] = [];
  if (before.operationId !== after.operationId)
    changes.push({
      rule: 'operation-renamed',
      where,
      message: `the operation was ${before.operationId} and is ${after.operationId}`,
    });
  if (JSON.stringify(before.security) !== JSON.stringify(after.security))
    changes.push({ rule: 'security-changed', where, message: 'callers must sign in another way' });
  return changes;
}

function compareParameters(
  before: DescribedOperation,
  after: DescribedOperation,
  where: string,
  schemas: SchemaComparison,
): Change[] {
  const old = parameters(before);
  const now = parameters(after);
  const changes: Change[] = [];
  for (const [name, { schema }] of old) {
    const other = now.get(name);
    if (other) changes.push(...schemas.compare(schema, other.schema, 'request', `${where} ${name}`));
    else changes.push({ rule: 'parameter-removed', where, message: `${name} is refused now` });
  }
  for (const [name, { required }] of now)
    if (required && !old.get(name)?.required)
      changes.push({ rule: 'parameter-required', where, message: `${name} is required now` });
  return changes;
}

function parameters({ parameters: list = [] }: DescribedOperation): Map<string, Parameter> {
  const named = list.filter((one) => one.in !== 'path');
  return new Map(named.map((one) => [`${one.in} parameter ${one.name}`, one]));
}

function compareRequestBody(
  { requestBody: before }: DescribedOperation,
  { requestBody: after }: DescribedOperation,
  where: string,
  schemas: SchemaComparison,
): Change[] {
  if (!after)
    return before ? [{ rule: 'request-body-removed', where, message: 'the body is refused now' }] : [];
  const required =
    after.required && !before?.required
      ? [{ rule: 'request-body-required', where, message: 'a body is required now' }]
      : [];
  return [
    ...required,
    ...compareContent(before?.content, after.content, 'request', `${where} body`, schemas),
  ];
}

function compareAnswers(
  before: DescribedOperation,
  after: DescribedOperation,
  where: string,
  schemas: SchemaComparison,
): Change[] {
  const [old, now] = [successes(before), successes(after)];
  const statuses =
    old === now
      ? []
      : [{ rule: 'status-changed', where, message: `the statuses of success were ${old} and are ${now}` }];
  const answers = Object.entries(before.responses).flatMap(([status, answer]) => {
    const other = after.responses[status];
    if (!other) return [];
    const inner = `${where} ${status}`;
    return [
      ...compareHeaders(answer, other, inner),
      ...compareContent(answer.content, other.content, 'answer', inner, schemas),
    ];
  });
  return [...statuses, ...answers];
}

/** Without 304, which only callers get that send If-None-Match. */
function successes({ responses }: DescribedOperation): string {
  return Object.keys(responses)
    .filter((status) => !isError(status) && status !== '304')
    .sort()
    .join(', ');
}

/** One error more or less is no break: callers must be ready for any. */
function isError(status: string): boolean {
  return status === 'default' || Number(status) >= 400;
}

function compareHeaders(before: Answer, after: Answer, where: string): Change[] {
  return Object.keys(before.headers ?? {})
    .filter((name) => !(name in (after.headers ?? {})))
    .map((name) => ({ rule: 'answer-header-removed', where, message: `the header ${name} is gone` }));
}

function compareContent(
  before: Content = {},
  after: Content = {},
  direction: 'request' | 'answer',
  where: string,
  schemas: SchemaComparison,
): Change[] {
  return Object.entries(before).flatMap(([type, { schema = {} }]) => {
    const other = after[type];
    if (!other) return [{ rule: 'content-type-removed', where, message: `${type} is gone` }];
    return schemas.compare(schema, other.schema ?? {}, direction, where);
  });
}
