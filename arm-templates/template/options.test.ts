/** What single options of a plan change in the template, by Azure's rules for them. */
import {
  ACTIVE_DIRECTORY,
  PARIS,
  planOf,
  type PlanInput,
  SHARED_RULESET,
  SHARED_ZONES,
  subnet,
  WORKSPACE,
} from '../testing/plans';
import { CONTEXT } from '../testing/context';
import { MACHINE_SETUP } from './machine-setup';
import type { NestedTemplateName } from './nested-template';
import { makeTemplate } from './template';

interface ResourceJson {
  type: string;
  name: string;
  zones?: unknown;
  identity?: { type: string };
  dependsOn?: string[];
  properties: Record<string, unknown>;
}

const templateOf = (change: Partial<PlanInput> = {}) => makeTemplate(planOf(change), CONTEXT);

function resources(name: NestedTemplateName, change: Partial<PlanInput> = {}): ResourceJson[] {
  return (templateOf(change).nested.get(name)?.resources ?? []) as unknown as ResourceJson[];
}

const typesIn = (name: NestedTemplateName, change: Partial<PlanInput> = {}) =>
  resources(name, change).map(({ type }) => type.split('/').slice(1).join('/'));

function only(name: NestedTemplateName, type: string, change: Partial<PlanInput> = {}): ResourceJson {
  const [found, ...more] = resources(name, change).filter((resource) => resource.type === type);
  if (!found || more.length > 0) throw new Error(`not exactly one ${type} in ${name}`);
  return found;
}

const MACHINE = 'Microsoft.Compute/virtualMachines';
const NIC = 'Microsoft.Network/networkInterfaces';

it('PLAN-1: merges ranges that overlap, since Azure refuses them in one rule', () => {
  const loadBalancer = {
    type: 'public',
    allowedSources: '10.1.0.0/16, 203.0.113.7, 10.0.0.0/8, 203.0.113.0/24, 2001:db8:1::/48, 2001:db8::/32',
  } as const;
  const { parameters } = templateOf({ loadBalancer });
  expect(parameters['allowedIpv4Ranges']).toEqual(['10.0.0.0/8', '203.0.113.0/24']);
  expect(parameters['allowedIpv6Ranges']).toEqual(['2001:db8::/32']);
});

describe('the audit log of the databases', () => {
  it('ARM-3: is deployed when its role is there and has had time to take effect', () => {
    expect(typesIn('databases')).toContain('roleAssignments');
    expect(typesIn('auditing')).toEqual(['servers/auditingSettings']);
    const deployment = templateOf().main.resources.find((resource) =>
      (resource as { name: string }).name.includes("'-auditing'"),
    ) as { dependsOn: string[] };
    expect(deployment.dependsOn.map((id) => /'-([a-z-]+)'/.exec(id)?.[1])).toEqual(['databases', 'machines']);
  });
});

describe('the set-up of machines', () => {
  it('ARM-5: has another name in each run', () => {
    expect(only('setup', `${MACHINE}/runCommands`).name).toMatch(/parameters\('setupRun'\)/);
    expect(templateOf().main.parameters['setupRun']).toMatchObject({
      defaultValue: "[utcNow('yyyyMMddHHmmss')]",
    });
  });

  it('ARM-5: enrols only when the installer is there and is the right one', () => {
    const steps = ['Invoke-WebRequest', 'Assert-Package $package', '/enrolments', "'msiexec.exe'"];
    const places = steps.map((step) => MACHINE_SETUP.lastIndexOf(step));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(MACHINE_SETUP).toMatch(/Get-FileHash -Algorithm SHA256/);
    expect(MACHINE_SETUP).toMatch(/Get-AuthenticodeSignature/);
  });

  it('is given the hash of the installer where the service knows it', () => {
    const names = (context: typeof CONTEXT) =>
      JSON.stringify(makeTemplate(planOf(), context).nested.get('setup')).includes('PackageSha256"');
    expect([names(CONTEXT), names({ ...CONTEXT, cloudClientPackageSha256: undefined })]).toEqual([
      true,
      false,
    ]);
  });
});

describe('machines without a domain', () => {
  const ENTRA = { domain: { kind: 'entra' } } as const;
  it('ARM-3: join Microsoft Entra ID with an identity of their own', () => {
    expect(only('machines', MACHINE, ENTRA).identity?.type).toBe('SystemAssigned, UserAssigned');
    expect(only('machines', `${MACHINE}/extensions`, ENTRA).properties).toMatchObject({
      publisher: 'Microsoft.Azure.ActiveDirectory',
      type: 'AADLoginForWindows',
    });
    expect(only('machines', MACHINE).identity?.type).toBe('UserAssigned');
  });
});

describe('a domain', () => {
  const domain = {
    ...ACTIVE_DIRECTORY,
    secondControllerAddress: '10.1.0.5',
    organizationalUnit: 'OU=Recording,DC=corp,DC=contoso,DC=example',
  };
  it('ARM-3: may have a second controller, and an organizational unit for the machines', () => {
    const { parameters } = templateOf({ domain });
    expect(parameters['domainControllerAddresses']).toEqual(['10.1.0.4', '10.1.0.5']);
    expect(parameters['organizationalUnit']).toBe(domain.organizationalUnit);
    expect(only('machines', `${MACHINE}/extensions`, { domain }).properties).toMatchObject({
      settings: { OUPath: "[parameters('organizationalUnit')]" },
    });
    expect(only('machines', NIC, { domain }).properties).toMatchObject({
      dnsSettings: { dnsServers: "[parameters('domainControllerAddresses')]" },
    });
  });
});

describe('availability zones', () => {
  const machines = { ...PARIS.machines, placement: 'zones' } as const;
  it('ARM-3: take the place of the availability set, and carry the address of the load balancer', () => {
    expect(typesIn('machines', { machines })).not.toContain('availabilitySets');
    const machine = only('machines', MACHINE, { machines });
    expect(machine.zones).toEqual(['[string(add(mod(copyIndex(), 3), 1))]']);
    expect(machine.properties).not.toHaveProperty('availabilitySet');
    expect(only('load-balancer', 'Microsoft.Network/publicIPAddresses', { machines }).zones).toEqual([
      '1',
      '2',
      '3',
    ]);
    const loadBalancer = { type: 'internal', address: '10.0.0.9' } as const;
    expect(
      only('load-balancer', 'Microsoft.Network/loadBalancers', { machines, loadBalancer }).properties,
    ).toMatchObject({ frontendIPConfigurations: [{ zones: ['1', '2', '3'] }] });
  });
});

describe('private DNS zones', () => {
  const network = (change: object): Partial<PlanInput> => ({
    network: { subnetId: subnet('recording'), privateEndpoints: true, ...change },
  });
  const NEW = network({ resolverSubnetId: subnet('resolver') });
  const EXISTING = network({
    privateDnsZones: { use: 'existing', ...SHARED_ZONES },
    forwardingRulesetId: SHARED_RULESET,
  });
  const NONE = network({ privateDnsZones: { use: 'none' } });
  const count = (change: Partial<PlanInput>, type: string) =>
    typesIn('private-endpoints', change).filter((one) => one === type).length;

  it('ARM-5: are created, taken from the plan, or left to the DNS of the network', () => {
    const types = [
      'privateDnsZones',
      'privateDnsZones/virtualNetworkLinks',
      'privateEndpoints/privateDnsZoneGroups',
    ];
    expect([NEW, EXISTING, NONE].map((change) => types.map((type) => count(change, type)))).toEqual([
      [3, 3, 4],
      [0, 0, 4],
      [0, 0, 0],
    ]);
    expect(templateOf(EXISTING).parameters['privateZoneIds']).toEqual(SHARED_ZONES);
    expect([NEW, EXISTING, NONE].map((change) => templateOf(change).nested.has('dns-resolver'))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('are asked by the machines, unless the DNS of the network answers', () => {
    const dns = (change: Partial<PlanInput>) => only('machines', NIC, change).properties['dnsSettings'];
    expect(dns(NEW)).toEqual({ dnsServers: ['AzureProvidedDNS'] });
    expect(dns(EXISTING)).toEqual({ dnsServers: ['AzureProvidedDNS'] });
    expect(dns(NONE)).toBeUndefined();
  });
});

it('ARM-3: sends the logs of vault, databases and shares to the workspace of the plan', () => {
  expect(resources('diagnostics')).toEqual([]);
  const settings = resources('diagnostics', { logAnalyticsWorkspaceId: WORKSPACE });
  expect(settings).toHaveLength(5);
  for (const { properties } of settings)
    expect(properties).toMatchObject({ logs: [{ categoryGroup: 'allLogs', enabled: true }] });
});
