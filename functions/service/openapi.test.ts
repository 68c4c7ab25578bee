/** The OpenAPI document of all operations: sound by an independent linter, and true to the declarations. */
import { openApiDocument, problemsByStatus } from '../../shared/http/openapi';
import { lintOpenApi } from '../../tests/support/lint-openapi';
import { describeApi } from '../api-description';
import { operations } from '../operations';

jest.setTimeout(60_000);

interface Described {
  operationId: string;
  security: object[];
  parameters: { name: string; in: string; required: boolean }[];
  requestBody?: { content: object };
  responses: Record<string, { description: string; headers?: object; content?: object }>;
}

const document = openApiDocument(operations, describeApi('https://recording.test')) as {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, object> };
};

const describedById = new Map(
  Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map((item) => [item.operationId, item]),
  ),
);

function described(id: string): Described {
  const found = describedById.get(id);
  if (!found) throw new Error(`${id} is not described`);
  return found;
}

it("OPS-2: passes redocly's recommended rules without error or warning", async () => {
  expect(await lintOpenApi(document)).toEqual([]);
});

it('describes every operation once, itself included', () => {
  expect(describedById.size).toBe(operations.length);
  expect([...describedById.keys()].sort()).toEqual(operations.map(({ id }) => id).sort());
});

it.each(operations.map((operation) => [operation.id, operation] as const))(
  '%s tells its statuses, its preconditions and who may call',
  (id, operation) => {
    const { responses, parameters, security, requestBody } = described(id);
    for (const [status, codes] of problemsByStatus(operation)) {
      for (const code of codes) expect(responses[String(status)]?.description).toContain(`\`${code}\``);
    }
    const inHeader = parameters.filter((item) => item.in === 'header').map(({ name }) => name);
    expect(inHeader.includes('If-Match')).toBe(operation.ifMatch !== undefined);
    expect('428' in responses && '412' in responses).toBe(operation.ifMatch !== undefined);
    expect('404' in responses).toBe(
      operation.load !== undefined || (operation.problems ?? []).includes('not-found'),
    );
    expect(security).toHaveLength(operation.access === 'anybody' ? 0 : 1);
    const isSignedIn =
      operation.access !== 'anybody' || operation.problems?.includes('unauthenticated') === true;
    expect('401' in responses).toBe(isSignedIn);
    expect(requestBody !== undefined).toBe(operation.body !== undefined);
    expect(Object.keys(responses[String(operation.success.status)]?.headers ?? {}).includes('ETag')).toBe(
      operation.etag === true,
    );
    const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(parameters.filter((item) => item.in === 'path').map(({ name }) => name)).toEqual(inPath);
  },
);

it('has no component that nothing refers to, and no reference that leads nowhere', () => {
  const text = JSON.stringify(document);
  const referred = new Set([...text.matchAll(/#\/components\/schemas\/([^"]+)/g)].map(([, name]) => name));
  expect([...referred].sort()).toEqual(Object.keys(document.components.schemas).sort());
});

it('IAM-8: names no secret among what is answered', () => {
  for (const [id, { responses }] of describedById) {
    if (/createSecureClient/.test(id)) continue;
    expect(JSON.stringify(responses)).not.toMatch(/"(password|hash|secret|passwordSecretId)":/);
  }
});
