/** The deployment package: what every tool zips, and that it needs nothing else. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeApi } from '../../functions/api-description';
import { operations } from '../../functions/operations';
import { storage } from '../../functions/storage';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { openApiDocument } from '../../shared/http/openapi';
import { newPolicy } from '../support/customer-requests';
import { registeredFunctions, type RegisteredFunction } from '../support/registered-functions';
import { startService } from '../support/service';

const ROOT = repositoryRoot(__dirname);
const BUILT = path.join(ROOT, 'dist/package');
/** A copy with no node_modules in any folder above it, as it lies in Azure. */
const alone = mkdtempSync(path.join(tmpdir(), 'package-'));

/** HTTP functions that belong to no operation: what leads to the documentation, and what answers unknown paths. */
const WITHOUT_OPERATION = ['home', 'zzUnknownPath'];

let functions: RegisteredFunction[];

beforeAll(async () => {
  cpSync(BUILT, alone, { recursive: true });
  functions = await registeredFunctions(path.join(alone, manifest().main));
});

afterAll(() => rmSync(alone, { recursive: true, force: true }));

interface Manifest {
  main: string;
  engines: { node: string };
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(path.join(alone, 'package.json'), 'utf8')) as Manifest;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

it('holds host.json, package.json, the documents that it serves, the bundle and its lazy parts with their source maps, and nothing else', () => {
  const others = filesOf(BUILT).filter((file) => !/^(lazy\/)?[\w-]+\.js(\.map)?$/.test(file));
  expect(others.sort()).toEqual([
    'docs/api.html',
    'docs/cloud-client-protocol.md',
    'docs/openapi.json',
    'host.json',
    'package.json',
  ]);
  expect(readFileSync(path.join(BUILT, 'host.json'))).toEqual(readFileSync(path.join(ROOT, 'host.json')));
});

it('has every part that the bundle loads late', () => {
  const bundle = readFileSync(path.join(BUILT, 'app.js'), 'utf8');
  const loaded = new Set(
    [...bundle.matchAll(/require\("\.\/(lazy\/[\w-]+\.js)"\)/g)].map(([, file]) => file),
  );
  const built = filesOf(BUILT).filter((file) => /^lazy\/.*\.js$/.test(file));
  expect(built.length).toBeGreaterThan(5);
  expect([...loaded].sort()).toEqual(built.sort());
});

it('has no dependencies to install, and is for Node 22 or later', () => {
  expect(Object.keys(manifest())).not.toContain('dependencies');
  expect(manifest().engines).toEqual({ node: '>=22' });
});

/** The trigger table of the composition root, which here has no runtime to register its functions with. */
async function triggerTable() {
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  return (await import('../../functions/app')).triggers;
}

it('OPS-1: registers every HTTP operation and every trigger when it is loaded alone', async () => {
  const named = (type: string) =>
    functions.filter(({ trigger }) => trigger.type === type).map(({ name }) => name);
  expect(named('httpTrigger').sort()).toEqual(
    [...operations.map(({ id }) => id), ...WITHOUT_OPERATION].sort(),
  );
  const types = {
    timer: 'timerTrigger',
    queue: 'queueTrigger',
    poisonQueue: 'queueTrigger',
    eventGrid: 'eventGridTrigger',
    orchestration: 'orchestrationTrigger',
    activity: 'activityTrigger',
  };
  const others = functions.filter(({ trigger }) => trigger.type !== 'httpTrigger');
  expect(others.map(({ name, trigger }) => `${trigger.type} ${name}`).sort()).toEqual(
    (await triggerTable()).map(({ kind, name }) => `${types[kind]} ${name}`).sort(),
  );
});

it('takes messages from each queue that a deployment makes, and from no other', () => {
  const read = functions
    .filter(({ trigger }) => trigger.type === 'queueTrigger')
    .map(({ trigger }) => String(trigger['queueName']));
  expect(read.sort()).toEqual([...storage.queueNames].sort());
});

it('OPS-1: serves requests alone, also those that load a part late', async () => {
  const service = await startService({ appBundle: path.join(alone, manifest().main) });
  try {
    expect((await fetch(`${service.url}/api/health`)).status).toBe(200);
    const description = await (await fetch(`${service.url}/api/openapi.json`)).json();
    expect(description).toEqual(openApiDocument(operations, describeApi(service.url)));
    const administrator = await service.as();
    const { status } = await administrator('POST', '/api/v1/secureClients', { body: { name: 'servers' } });
    expect(status).toBe(201);
    // Policies are checked in threads, whose programs are files of the package.
    const site = await administrator<{ id: string }>('POST', '/api/v1/sites', { body: { name: 'Alone' } });
    const policy = await administrator('POST', `/api/v1/sites/${site.body.id}/eventResponsePolicies`, {
      body: newPolicy('eventResponsePolicies'),
    });
    expect([site.status, policy.status]).toEqual([201, 201]);
  } finally {
    await service.stop();
  }
});

it('is what the Azure Developer CLI and VS Code zip', () => {
  const azd = readFileSync(path.join(ROOT, 'azure.yaml'), 'utf8');
  expect(azd).toMatch(/^ {4}project: \.\/dist\/package$/m);
  expect(azd).toMatch(/^ {4}remoteBuild: false$/m);
  const vsCode = JSON.parse(readFileSync(path.join(ROOT, '.vscode/settings.json'), 'utf8')) as object;
  expect(vsCode).toHaveProperty(['azureFunctions.deploySubpath'], 'dist/package');
});
