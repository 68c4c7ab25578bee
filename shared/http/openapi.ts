/** Generates the OpenAPI 3.1 document from the declarations of the operations. */
import { z } from 'zod';
import { ADMINISTRATOR_KINDS, needsOwnRole, type Permission, PERMISSIONS } from '../identity/permissions';
import { PROBLEMS, type ProblemCode } from '../problem';
import { SchemaCollector } from './openapi-schemas';
import type { FieldTexts } from './openapi-texts';
import { type Operation, successStatuses } from './operation';
import { acceptedContentTypes } from './request-body';

type Json = Record<string, unknown>;

export interface ApiDescription {
  title: string;
  version: string;
  description: string;
  serverUrl: string;
  tags: { name: string; description: string; externalDocs?: { description: string; url: string } }[];
  /** What fields and path parameters mean, for those without a description of their own. */
  fields?: FieldTexts;
}

const problemSchema = z
  .object({
    type: z.string().describe('Stable URI of the code'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What was wrong and what to do'),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    traceId: z.string().describe('Include it in support requests'),
    errors: z
      .array(
        z.object({ pointer: z.string().optional(), parameter: z.string().optional(), detail: z.string() }),
      )
      .optional(),
  })
  .loose()
  .meta({ id: 'Problem', description: 'RFC 9457 problem details' });

const oauthErrorSchema = z
  .object({ error: z.string(), error_description: z.string() })
  .meta({ id: 'OAuthError', description: 'RFC 6749, section 5.2' });

const SECURITY_SCHEMES = {
  administrator: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: "An access token of the organisation's directory (Microsoft Entra ID)",
  },
  cloudClient: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A token of `POST /api/cloud-client/v1/token`',
  },
};

/** The document for these operations. */
export function openApiDocument(operations: readonly Operation[], api: ApiDescription): Json {
  const schemas = new SchemaCollector(api.fields);
  const paths: Record<string, Json> = {};
  for (const operation of operations)
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = describe(operation, schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: api.title,
      version: api.version,
      description: api.description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: api.serverUrl }],
    tags: api.tags,
    paths,
    components: {
      schemas: schemas.components(),
      securitySchemes: securitySchemes(operations),
    },
  };
}

function describe(operation: Operation, schemas: SchemaCollector): Json {
  const permission =
    operation.access in PERMISSIONS ? PERMISSIONS[operation.access as keyof typeof PERMISSIONS] : undefined;
  const roles =
    permission &&
    `Roles: ${ADMINISTRATOR_KINDS.filter((kind) => (permission as readonly string[]).includes(kind)).join(', ')}.`;
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    description: [operation.description, roles].filter(Boolean).join('\n\n') || operation.summary,
    security: security(operation),
    parameters: parameters(operation, schemas),
    ...(operation.body ? { requestBody: requestBody(operation, operation.body, schemas) } : {}),
    responses: responses(operation, schemas),
  };
}

function security(operation: Operation): Json[] {
  const scheme = schemeOf(operation);
  return scheme ? [{ [scheme]: [] }] : [];
}

function schemeOf({ access }: Operation): keyof typeof SECURITY_SCHEMES | undefined {
  if (access === 'anybody') return undefined;
  return access === 'cloud-client' ? 'cloudClient' : 'administrator';
}

/** Those that an operation asks for. */
function securitySchemes(operations: readonly Operation[]): Json {
  const used = new Set<string | undefined>(operations.map(schemeOf));
  return Object.fromEntries(Object.entries(SECURITY_SCHEMES).filter(([name]) => used.has(name)));
}

function parameters(operation: Operation, schemas: SchemaCollector): Json[] {
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    ...schemas.parameter({ type: 'string' }, pathName(operation, String(name))),
  }));
  const inQuery = Object.entries(operation.query?.shape ?? {}).map(([name, field]) => {
    return {
      name,
      in: 'query',
      required: !(field as z.ZodType).safeParse(undefined).success,
      ...schemas.parameter(schemas.describe(field as z.ZodType, 'input'), name),
    };
  });
  const header = (name: string, required: boolean, description: string) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  const isAdministrators = operation.access !== 'cloud-client' && operation.access !== 'anybody';
  return [
    ...inPath,
    ...inQuery,
    ...(operation.ifMatch
      ? [header('If-Match', operation.ifMatch === 'required', 'The ETag that the change is based on')]
      : []),
    ...(operation.otherStatuses && 304 in operation.otherStatuses
      ? [header('If-None-Match', false, 'The ETag that you have: 304 while it still holds')]
      : []),
    ...(operation.bodyFormat?.gzip
      ? [
          header(
            'Content-Encoding',
            false,
            '`gzip` when the body is compressed; its limit holds uncompressed',
          ),
        ]
      : []),
    ...(operation.method === 'POST' && isAdministrators
      ? [
          header(
            'Idempotency-Key',
            false,
            'Repeated requests with the same key are executed once and get the first response',
          ),
        ]
      : []),
  ];
}

/** `id` alone says nothing: of `/tasks/{id}` it is the `tasks.id`. */
function pathName({ path }: Operation, name: string): string {
  if (name !== 'id') return name;
  return `${path.split('/').at(path.split('/').indexOf('{id}') - 1)}.id`;
}

function requestBody(operation: Operation, body: z.ZodType, schemas: SchemaCollector): Json {
  const schema = schemas.describe(body, 'input');
  return {
    required: !operation.bodyFormat?.optional,
    content: Object.fromEntries(
      acceptedContentTypes(operation).map((type) => [type, { schema, example: schemas.example(schema) }]),
    ),
  };
}

const TASK_HEADERS = {
  'Operation-Location': { description: 'Path of the running task', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait before polling it', schema: { type: 'integer' } },
};

/** Statuses whose answers say when to retry. */
const WITH_RETRY_AFTER: readonly number[] = [429, 503];

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds to wait before the next try', schema: { type: 'integer' } },
};

const LOCATION_HEADER = {
  Location: { description: 'Path of the created resource', schema: { type: 'string' } },
};

function responses(operation: Operation, schemas: SchemaCollector): Json {
  const { success } = operation;
  const headers = {
    ...(operation.etag
      ? { ETag: { description: 'Identifies this version; send it as If-Match', schema: { type: 'string' } } }
      : {}),
    ...(success.status === 202 && operation.task ? TASK_HEADERS : {}),
  };
  const content = success.body && {
    [success.contentType ?? 'application/json']: { schema: schemas.describe(success.body, 'output') },
  };
  const described: Record<string, Json> = Object.fromEntries(
    successStatuses(operation).map((status) => {
      const all = { ...headers, ...(status === 201 ? LOCATION_HEADER : {}) };
      return [
        String(status),
        {
          description: status === success.status ? success.description : `${success.description}, created`,
          ...(Object.keys(all).length > 0 ? { headers: all } : {}),
          ...(content ? { content } : {}),
        },
      ];
    }),
  );
  for (const [status, description] of Object.entries(operation.otherStatuses ?? {}))
    described[status] = {
      description,
      ...(status === '202' && operation.task ? { headers: TASK_HEADERS } : {}),
    };
  for (const [status, codes] of problemsByStatus(operation))
    described[String(status)] = problemAnswer(operation, codes, schemas);
  return described;
}

function problemAnswer(operation: Operation, codes: ProblemCode[], schemas: SchemaCollector): Json {
  const description = codes.map((code) => `${PROBLEMS[code].title} (\`${code}\`)`).join('; ');
  const [type, schema] = operation.oauthErrors
    ? ['application/json', oauthErrorSchema]
    : ['application/problem+json', problemSchema];
  return {
    description,
    ...(codes.some((code) => WITH_RETRY_AFTER.includes(PROBLEMS[code].status))
      ? { headers: RETRY_AFTER }
      : {}),
    content: { [type]: { schema: schemas.describe(schema, 'output') } },
  };
}

/** Of operations that take a body. */
const BODY_PROBLEMS: readonly ProblemCode[] = [
  'malformed-json',
  'length-required',
  'too-large',
  'unsupported-media-type',
];

/** Codes that follow from a declaration, and those that it adds, by status. */
export function problemsByStatus(operation: Operation): Map<number, ProblemCode[]> {
  const administrators = operation.access !== 'anybody' && operation.access !== 'cloud-client';
  const codes: ProblemCode[] = [
    'validation-failed',
    'too-many-requests',
    'internal-error',
    'unavailable',
    ...(operation.problems ?? []),
  ];
  if (operation.access !== 'anybody') codes.push('unauthenticated');
  if (administrators) codes.push('forbidden');
  if (operation.access in PERMISSIONS && needsOwnRole(operation.access as Permission))
    codes.push('role-through-group');
  if (operation.load) codes.push('not-found');
  if (operation.query && 'cursor' in operation.query.shape) codes.push('invalid-cursor');
  if (operation.body) codes.push('bad-request', ...BODY_PROBLEMS);
  if (operation.ifMatch) codes.push('precondition-required', 'stale');
  if (operation.method === 'POST' && administrators)
    codes.push('idempotency-in-progress', 'idempotency-key-reused', 'idempotency-response-not-kept');
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return new Map([...byStatus].sort(([a], [b]) => a - b));
}
