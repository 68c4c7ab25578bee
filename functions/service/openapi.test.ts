/** The OpenAPI document of all operations: sound by an independent linter, and true to the declarations. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { openApiDocument, problemsByStatus } from '../../shared/http/openapi';
import { describeApi } from '../api-description';
import { identityOperations } from '../identity';
import { siteOperations } from '../sites';
import { serviceOperations } from '.';

jest.setTimeout(60_000);

interface Described {
  operationId: string;
  security: object[];
  parameters: { name: string; in: string; required: boolean }[];
  requestBody?: { content: object };
  responses: Record<string, { description: string; headers?: object; content?: object }>;
}

const capabilities = [...identityOperations, ...siteOperations];
const operations = [...capabilities, ...serviceOperations(capabilities, describeApi)];
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

it("passes redocly's recommended rules without error or warning", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'openapi-'));
  try {
    const file = path.join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const cli = path.join(path.dirname(require.resolve('@redocly/cli/package.json')), 'bin', 'cli.js');
    const args = [cli, 'lint', file, '--extends', 'recommended', '--format', 'json'];
    const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const run = promisify(execFile)(process.execPath, args, { cwd: folder, env: environment });
    const { stdout } = await run.catch((failure: { stdout: string }) => failure);
    const { totals, problems } = JSON.parse(stdout) as { totals: object; problems: { message: string }[] };
    expect(problems.map(({ message }) => message)).toEqual([]);
    expect(totals).toMatchObject({ errors: 0, warnings: 0 });
  } finally {
    await rm(folder, { recursive: true });
  }
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
      operation.find !== undefined || (operation.problems ?? []).includes('not-found'),
    );
    expect(security).toHaveLength(operation.access === 'anybody' ? 0 : 1);
    expect('401' in responses).toBe(operation.access !== 'anybody');
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

it('names no secret among what is answered', () => {
  for (const [id, { responses }] of describedById) {
    if (/createSecureClient/.test(id)) continue;
    expect(JSON.stringify(responses)).not.toMatch(/"(password|hash|secret|passwordSecretId)":/);
  }
});
