/** The summary of a site: each capability contributes what it knows; what is not known is null, with the reason (SRV-1). */
import { z } from 'zod';

/** A value that the service may not know. */
function known<S extends z.ZodType>(value: S) {
  return z.object({
    value: value.nullable().describe('null: not known'),
    reason: z.string().optional().describe('Why it is not known, or where it comes from'),
  });
}

const bytes = z.int().nonnegative();

const storageLocation = z
  .object({
    path: z.string(),
    servers: z.array(z.string()).describe('Host names of the servers that report it'),
    usedBytes: bytes,
    freeBytes: bytes,
    capacityBytes: bytes.describe('Used and free bytes together'),
  })
  .meta({ id: 'StorageLocation' });

const siteDatabase = z
  .object({
    instance: z.string().nullable().describe('null: not known before a server registers'),
    name: z.string().nullable(),
    tier: z
      .string()
      .nullable()
      .describe('Of databases in Azure, such as `provisioned, 2 vCores`; null: not known'),
  })
  .meta({ id: 'SiteDatabase' });

const upgradeConflict = z
  .object({
    serverId: z.uuid(),
    hostName: z.string(),
    detail: z.string().describe('The upgrade slot, the time of storage maintenance, and what to do'),
  })
  .meta({ id: 'UpgradeConflict' });

export const siteSummary = z
  .object({
    upgradeConflicts: z
      .array(upgradeConflict)
      .describe(
        'Servers that may be upgraded when storage maintenance begins: those that joined the site with such a slot; the ' +
          'first 100. Empty while maintenance is off',
      ),
    servers: z
      .object({ total: z.int(), available: z.int().describe('Those whose status is `available`') })
      .describe('Without removed ones'),
    storageLocations: known(z.array(storageLocation)).describe('As the last heartbeats report them'),
    databases: known(z.array(siteDatabase)),
    loadBalancer: known(
      z.object({
        type: z.enum(['public', 'internal']),
        address: z
          .string()
          .optional()
          .meta({ description: 'Its address', examples: ['10.20.0.9'] }),
      }),
    ),
    costThisMonth: known(
      z.object({ amount: z.number().describe('In the currency, up to now'), currency: z.string() }),
    ).describe('What the site has cost in Azure since the month began'),
    inAzure: known(z.boolean()).describe('Whether its resources were made in Azure through this service'),
  })
  .meta({ id: 'SiteSummary' });

export type SiteSummary = z.output<typeof siteSummary>;
