/** The served OpenAPI document describes exactly what the built app registers. */
import path from 'node:path';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { lintOpenApi } from '../support/lint-openapi';
import { registeredFunctions } from '../support/registered-functions';
import { startService, type TestService } from '../support/service';

/** Not described: what answers unknown paths, and what leads from `/` to the documentation. */
const NOT_DESCRIBED = ['zzUnknownPath', 'home'];

interface Registered {
  name: string;
  route: string;
  methods: string[];
}

interface Described {
  paths: Record<string, Record<string, { operationId: string; summary: string }>>;
}

let service: TestService;
let document: Described;
let page: string;
let registered: Registered[];

beforeAll(async () => {
  [service, registered] = await Promise.all([startService(), registeredOperations()]);
  document = (await (await fetch(`${service.url}/api/openapi.json`)).json()) as Described;
  page = await (await fetch(`${service.url}/api/docs`)).text();
}, 60_000);

afterAll(() => service.stop());

/** The HTTP functions of the built app. */
async function registeredOperations(): Promise<Registered[]> {
  const bundle = path.join(repositoryRoot(__dirname), 'dist/package/app.js');
  return (await registeredFunctions(bundle))
    .filter(({ trigger }) => trigger.type === 'httpTrigger')
    .map(({ name, trigger }) => ({
      name,
      route: trigger['route'] as string,
      methods: trigger['methods'] as string[],
    }));
}

function describedOperations() {
  return Object.entries(document.paths).flatMap(([route, methods]) =>
    Object.entries(methods).map(([method, { operationId, summary }]) => ({
      name: operationId,
      route,
      method: method.toUpperCase(),
      summary,
    })),
  );
}

it("passes redocly's recommended rules as it is served", async () => {
  expect(await lintOpenApi(document)).toEqual([]);
}, 60_000);

it('describes each HTTP function of the built app, and nothing else', () => {
  const line = (name: string, method: string, route: string) => `${name}: ${method} ${route}`;
  const inApp = registered
    .filter(({ name }) => !NOT_DESCRIBED.includes(name))
    .flatMap(({ name, route, methods }) => methods.map((method) => line(name, method, `/${route}`)));
  const inDocument = describedOperations().map(({ name, method, route }) => line(name, method, route));
  expect(inDocument.length).toBeGreaterThan(40);
  expect(inApp.sort()).toEqual(inDocument.sort());
});

it('leaves two functions out: unknown paths, and the way from / to the documentation', async () => {
  const names = new Set(describedOperations().map(({ name }) => name));
  const left = registered.map(({ name }) => name).filter((name) => !names.has(name));
  expect(left.sort()).toEqual(NOT_DESCRIBED.toSorted());
  expect((await fetch(service.url)).url).toBe(`${service.url}/api/docs`);
});

it('is also served as an HTML page with every operation', () => {
  const decoded = page.replaceAll('&lt;', '<').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  expect(decoded).toMatch(/^<!doctype html>/i);
  const missing = describedOperations().filter(
    ({ name, method, route, summary }) =>
      !decoded.includes(`id="${name}"`) ||
      !decoded.includes(`${method}</span> <code>${route}</code> <span>${summary}</span>`),
  );
  expect(missing).toEqual([]);
});
