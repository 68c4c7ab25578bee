/** resourceInfo.json: the resources of a deployment, and how they differ from the plan. */
import { z } from 'zod';
import type { SitePlan } from '../plan/site-plan';
import {
  ARCHIVE_SHARE,
  DATABASES,
  type ResourceNames,
  shareCount,
  shareName,
} from '../template/resource-names';

const namedResource = z.object({ name: z.string().max(200), id: z.string().max(1_000) });

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
    machines: z.array(namedResource).max(100),
    shares: z.array(z.string().max(100)).max(100),
    recordingsAccount: namedResource,
    archiveAccount: namedResource.extend({ share: z.string().max(100) }),
    databaseServer: namedResource.extend({
      host: z.string().max(300),
      databases: z.array(z.string().max(200)).max(10),
    }),
    loadBalancer: namedResource.extend({ address: z.string().max(100) }),
    keyVault: namedResource,
    identity: namedResource,
  })
  .meta({ id: 'ResourceInfo' });

export type ResourceInfo = z.output<typeof resourceInfo>;

/** Outputs of the template that the file contains. */
export const RESOURCE_INFO_OUTPUTS = Object.keys(resourceInfo.shape).filter(
  (name) => name !== 'schemaVersion',
);

/** The expected content of the file. */
export interface ExpectedResources {
  siteId: string;
  planFingerprint: string;
  plan: SitePlan;
  names: ResourceNames;
}

/** A difference between the file and the plan. */
export interface ResourceInfoMismatch {
  /** JSON pointer into the file. */
  pointer: string;
  detail: string;
}

/** Everything in the file that differs from the site's plan; empty when it can be used. */
export function resourceInfoMismatches(
  info: ResourceInfo,
  expected: ExpectedResources,
): ResourceInfoMismatch[] {
  if (info.siteId !== expected.siteId)
    return [
      {
        pointer: '/siteId',
        detail: 'This file belongs to another site: upload the file that the scripts of this site wrote.',
      },
    ];
  if (info.planFingerprint !== expected.planFingerprint)
    return [
      {
        pointer: '/planFingerprint',
        detail:
          'This file belongs to another template of this site: deploy the template that was created last.',
      },
    ];
  return [
    ...machineMismatches(info, expected),
    ...resourceMismatches(info, expected),
    ...planMismatches(info, expected),
  ];
}

const equalsIgnoringCase = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

function expectedId(info: ResourceInfo, type: string, name: string): string {
  return `/subscriptions/${info.subscriptionId}/resourceGroups/${info.resourceGroupName}/providers/${type}/${name}`;
}

function machineMismatches(info: ResourceInfo, { names }: ExpectedResources): ResourceInfoMismatch[] {
  const missing = names.machines
    .filter((name) => !info.machines.some((machine) => equalsIgnoringCase(machine.name, name)))
    .map((name) => ({ pointer: '/machines', detail: `The machine ${name} is missing.` }));
  const seen = new Set<string>();
  const wrong = info.machines.flatMap((machine, index) => {
    const pointer = `/machines/${index}`;
    const name = machine.name.toLowerCase();
    if (seen.has(name)) return [{ pointer, detail: `The machine ${machine.name} is listed twice.` }];
    seen.add(name);
    if (!names.machines.some((known) => equalsIgnoringCase(known, name)))
      return [{ pointer, detail: `The machine ${machine.name} does not belong to this site.` }];
    const hasExpectedId = equalsIgnoringCase(
      machine.id,
      expectedId(info, 'Microsoft.Compute/virtualMachines', machine.name),
    );
    return hasExpectedId
      ? []
      : [{ pointer: `${pointer}/id`, detail: `This is not the id of ${machine.name}.` }];
  });
  return [...missing, ...wrong];
}

function resourceMismatches(info: ResourceInfo, { names }: ExpectedResources): ResourceInfoMismatch[] {
  const vault = new RegExp(`^${names.vault}\\d{1,2}$`, 'i');
  const resources: [string, { name: string; id: string }, string, (name: string) => boolean][] = [
    [
      'recordingsAccount',
      info.recordingsAccount,
      'Microsoft.Storage/storageAccounts',
      (name) => equalsIgnoringCase(name, names.recordingsAccount),
    ],
    [
      'archiveAccount',
      info.archiveAccount,
      'Microsoft.Storage/storageAccounts',
      (name) => equalsIgnoringCase(name, names.archiveAccount),
    ],
    [
      'databaseServer',
      info.databaseServer,
      'Microsoft.Sql/servers',
      (name) => equalsIgnoringCase(name, names.sqlServer),
    ],
    [
      'loadBalancer',
      info.loadBalancer,
      'Microsoft.Network/loadBalancers',
      (name) => equalsIgnoringCase(name, names.loadBalancer),
    ],
    ['keyVault', info.keyVault, 'Microsoft.KeyVault/vaults', (name) => vault.test(name)],
    [
      'identity',
      info.identity,
      'Microsoft.ManagedIdentity/userAssignedIdentities',
      (name) => equalsIgnoringCase(name, names.identity),
    ],
  ];
  return resources.flatMap(([field, { name, id }, type, isExpected]) => {
    if (!isExpected(name))
      return [{ pointer: `/${field}/name`, detail: `${name} does not belong to this site.` }];
    return equalsIgnoringCase(id, expectedId(info, type, name))
      ? []
      : [{ pointer: `/${field}/id`, detail: `This is not the id of ${name}.` }];
  });
}

function planMismatches(info: ResourceInfo, { plan }: ExpectedResources): ResourceInfoMismatch[] {
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
    isWrong ? [{ pointer, detail: 'This differs from the plan of the site.' }] : [],
  );
}
