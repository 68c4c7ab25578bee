/** The site plan: the description of a site from which its estimate, template and deployment are generated. */
import { z } from 'zod';
import { isIpv4Address } from '../../shared/pure/addresses';
import {
  domainUserName,
  externalSecret,
  machinePassword,
  machineUserName,
  sqlPassword,
  sqlUserName,
} from './credentials';
import { isSubnetRange } from './address-rules';
import { allowedSources } from './allowed-sources';
import {
  IMAGES,
  type ImageName,
  isGovernmentRegion,
  MACHINE_SIZES,
  PRIVATE_ZONES,
  PROVISIONED_VCORES,
  REGIONS,
  SERVERLESS_VCORES,
} from './catalogues';
import { certificateFile } from './certificate';
import { oneOf, text, yesOrNo } from './fields';
import { ORGANIZATIONAL_UNIT } from './naming-rules';
import { PLAN_RULES } from './plan-rules';
import { serverVersion } from './server-version';
import { forwardingRulesetId, privateZoneId, subnetId, workspaceId } from './resource-ids';
import { tags } from './tags';

const region = z.enum(REGIONS, {
  error: ({ input }) =>
    typeof input === 'string' && isGovernmentRegion(input)
      ? 'Azure Government regions are not supported: choose a region of the public cloud.'
      : 'Give the name of an Azure region, such as westeurope.',
});

/** The error for a part that is missing or has the wrong type; unknown fields have errors of their own. */
const required = (what: string) => ({
  error: ({ code }: { code?: string }) => (code === 'unrecognized_keys' ? undefined : `Specify ${what}.`),
});

/** An integer from `min` to `max`. */
const integerBetween = (min: number, max: number, what: string) => {
  const message = `Give ${what} from ${min.toLocaleString('en')} to ${max.toLocaleString('en')}.`;
  return z.int(message).min(min, message).max(max, message);
};

const ipv4Address = z
  .string('Give an IPv4 address such as 10.0.0.4.')
  .refine(isIpv4Address, 'Give an IPv4 address such as 10.0.0.4.');

const subnetRange = z
  .string('Give an IPv4 range such as 10.0.0.0/24.')
  .refine(
    isSubnetRange,
    'Give the address range of the subnet, such as 10.0.0.0/24; Azure has none smaller than /29.',
  );

const zoneExample = (name: string) =>
  `/subscriptions/6f1c7e52-0b7e-4a63-9a55-3a0c5d3c1f10/resourceGroups/hub-rg/providers/Microsoft.Network/privateDnsZones/${name}`;

const privateDnsZones = z.discriminatedUnion(
  'use',
  [
    z.strictObject({
      use: z.literal('create').describe('Zones in the resource group of the site, linked to its network'),
    }),
    z.strictObject({
      use: z
        .literal('existing')
        .describe('Zones that are linked to the network already, such as those of another site or of a hub'),
      file: privateZoneId(PRIVATE_ZONES.file)
        .describe('Resource id of the zone of file shares')
        .meta({ examples: [zoneExample(PRIVATE_ZONES.file)] }),
      sql: privateZoneId(PRIVATE_ZONES.sql)
        .describe('Resource id of the zone of databases')
        .meta({ examples: [zoneExample(PRIVATE_ZONES.sql)] }),
      vault: privateZoneId(PRIVATE_ZONES.vault)
        .describe('Resource id of the zone of key vaults')
        .meta({ examples: [zoneExample(PRIVATE_ZONES.vault)] }),
    }),
    z.strictObject({
      use: z.literal('none').describe('The DNS servers of the network resolve the private addresses'),
    }),
  ],
  required('the private DNS zones: use is create, existing or none'),
);

const network = z.strictObject(
  {
    subnetId: subnetId.describe('Where machines, internal load balancer and private endpoints are placed'),
    subnetRange: subnetRange
      .optional()
      .describe('Address range of that subnet, to check the address of an internal load balancer'),
    privateEndpoints: yesOrNo
      .default(false)
      .describe('Storage, databases and key vault only from the network'),
    resolverSubnetId: subnetId
      .optional()
      .describe(
        'Dedicated subnet of a new DNS private resolver: with private endpoints and Active Directory',
      ),
    forwardingRulesetId: forwardingRulesetId
      .optional()
      .describe(
        'Instead of a new resolver: a ruleset that is linked to the network and forwards the domain to its controllers',
      ),
    privateDnsZones: privateDnsZones
      .default({ use: 'create' })
      .describe('The zones that resolve the private addresses of storage, databases and key vault'),
  },
  required('the subnet of the site'),
);

const machines = z.strictObject(
  {
    image: z.enum(
      Object.keys(IMAGES) as [ImageName, ...ImageName[]],
      `Choose one of ${Object.keys(IMAGES).join(', ')}.`,
    ),
    size: z.enum(Object.keys(MACHINE_SIZES), 'Choose a size of the catalogue, such as Standard_D4s_v3.'),
    count: integerBetween(1, 50, 'a number of machines'),
    placement: oneOf(['availabilitySet', 'zones'])
      .default('availabilitySet')
      .describe('Protects against the failure of a rack, or of a data centre; cannot be changed later'),
    administrator: z.strictObject(
      { userName: machineUserName, password: machinePassword.optional() },
      required('the administrator of the machines'),
    ),
  },
  required('the number, size and image of the machines'),
);

const domainName = text('the full name of the domain', 253).regex(
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/,
  'Give the full name of the domain, such as corp.contoso.com.',
);

const organizationalUnit = text('the distinguished name of an organizational unit', 1_000).regex(
  ORGANIZATIONAL_UNIT,
  'Give the distinguished name of an organizational unit, such as OU=Recording,DC=corp,DC=contoso,DC=com.',
);

const activeDirectory = z.strictObject({
  kind: z.literal('activeDirectory'),
  name: domainName,
  controllerAddress: ipv4Address.describe('IPv4 address of a domain controller that serves DNS'),
  secondControllerAddress: ipv4Address
    .optional()
    .describe('Another one, which is used while the first does not respond'),
  organizationalUnit: organizationalUnit
    .optional()
    .describe('Where the accounts of the machines are created; by default where the domain puts computers'),
  userName: domainUserName.describe('Needs the permission to join machines to the domain'),
  password: externalSecret.optional(),
});

const entra = z.strictObject({
  kind: z.literal('entra').describe('An administrator joins the machines to Microsoft Entra ID'),
});

const domain = z.discriminatedUnion(
  'kind',
  [activeDirectory, entra],
  required('what the machines join: kind is activeDirectory or entra'),
);

const storage = z.discriminatedUnion(
  'performance',
  [
    z.strictObject({
      performance: z.literal('standard'),
      redundancy: oneOf(['LRS', 'ZRS', 'GRS', 'GZRS']).default('LRS'),
      tier: oneOf(['transactionOptimized', 'hot', 'cool']).default('transactionOptimized'),
      shareCount: integerBetween(1, 50, 'a number of file shares').describe('Shares of 5 TiB'),
    }),
    z.strictObject({
      performance: z.literal('premium'),
      redundancy: oneOf(['LRS', 'ZRS']).default('LRS'),
      shares: z
        .array(
          z.strictObject(
            { provisionedGib: integerBetween(100, 102_400, 'a size in GiB') },
            required('the size of the share: provisionedGib'),
          ),
          'Give a list of file shares.',
        )
        .min(1, 'Give at least one file share.')
        .max(50, 'Give at most 50 file shares.'),
    }),
  ],
  required('the storage for recordings: performance is standard or premium'),
);

const vCores = (sizes: Readonly<Record<number, number>>) => {
  const message = `Choose one of ${Object.keys(sizes).join(', ')} vCores.`;
  return z
    .int(message)
    .refine((count) => count in sizes, message)
    .describe(`Number of virtual cores: ${Object.keys(sizes).join(', ')}`);
};

const databases = z.strictObject(
  {
    compute: z.discriminatedUnion(
      'tier',
      [
        z.strictObject({
          tier: z.literal('provisioned'),
          vCores: vCores(PROVISIONED_VCORES),
          licence: oneOf(['payAsYouGo', 'azureHybridBenefit'])
            .default('payAsYouGo')
            .describe('azureHybridBenefit: you own SQL Server licences with Software Assurance'),
        }),
        z.strictObject({
          tier: z.literal('serverless'),
          maxVcores: vCores(SERVERLESS_VCORES),
          autoPauseMinutes: z
            .int('Give whole minutes, or null.')
            .min(60, 'A database can pause after 60 minutes or more.')
            .max(10_080, 'A database can pause after 10,080 minutes (a week) or less.')
            .nullable()
            .default(null)
            .describe('null: never paused, so that recording servers never wait for a database to resume'),
        }),
      ],
      required('the compute of the databases: tier is provisioned or serverless'),
    ),
    maxSizeGib: integerBetween(1, 4_096, 'a size in GiB'),
    administrator: z.strictObject(
      { userName: sqlUserName, password: sqlPassword.optional() },
      required('the administrator of the databases'),
    ),
  },
  required('the compute and size of the databases'),
);

const publicLoadBalancer = z.strictObject({ type: z.literal('public'), allowedSources });

const internalLoadBalancer = z.strictObject({
  type: z.literal('internal'),
  address: ipv4Address.describe('An unused address of the subnet'),
  allowedSources: allowedSources.default('').describe('Empty: all of the virtual network'),
});

const loadBalancer = z.discriminatedUnion(
  'type',
  [publicLoadBalancer, internalLoadBalancer],
  required('the load balancer: type is public or internal'),
);

const secureClient = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('create').describe('The service creates one for each machine') }),
    z.strictObject({
      kind: z.literal('existing'),
      clientId: z.uuid('Give the id of a secure client.'),
      secret: externalSecret.optional(),
    }),
  ],
  required('the secure client of the machines: kind is create or existing'),
);

const fields = z.strictObject(
  {
    name: z
      .string('Give the site a name.')
      .trim()
      .min(1, 'Give the site a name.')
      .max(128, 'A name has at most 128 characters.')
      .regex(/^\P{Cc}*$/u, 'Control characters cannot be used in a name.'),
    description: text('a description', 300).default(''),
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
    logAnalyticsWorkspaceId: workspaceId
      .optional()
      .describe('Receives the logs of key vault, databases and file shares'),
    serverVersion: serverVersion
      .optional()
      .describe('Required for a host connection; with a template it is chosen at set-up'),
  },
  required('a site plan'),
);

const kind = { kind: true } as const;
const type = { type: true } as const;

/** A draft of a site plan: its parts are optional, and so are the fields that do not affect its cost. */
export const sitePlanDraft = fields
  .partial()
  .required({ region: true })
  .extend({
    network: network.partial().optional(),
    machines: machines.partial({ image: true, administrator: true }).optional(),
    domain: z.discriminatedUnion('kind', [activeDirectory.partial().required(kind), entra]).optional(),
    databases: databases.partial({ administrator: true }).optional(),
    loadBalancer: z
      .discriminatedUnion('type', [
        publicLoadBalancer.partial().required(type),
        internalLoadBalancer.partial().required(type),
      ])
      .optional(),
  });

/**
 * A complete site plan. Passwords, the certificate and the secure client's secret are for a deployment through a host
 * connection; the scripts of a template prompt for them. Validation reports all errors at once, and adds to the
 * certificate what it read from the file.
 */
export const sitePlan = PLAN_RULES.reduce(
  (schema, { path, error, holds }) => schema.refine(holds, { path: [...path], error, when: () => true }),
  fields,
).meta({ id: 'SitePlan' });

export type SitePlan = z.output<typeof sitePlan>;

/** The plan without secrets, which can be stored and logged. */
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
