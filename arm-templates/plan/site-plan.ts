/** The site plan: one description of a site from which estimate, template and deployment are made. */
import { z } from 'zod';
import { isIpv4Address } from '../../shared/pure/addresses';
import {
  domainUserName,
  foreignPassword,
  machinePassword,
  machineUserName,
  sqlPassword,
  sqlUserName,
} from './accounts';
import { allowedSources } from './allowed-sources';
import {
  IMAGES,
  type ImageName,
  isGovernmentRegion,
  MACHINE_SIZES,
  PROVISIONED_VCORES,
  REGIONS,
  SERVERLESS_VCORES,
} from './catalogues';
import { certificateFile } from './certificate';
import { PLAN_RULES } from './plan-rules';
import { serverVersion } from './server-version';
import { subnetId } from './subnet';
import { tags } from './tags';

const region = z.enum(REGIONS, {
  error: ({ input }) =>
    typeof input === 'string' && isGovernmentRegion(input)
      ? 'Azure Government regions are not supported: choose one of the public cloud.'
      : 'Give the name of an Azure region, such as westeurope.',
});

/** What whoever left a part out, or wrote something else there, is told. */
const needed = (what: string) => ({
  error: ({ code }: { code?: string }) => (code === 'unrecognized_keys' ? undefined : `Say here ${what}.`),
});

/** A whole number within limits. */
const between = (least: number, most: number, what: string) => {
  const message = `Give ${what} from ${least.toLocaleString('en')} to ${most.toLocaleString('en')}.`;
  return z.int(message).min(least, message).max(most, message);
};

const ipv4Address = z.string().refine(isIpv4Address, 'Give an IPv4 address such as 10.0.0.4.');

const network = z.strictObject(
  {
    subnetId: subnetId.describe('Where machines, internal load balancer and private endpoints are placed'),
    privateEndpoints: z
      .boolean()
      .default(false)
      .describe('Storage, databases and key vault only from the network'),
    resolverSubnetId: subnetId
      .optional()
      .describe('Dedicated subnet of the DNS private resolver: with private endpoints and Active Directory'),
  },
  needed('in which subnet the site is placed'),
);

const machines = z.strictObject(
  {
    image: z.enum(
      Object.keys(IMAGES) as [ImageName, ...ImageName[]],
      `Choose one of ${Object.keys(IMAGES).join(', ')}.`,
    ),
    size: z.enum(Object.keys(MACHINE_SIZES), 'Choose a size of the catalogue, such as Standard_D4s_v3.'),
    count: between(1, 50, 'a number of machines'),
    administrator: z.strictObject(
      { userName: machineUserName, password: machinePassword.optional() },
      needed('who administers the machines'),
    ),
  },
  needed('how many machines of which size and image are needed'),
);

const domainName = z
  .string()
  .max(253)
  .regex(
    /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/,
    'Give the full name of the domain, such as corp.contoso.com.',
  );

const activeDirectory = z.strictObject({
  kind: z.literal('activeDirectory'),
  name: domainName,
  controllerAddress: ipv4Address.describe('IPv4 address of a domain controller that serves DNS'),
  userName: domainUserName.describe('Has the right to join machines to the domain'),
  password: foreignPassword.optional(),
});

const entra = z.strictObject({
  kind: z.literal('entra').describe('Machines are joined to Microsoft Entra ID by hand'),
});

const domain = z.discriminatedUnion(
  'kind',
  [activeDirectory, entra],
  needed('whether the machines join an Active Directory domain: kind is activeDirectory or entra'),
);

const storage = z.discriminatedUnion(
  'performance',
  [
    z.strictObject({
      performance: z.literal('standard'),
      redundancy: z.enum(['LRS', 'ZRS', 'GRS', 'GZRS']).default('LRS'),
      tier: z.enum(['transactionOptimized', 'hot', 'cool']).default('transactionOptimized'),
      shareCount: between(1, 50, 'a number of file shares').describe('Shares of 5 TiB'),
    }),
    z.strictObject({
      performance: z.literal('premium'),
      redundancy: z.enum(['LRS', 'ZRS']).default('LRS'),
      shares: z
        .array(z.strictObject({ provisionedGib: between(100, 102_400, 'a size in GiB') }))
        .min(1, 'Give at least one file share.')
        .max(50, 'Give at most 50 file shares.'),
    }),
  ],
  needed('where recordings are stored: performance is standard or premium'),
);

const vCores = (sizes: Readonly<Record<number, number>>) =>
  z.int().refine((count) => count in sizes, `Choose one of ${Object.keys(sizes).join(', ')} vCores.`);

const databases = z.strictObject(
  {
    compute: z.discriminatedUnion(
      'tier',
      [
        z.strictObject({ tier: z.literal('provisioned'), vCores: vCores(PROVISIONED_VCORES) }),
        z.strictObject({
          tier: z.literal('serverless'),
          maxVcores: vCores(SERVERLESS_VCORES),
          autoPauseMinutes: z
            .int('Give whole minutes, or null.')
            .min(60, 'A database can pause after 60 minutes at the earliest.')
            .max(10_080, 'A database pauses after 10,080 minutes (a week) at the latest.')
            .nullable()
            .default(null)
            .describe('null: never paused, so that recording servers never wait for a database'),
        }),
      ],
      needed('how databases are run: tier is provisioned or serverless'),
    ),
    maxSizeGib: between(1, 4_096, 'a size in GiB'),
    administrator: z.strictObject(
      { userName: sqlUserName, password: sqlPassword.optional() },
      needed('who administers the databases'),
    ),
  },
  needed('how large the databases are'),
);

const publicBalancer = z.strictObject({ type: z.literal('public'), allowedSources });

const internalBalancer = z.strictObject({
  type: z.literal('internal'),
  address: ipv4Address.describe('An unoccupied address of the subnet'),
  allowedSources: allowedSources.default('').describe('Empty: whatever reaches the virtual network'),
});

const loadBalancer = z.discriminatedUnion(
  'type',
  [publicBalancer, internalBalancer],
  needed('how the servers are reached: type is public or internal'),
);

const secureClient = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('create').describe('The service makes one for the machines') }),
    z.strictObject({
      kind: z.literal('existing'),
      clientId: z.uuid('Give the id of a secure client.'),
      secret: foreignPassword.optional(),
    }),
  ],
  needed('with which secure client the machines sign in: kind is create or existing'),
);

const fields = z.strictObject(
  {
    name: z
      .string('Give the site a name.')
      .trim()
      .min(1, 'Give the site a name.')
      .max(128, 'A name has 128 characters at the most.')
      .regex(/^\P{Cc}*$/u, 'Control characters cannot be used in a name.'),
    description: z.string().max(300).default(''),
    region,
    tags: tags.default({}),
    network,
    machines,
    domain,
    certificate: certificateFile.optional(),
    storage,
    databases,
    loadBalancer,
    secureClient,
    serverVersion: serverVersion
      .optional()
      .describe('Needed for a host connection; with a template it is chosen at set-up'),
  },
  needed('what the site is to be: a plan'),
);

const kind = { kind: true } as const;
const type = { type: true } as const;

/** A plan in the making: its parts may be left out, and of each part what costs nothing. */
export const planInTheMaking = fields
  .partial()
  .required({ region: true })
  .extend({
    network: network.partial().optional(),
    machines: machines.partial({ image: true, administrator: true }).optional(),
    domain: z.discriminatedUnion('kind', [activeDirectory.partial().required(kind), entra]).optional(),
    databases: databases.partial({ administrator: true }).optional(),
    loadBalancer: z
      .discriminatedUnion('type', [
        publicBalancer.partial().required(type),
        internalBalancer.partial().required(type),
      ])
      .optional(),
  });

/**
 * A site plan as callers send it. Passwords, the certificate and the secure client's secret are for a deployment
 * through a host connection; the scripts of a template ask for them. All errors are found at once.
 */
export const sitePlan = PLAN_RULES.reduce(
  (schema, { path, error, holds }) => schema.refine(holds, { path: [...path], error, when: () => true }),
  fields,
).meta({ id: 'SitePlan' });

export type SitePlan = z.output<typeof sitePlan>;

/** A plan without any secret: what may be stored and logged. */
export function withoutSecrets(plan: SitePlan): SitePlan {
  const { certificate: _certificate, machines: vm, databases: sql, domain: ad, secureClient: client } = plan;
  const { certificate: _dropped, ...rest } = plan;
  return {
    ...rest,
    machines: { ...vm, administrator: { userName: vm.administrator.userName } },
    databases: { ...sql, administrator: { userName: sql.administrator.userName } },
    domain: ad.kind === 'activeDirectory' ? { ...ad, password: undefined } : ad,
    secureClient: client.kind === 'existing' ? { kind: 'existing', clientId: client.clientId } : client,
  };
}
