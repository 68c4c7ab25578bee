/** The served OpenAPI document describes exactly what the built app registers. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { lintOpenApi } from '../support/lint-openapi';
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
  [service, registered] = await Promise.all([startService(), registeredFunctions()]);
  document = (await (await fetch(`${service.url}/api/openapi.json`)).json()) as Described;
  page = await (await fetch(`${service.url}/api/docs`)).text();
}, 60_000);

afterAll(() => service.stop());

/** Loads the bundle as the local Functions host does. jest's module loader cannot: hence a process of its own. */
async function registeredFunctions(): Promise<Registered[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'registered-'));
  try {
    const outfile = path.join(folder, 'registered-functions.js');
    await build({
      entryPoints: [path.join(__dirname, 'registered-functions.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
    });
    const bundle = path.join(repositoryRoot(__dirname), 'dist/app.js');
    const { stdout } = await promisify(execFile)(process.execPath, [outfile, bundle]);
    return JSON.parse(stdout) as Registered[];
  } finally {
    await rm(folder, { recursive: true });
  }
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
