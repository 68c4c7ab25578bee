/** The script of a site's package, run with the real Azure CLI against the local Resource Manager. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageFiles } from '../../arm-templates/package/package';
import { resourceInfo, resourceInfoMismatches } from '../../arm-templates/package/resource-info';
import { makeTemplate } from '../../arm-templates/template/template';
import { makePfx, PFX_PASSWORD } from '../../arm-templates/testing/certificates';
import { CONTEXT } from '../../arm-templates/testing/context';
import { planOf } from '../../arm-templates/testing/plans';
import { localSubscriptionId } from '../../infra/local/azure/login/directory-ids';
import { cliEnvironment, cloudCommands, isCliInstalled } from '../../infra/local/resource-manager/test-cli';
import { startTestArm, type TestArm } from '../../infra/local/resource-manager/test-arm';

// Each command starts a Python program, which a busy machine does slowly.
jest.setTimeout(600_000);

const withCli = isCliInstalled ? describe : describe.skip;
const why = isCliInstalled ? '' : ' (skipped: the Azure CLI is not installed)';

const NETWORK = `/subscriptions/${localSubscriptionId}/resourceGroups/network-rg/providers/Microsoft.Network/virtualNetworks/hub`;
const PLAN = planOf({ network: { subnetId: `${NETWORK}/subnets/recording` } });
const GROUP = 'paris-rg';

let arm: TestArm;
let folder: string;
let given: Record<string, string>;

beforeAll(async () => {
  if (!isCliInstalled) return;
  arm = await startTestArm();
  folder = mkdtempSync(path.join(tmpdir(), 'deploy-script-'));
  for (const { path: name, text, isExecutable } of packageFiles(PLAN, makeTemplate(PLAN, CONTEXT))) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (isExecutable) chmodSync(file, 0o755);
  }
  writeFileSync(path.join(folder, 'site.pfx'), Buffer.from(makePfx(), 'base64'));
  await makeNetwork();
  const { tenantId, clientId, clientSecret } = arm.azure.options.principal;
  given = {
    TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: clientSecret,
    SUBSCRIPTION_ID: localSubscriptionId,
    RESOURCE_GROUP_NAME: GROUP,
    DOMAIN_PASSWORD: 'domain "quoted" $password',
    VM_ADMIN_PASSWORD: "Machine's-Passw0rd",
    SQL_ADMIN_PASSWORD: 'Sql;Passw0rd`1',
    CERTIFICATE_PATH: path.join(folder, 'site.pfx'),
    CERTIFICATE_PASSWORD: PFX_PASSWORD,
    ENROLMENT_TOKEN: 'enrolment-token-of-the-site',
  };
  for (const command of cloudCommands(arm.azure)) expect(await run('az', command)).toMatchObject({ code: 0 });
});

afterAll(async () => {
  if (!isCliInstalled) return;
  await arm.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What an administrator has before: a network whose subnet reaches storage, databases and vaults. */
async function makeNetwork(): Promise<void> {
  const services = ['Microsoft.Storage', 'Microsoft.Sql', 'Microsoft.KeyVault'];
  const subnet = {
    name: 'recording',
    properties: {
      addressPrefix: '10.1.0.0/24',
      serviceEndpoints: services.map((service) => ({ service })),
    },
  };
  const properties = { addressSpace: { addressPrefixes: ['10.1.0.0/16'] }, subnets: [subnet] };
  const network = NETWORK.slice(`/subscriptions/${localSubscriptionId}`.length);
  await arm.send('PUT', '/resourceGroups/network-rg?api-version=2021-04-01', { location: PLAN.region });
  const { status } = await arm.send('PUT', `${network}?api-version=2024-05-01`, {
    location: PLAN.region,
    properties,
  });
  expect(status).toBe(201);
}

interface Ended {
  code: number;
  output: string;
}

function run(command: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const own = cliEnvironment(arm.azure, folder);
  return new Promise((resolve) => {
    const child = execFile(command, args, { env: { ...own, ...env } }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
    );
    child.stdin?.end();
  });
}

const deploy = (change: Record<string, string> = {}) =>
  run(path.join(folder, 'deploy.sh'), [], { ...given, ...change });

async function resourcesOf(group: string): Promise<{ id: string; type: string }[]> {
  const { body } = await arm.send('GET', `/resourceGroups/${group}/resources?api-version=2021-04-01`);
  return (body as { value: { id: string; type: string }[] }).value;
}

withCli(`deploy.sh with the Azure CLI${why}`, () => {
  it.each([
    ['a wrong client secret', { AZURE_CLIENT_SECRET: 'wrong' }, /AADSTS7000215/],
    ['a password that Azure refuses', { VM_ADMIN_PASSWORD: 'weak-password' }, /password/i],
    [
      'a certificate that is not there',
      { CERTIFICATE_PATH: '/nowhere.pfx' },
      /cannot be read: \/nowhere\.pfx/,
    ],
    [
      'a subscription that is not the network’s',
      { SUBSCRIPTION_ID: CONTEXT.customerId },
      /must be in the same one/,
    ],
  ])('says what is wrong with %s, and fails', async (_what, change: Record<string, string>, message) => {
    const { code, output } = await deploy(change);
    expect(code).not.toBe(0);
    expect(output).toMatch(message);
    for (const secret of [given['SQL_ADMIN_PASSWORD'] ?? '', 'weak-password'])
      expect(output).not.toContain(secret);
  });

  it('ARM-3: goes on after a failure, deploys every resource of the plan and writes a resourceInfo.json that is of this plan', async () => {
    const { code, output } = await deploy();
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('Done.') as string });
    const { names } = makeTemplate(PLAN, CONTEXT);
    const info = resourceInfo.parse(JSON.parse(readFileSync(path.join(folder, 'resourceInfo.json'), 'utf8')));
    const { siteId, planFingerprint } = CONTEXT;
    expect(resourceInfoMismatches(info, { siteId, planFingerprint, plan: PLAN, names })).toEqual([]);
    expect(info).toMatchObject({ subscriptionId: localSubscriptionId, resourceGroupName: GROUP });
    const resources = await resourcesOf(GROUP);
    const found = resources.map(({ type }) => type.toLowerCase());
    const count = (type: string) => found.filter((one) => one === type.toLowerCase()).length;
    expect(count('Microsoft.Compute/virtualMachines')).toBe(PLAN.machines.count);
    expect(count('Microsoft.Storage/storageAccounts')).toBe(2);
    for (const type of ['Sql/servers', 'KeyVault/vaults', 'Network/loadBalancers'])
      expect(count(`Microsoft.${type}`)).toBe(1);
    const ids = resources.map(({ id }) => id.toLowerCase());
    const { recordingsAccount, archiveAccount, databaseServer, loadBalancer, keyVault, identity } = info;
    for (const { id } of [
      recordingsAccount,
      archiveAccount,
      databaseServer,
      loadBalancer,
      keyVault,
      identity,
    ])
      expect(ids).toContain(id.toLowerCase());
    for (const { id } of info.machines) expect(ids).toContain(id.toLowerCase());
  });

  it('ARM-5: can be run again, keeps what is there and merges the tags', async () => {
    const before = await resourcesOf(GROUP);
    expect(await deploy()).toMatchObject({ code: 0 });
    // Run commands have another name in each run, and those of the run before are removed.
    const withoutRun = (resources: { id: string }[]) =>
      resources.map(({ id }) => id.replace(/(install-cloud-client-)\d+$/, '$1'));
    expect(withoutRun(await resourcesOf(GROUP))).toEqual(withoutRun(before));
    const { body } = await arm.send('GET', `/resourceGroups/${GROUP}?api-version=2021-04-01`);
    expect(body).toMatchObject({ tags: PLAN.tags });
  });

  it('says that a name is taken when another site has it', async () => {
    const { code, output } = await deploy({ RESOURCE_GROUP_NAME: 'second-rg' });
    expect(code).not.toBe(0);
    expect(output).toMatch(/already (taken|exists|in use)/i);
  });

  it('says which parameter its template does not know', async () => {
    const file = path.join(folder, 'parameter/main.parameters.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"parameters": {', '"parameters": {\n    "surplus": { "value": 1 },'));
    const { code, output } = await deploy();
    writeFileSync(file, text);
    expect(code).not.toBe(0);
    expect(output).toContain('surplus');
  });

  it('leaves no secret and no sign-in in the profile of the Azure CLI', async () => {
    const profile = path.join(folder, 'config');
    const files = readdirSync(profile, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((text) => text.includes(given['AZURE_CLIENT_SECRET'] ?? ''))).toEqual([]);
    expect(await run('az', ['account', 'show'])).toMatchObject({
      output: expect.stringContaining('az login') as string,
    });
  });

  it('ARM-5: is undone by remove.sh, which asks first and removes nothing of others', async () => {
    const other = `/resourceGroups/${GROUP}/providers/Microsoft.Network/publicIPAddresses/other`;
    await arm.send('PUT', `${other}?api-version=2025-05-01`, { location: PLAN.region, properties: {} });
    const remove = (confirm: string) =>
      run(path.join(folder, 'remove.sh'), [], { ...given, CONFIRM: confirm });
    expect(await remove('no')).toMatchObject({
      code: 1,
      output: expect.stringContaining('Nothing was removed') as string,
    });
    expect(await remove('yes')).toMatchObject({
      code: 0,
      output: expect.stringContaining('Done.') as string,
    });
    expect((await resourcesOf(GROUP)).map(({ id }) => id.split('/').at(-1))).toEqual(['other']);
  });
});
