/** resourceInfo.json: what a deployment made, and whether it is what the plan asked for. */
import { z } from 'zod';
import type { SitePlan } from '../plan/site-plan';
import { ARCHIVE_SHARE, DATABASES, type Names, shareCount, shareName } from '../template/names';

const named = z.object({ name: z.string().max(200), id: z.string().max(1_000) });

/** The file as the scripts write it. */
export const resourceInfo = z
  .object({
    schemaVersion: z.literal(1),
    siteId: z.string().max(100),
    planFingerprint: z.string().max(100),
    tenantId: z.guid(),
    subscriptionId: z.guid(),
    resourceGroupName: z.string().min(1).max(90),
    region: z.string().max(100),
    machines: z.array(named).max(100),
    shares: z.array(z.string().max(100)).max(100),
    recordingsAccount: named,
    archiveAccount: named.extend({ share: z.string().max(100) }),
    databaseServer: named.extend({
      host: z.string().max(300),
      databases: z.array(z.string().max(200)).max(10),
    }),
    loadBalancer: named.extend({ address: z.string().max(100) }),
    keyVault: named,
    identity: named,
  })
  .meta({ id: 'ResourceInfo' });

export type ResourceInfo = z.output<typeof resourceInfo>;

/** Outputs of the template that make up the file. */
export const RESOURCE_INFO_OUTPUTS = Object.keys(resourceInfo.shape).filter(
  (name) => name !== 'schemaVersion',
);

/** What the file is compared with. */
export interface ExpectedResources {
  siteId: string;
  planFingerprint: string;
  plan: SitePlan;
  names: Names;
}

export interface ResourceInfoFault {
  /** JSON pointer into the file. */
  pointer: string;
  detail: string;
}

/** Everything in the file that is not of this site's plan; empty when it can be used. */
export function resourceInfoFaults(info: ResourceInfo, expected: ExpectedResources): ResourceInfoFault[] {
  if (info.siteId !== expected.siteId)
    return [
      {
        pointer: '/siteId',
        detail: 'This file is of another site: upload the one that the scripts of this site wrote.',
      },
    ];
  if (info.planFingerprint !== expected.planFingerprint)
    return [
      {
        pointer: '/planFingerprint',
        detail: 'This file is of another template of this site: deploy the template that was made last.',
      },
    ];
  return [...machineFaults(info, expected), ...resourceFaults(info, expected), ...listFaults(info, expected)];
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

function expectedId(info: ResourceInfo, type: string, name: string): string {
  return `/subscriptions/${info.subscriptionId}/resourceGroups/${info.resourceGroupName}/providers/${type}/${name}`;
}

function machineFaults(info: ResourceInfo, { names }: ExpectedResources): ResourceInfoFault[] {
  const missing = names.machines
    .filter((name) => !info.machines.some((machine) => same(machine.name, name)))
    .map((name) => ({ pointer: '/machines', detail: `The machine ${name} is missing.` }));
  const seen = new Set<string>();
  const wrong = info.machines.flatMap((machine, index) => {
    const pointer = `/machines/${index}`;
    const name = machine.name.toLowerCase();
    if (seen.has(name)) return [{ pointer, detail: `The machine ${machine.name} is listed twice.` }];
    seen.add(name);
    if (!names.machines.some((known) => same(known, name)))
      return [{ pointer, detail: `The machine ${machine.name} is not one of this site.` }];
    const isRight = same(machine.id, expectedId(info, 'Microsoft.Compute/virtualMachines', machine.name));
    return isRight ? [] : [{ pointer: `${pointer}/id`, detail: `This is not the id of ${machine.name}.` }];
  });
  return [...missing, ...wrong];
}

function resourceFaults(info: ResourceInfo, { names }: ExpectedResources): ResourceInfoFault[] {
  const vault = new RegExp(`^${names.vault}\\d{1,2}$`, 'i');
  const resources: [string, { name: string; id: string }, string, (name: string) => boolean][] = [
    [
      'recordingsAccount',
      info.recordingsAccount,
      'Microsoft.Storage/storageAccounts',
      (name) => same(name, names.recordingsAccount),
    ],
    [
      'archiveAccount',
      info.archiveAccount,
      'Microsoft.Storage/storageAccounts',
      (name) => same(name, names.archiveAccount),
    ],
    ['databaseServer', info.databaseServer, 'Microsoft.Sql/servers', (name) => same(name, names.sqlServer)],
    [
      'loadBalancer',
      info.loadBalancer,
      'Microsoft.Network/loadBalancers',
      (name) => same(name, names.loadBalancer),
    ],
    ['keyVault', info.keyVault, 'Microsoft.KeyVault/vaults', (name) => vault.test(name)],
    [
      'identity',
      info.identity,
      'Microsoft.ManagedIdentity/userAssignedIdentities',
      (name) => same(name, names.identity),
    ],
  ];
  return resources.flatMap(([field, { name, id }, type, isOurs]) => {
    if (!isOurs(name))
      return [{ pointer: `/${field}/name`, detail: `${name} is not the resource of this site.` }];
    return same(id, expectedId(info, type, name))
      ? []
      : [{ pointer: `/${field}/id`, detail: `This is not the id of ${name}.` }];
  });
}

function listFaults(info: ResourceInfo, { plan }: ExpectedResources): ResourceInfoFault[] {
  const differs = (found: readonly string[], wanted: readonly string[]) =>
    found.length !== wanted.length || found.some((name, index) => name !== wanted[index]);
  const shares = Array.from({ length: shareCount(plan) }, (_, index) => shareName(index + 1));
  const checks: [string, boolean][] = [
    ['/region', info.region !== plan.region],
    ['/shares', differs(info.shares, shares)],
    ['/archiveAccount/share', info.archiveAccount.share !== ARCHIVE_SHARE],
    ['/databaseServer/databases', differs(info.databaseServer.databases, DATABASES)],
    [
      '/loadBalancer/address',
      plan.loadBalancer.type === 'internal' && info.loadBalancer.address !== plan.loadBalancer.address,
    ],
  ];
  return checks.flatMap(([pointer, isWrong]) =>
    isWrong ? [{ pointer, detail: 'This is not what the plan of the site says.' }] : [],
  );
}
