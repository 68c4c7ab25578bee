/** Templates of plans, deployed to the local Resource Manager as the scripts deploy them. */
import { makeTemplate, type SiteTemplate } from '../../arm-templates/template/template';
import { CONTEXT } from '../../arm-templates/testing/context';
import { planOf, type PlanInput } from '../../arm-templates/testing/plans';
import { localSubscriptionId } from '../../infra/local/azure/login/directory-ids';
import { faultClient } from '../../infra/local/azure/test-fault-client';
import { startTestArm, type TestArm } from '../../infra/local/resource-manager/test-arm';

jest.setTimeout(120_000);

const GROUPS = `/subscriptions/${localSubscriptionId}/resourceGroups`;
const NETWORK = `${GROUPS}/network-rg/providers/Microsoft.Network/virtualNetworks/hub`;
const SUBNET = `${NETWORK}/subnets/recording`;
const RESOLVER_SUBNET = `${NETWORK}/subnets/resolver`;
const location = 'eastus';

let arm: TestArm;
beforeEach(async () => {
  arm = await startTestArm();
  for (const name of ['network-rg', 'one', 'two'])
    await arm.client.resourceGroups.createOrUpdate(name, { location });
  const path = NETWORK.slice(`/subscriptions/${localSubscriptionId}`.length);
  const subnets = [
    { name: 'recording', properties: { addressPrefix: '10.0.0.0/24' } },
    { name: 'resolver', properties: { addressPrefix: '10.0.1.0/28' } },
  ];
  await arm.send('PUT', `${path}?api-version=2025-05-01`, { location, properties: { subnets } });
});
afterEach(() => arm.close());

const SECRETS: Record<string, string> = {
  domainPassword: 'Domain-Passw0rd',
  vmAdminPassword: 'Machine-Passw0rd',
  sqlAdminPassword: 'Sql-Passw0rd',
  certificate: 'AAAA',
  certificatePassword: 'certificate-password',
  enrolmentToken: 'enrolment-token',
};

function templateOf(change: Partial<PlanInput> = {}, suffix = CONTEXT.suffix): SiteTemplate {
  return makeTemplate(planOf({ network: { subnetId: SUBNET }, ...change }), { ...CONTEXT, suffix });
}

let runs = 0;

/** Deploys it with the secrets of before, unless they are changed. Returns the codes of its error; none when it succeeded. */
async function deploy(
  group: string,
  { main, parameters: open }: SiteTemplate,
  change: Record<string, string> = {},
): Promise<string[]> {
  runs += 1;
  const secrets = Object.entries({ ...SECRETS, ...change }).filter(([name]) => name in main.parameters);
  const values = { ...open, ...Object.fromEntries(secrets), setupRun: `run${runs}` };
  const parameters = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
  const template = JSON.parse(JSON.stringify(main)) as Record<string, unknown>;
  const properties = { mode: 'Incremental', template, parameters } as const;
  await arm.client.deployments
    .beginCreateOrUpdateAndWait(group, 'site', { properties }, { updateIntervalInMs: 20 })
    .catch(() => undefined);
  const deployed = (await arm.client.deployments.get(group, 'site')).properties;
  if (deployed?.provisioningState === 'Succeeded') return [];
  return [...JSON.stringify(deployed?.error).matchAll(/"code":"(\w+)"/g)].map(([, code]) => code ?? '');
}

async function typesIn(group: string): Promise<string[]> {
  const { body } = await arm.send('GET', `/resourceGroups/${group}/resources?api-version=2021-04-01`);
  return (body as { value: { type: string; name: string }[] }).value.map(
    ({ type, name }) => `${type} ${name}`,
  );
}

const privateNetwork = (change: object): Partial<PlanInput> => ({
  network: { subnetId: SUBNET, privateEndpoints: true, ...change },
});
const OWN_DNS = privateNetwork({ resolverSubnetId: RESOLVER_SUBNET });

it('ARM-3: is deployed at once, with the audit log of the databases and overlapping sources', async () => {
  const loadBalancer = {
    type: 'public',
    allowedSources: '203.0.113.0/24, 203.0.113.7, 10.0.0.0/8, 10.1.0.0/16',
  } as const;
  expect(await deploy('one', templateOf({ loadBalancer }))).toEqual([]);
});

it.each<[string, Partial<PlanInput>]>([
  ['private endpoints and a resolver', OWN_DNS],
  ['machines in Microsoft Entra ID', { domain: { kind: 'entra' } }],
  [
    'machines in zones behind an internal address',
    {
      machines: { ...planOf().machines, placement: 'zones' },
      loadBalancer: { type: 'internal', address: '10.0.0.250' },
    },
  ],
])('ARM-3: is deployed for %s', async (_what, change) => {
  expect(await deploy('one', templateOf(change))).toEqual([]);
});

it('ARM-5: a second site in the same network uses the zones and the ruleset of the first', async () => {
  expect(await deploy('one', templateOf(OWN_DNS))).toEqual([]);
  expect(await deploy('two', templateOf(OWN_DNS, 'second1'))).toContain('Conflict');

  const provider = `${GROUPS}/one/providers/Microsoft.Network`;
  const shared = privateNetwork({
    forwardingRulesetId: `${provider}/dnsForwardingRulesets/sr-${CONTEXT.suffix}-dns-rules`,
    privateDnsZones: {
      use: 'existing',
      file: `${provider}/privateDnsZones/privatelink.file.core.windows.net`,
      sql: `${provider}/privateDnsZones/privatelink.database.windows.net`,
      vault: `${provider}/privateDnsZones/privatelink.vaultcore.azure.net`,
    },
  });
  expect(await deploy('two', templateOf(shared, 'second2'))).toEqual([]);
});

it('ARM-5: is deployed again after the set-up of a machine failed', async () => {
  await faultClient(arm.azure.loginUrl).inject({
    standIn: 'resourceManager',
    method: 'CREATE',
    path: '*-1/runCommands/*',
    effect: { do: 'failAfterSuccess', status: 409 },
  });
  expect(await deploy('one', templateOf())).toContain('Conflict');
  expect(await deploy('one', templateOf())).toEqual([]);
});

it('ARM-5: a changed plan updates what is there, and makes nothing twice', async () => {
  await deploy('one', templateOf());
  const before = (await typesIn('one')).filter((line) => !line.includes('/runCommands'));
  const changed = templateOf({
    description: 'Changed',
    tags: { owner: 'another' },
    loadBalancer: { type: 'public', allowedSources: '198.51.100.0/24' },
  });
  expect(await deploy('one', changed)).toEqual([]);
  expect((await typesIn('one')).filter((line) => !line.includes('/runCommands'))).toEqual(before);
});

it('ARM-5: takes other secrets, but not another password of the machines', async () => {
  await deploy('one', templateOf());
  const others = {
    sqlAdminPassword: 'Other-Sql-Passw0rd',
    certificatePassword: 'other',
    domainPassword: 'other',
  };
  expect(await deploy('one', templateOf(), others)).toEqual([]);
  expect(await deploy('one', templateOf(), { vmAdminPassword: 'Other-Machine-Passw0rd' })).toContain(
    'PropertyChangeNotAllowed',
  );
});
