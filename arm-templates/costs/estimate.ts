/** The monthly cost of a site at list prices. */
import { z } from 'zod';
import { STANDARD_SHARE_GIB } from '../plan/catalogues';
import { sitePlanDraft } from '../plan/site-plan';
import { EAST_US_2024 } from './price-snapshot';
import {
  loadBalancerDataMeter,
  loadBalancerRulesMeter,
  databaseStorageMeter,
  machineMeter,
  type Meter,
  premiumShareMeter,
  privateEndpointMeter,
  type PriceUnit,
  provisionedVcoreMeter,
  publicAddressMeter,
  resolverEndpointMeter,
  resolverRulesetMeter,
  serverlessVcoreMeter,
  sqlLicenceMeter,
  standardShareMeter,
} from './meters';

const HOURS_PER_MONTH = 720;
const DATABASES = 2;
/** One each for recordings, archive, database server and key vault. */
const PRIVATE_ENDPOINTS = 4;
/** Assumed data through the load balancer: about 47 GB an hour. */
const LOAD_BALANCER_GB_PER_MONTH = 33_600;

/** A site plan or a draft of one. */
export const estimateInput = sitePlanDraft.meta({ id: 'EstimateInput' });

export type EstimateInput = z.output<typeof estimateInput>;

export const COST_KINDS = ['machines', 'storage', 'databases', 'loadBalancer', 'privateNetwork'] as const;
export type CostKind = (typeof COST_KINDS)[number];

const priceSource = z.enum(['azureRetailPrices', 'snapshot']);

export const estimateView = z
  .object({
    currency: z.literal('USD'),
    total: z.number().describe('Per month, standard prices without discounts'),
    isMaximum: z.boolean().describe('Actual cost depends on use and may be lower'),
    hoursPerMonth: z.int(),
    kinds: z.array(z.object({ kind: z.enum(COST_KINDS), monthlyCost: z.number(), isMaximum: z.boolean() })),
    lines: z.array(
      z.object({
        source: priceSource.describe('Where the unit price comes from'),
        asOf: z.string().describe('The date of the unit price'),
        kind: z.enum(COST_KINDS),
        description: z.string(),
        quantity: z.number(),
        unit: z.string(),
        unitPrice: z.number(),
        monthlyCost: z.number(),
        isMaximum: z.boolean(),
      }),
    ),
    prices: z.object({
      source: z
        .enum([...priceSource.options, 'mixed'])
        .describe('mixed: the price list lacks some prices; each line says where its price comes from'),
      asOf: z.string().describe('The date of the oldest price'),
      region: z.string().describe('The region of the prices'),
    }),
    notes: z.array(z.string()),
  })
  .meta({ id: 'Estimate' });

/** A quantity that is charged by a meter. */
export interface Charge {
  kind: CostKind;
  description: string;
  quantity: number;
  meter: Meter;
  isMaximum: boolean;
}

function charge(
  kind: CostKind,
  description: string,
  quantity: number,
  meter: Meter,
  isMaximum = false,
): Charge {
  return { kind, description, quantity, meter, isMaximum };
}

/** All charges of a month. */
export function chargesOf(input: EstimateInput): Charge[] {
  const { region, machines } = input;
  return [
    ...(machines
      ? [
          charge(
            'machines',
            `${machines.count} × ${machines.size} with Windows`,
            machines.count * HOURS_PER_MONTH,
            machineMeter(region, machines.size),
          ),
        ]
      : []),
    ...storageCharges(input),
    ...databaseCharges(input),
    ...loadBalancerCharges(input),
    ...privateNetworkCharges(input),
  ];
}

function storageCharges({ region, storage }: EstimateInput): Charge[] {
  if (!storage) return [];
  if (storage.performance === 'premium') {
    const gib = storage.shares.reduce((sum, { provisionedGib }) => sum + provisionedGib, 0);
    const what = `${storage.shares.length} premium file shares, ${storage.redundancy}`;
    return [charge('storage', what, gib, premiumShareMeter(region, storage.redundancy))];
  }
  const { shareCount, redundancy, tier } = storage;
  const what = `${shareCount} file shares of 5 TiB when they are full, ${redundancy}`;
  return [
    charge(
      'storage',
      what,
      shareCount * STANDARD_SHARE_GIB,
      standardShareMeter(region, tier, redundancy),
      true,
    ),
  ];
}

function databaseCharges({ region, databases }: EstimateInput): Charge[] {
  if (!databases) return [];
  const { compute, maxSizeGib } = databases;
  const isServerless = compute.tier === 'serverless';
  const vCores = isServerless ? compute.maxVcores : compute.vCores;
  const licence =
    compute.tier === 'provisioned' && compute.licence === 'payAsYouGo'
      ? [
          charge(
            'databases',
            `SQL Server licence of ${DATABASES} × ${vCores} vCores`,
            DATABASES * vCores * HOURS_PER_MONTH,
            sqlLicenceMeter,
          ),
        ]
      : [];
  const what = `${DATABASES} databases of ${vCores} ${isServerless ? 'serverless vCores, never idle' : 'vCores'}`;
  const meter = isServerless ? serverlessVcoreMeter(region) : provisionedVcoreMeter(region);
  return [
    charge('databases', what, DATABASES * vCores * HOURS_PER_MONTH, meter, isServerless),
    ...licence,
    charge(
      'databases',
      `${DATABASES} × ${maxSizeGib} GiB of data`,
      DATABASES * maxSizeGib,
      databaseStorageMeter(region),
    ),
  ];
}

function loadBalancerCharges({ region, loadBalancer }: EstimateInput): Charge[] {
  if (!loadBalancer) return [];
  return [
    charge('loadBalancer', 'Up to five rules', HOURS_PER_MONTH, loadBalancerRulesMeter),
    charge(
      'loadBalancer',
      'Data that goes through it (assumed)',
      LOAD_BALANCER_GB_PER_MONTH,
      loadBalancerDataMeter,
    ),
    ...(loadBalancer.type === 'public'
      ? [charge('loadBalancer', 'Public address', HOURS_PER_MONTH, publicAddressMeter(region))]
      : []),
  ];
}

function privateNetworkCharges({ network, domain }: EstimateInput): Charge[] {
  if (!network?.privateEndpoints) return [];
  return [
    charge(
      'privateNetwork',
      `${PRIVATE_ENDPOINTS} private endpoints`,
      PRIVATE_ENDPOINTS * HOURS_PER_MONTH,
      privateEndpointMeter,
    ),
    // The DNS private resolver is deployed only for an Active Directory domain, and not where there is one already.
    ...(domain?.kind === 'activeDirectory' && createsResolver(network)
      ? [
          charge('privateNetwork', 'Endpoint of the DNS private resolver', 1, resolverEndpointMeter),
          charge('privateNetwork', 'Forwarding rules of the DNS private resolver', 1, resolverRulesetMeter),
        ]
      : []),
  ];
}

const createsResolver = ({ forwardingRulesetId, privateDnsZones }: NonNullable<EstimateInput['network']>) =>
  forwardingRulesetId === undefined && privateDnsZones?.use !== 'none';

/** A price and where it comes from. */
export interface UnitPrice {
  amount: number;
  source: z.output<typeof priceSource>;
  /** The date of the price. */
  asOf: string;
  /** The region whose price it is. */
  region: string;
}

/** Prices by the key of their meter. */
export interface PriceList {
  prices: ReadonlyMap<string, UnitPrice>;
  /** Whether Azure's list was asked, and whether it answered. */
  list: 'answered' | 'unreachable' | 'notConfigured';
}

const UNITS: Record<PriceUnit, string> = { hour: 'hours', month: 'months', 'GiB a month': 'GiB', GB: 'GB' };
const roundToCents = (amount: number) => Math.round((amount + Number.EPSILON) * 100) / 100;

/**
 * The estimate, in US dollars rounded to cents by kind.
 * @throws RangeError when the list lacks a price that is needed
 */
export function estimate(input: EstimateInput, list: PriceList): z.input<typeof estimateView> {
  const exact = chargesOf(input).map(({ kind, description, quantity, meter, isMaximum }) => {
    const price = list.prices.get(meter.key);
    if (price === undefined) throw new RangeError(`no price for ${meter.key}`);
    return {
      kind,
      description,
      quantity,
      unit: UNITS[meter.unit],
      unitPrice: price.amount,
      monthlyCost: quantity * price.amount,
      isMaximum,
      source: price.source,
      asOf: price.asOf,
    };
  });
  const kinds = COST_KINDS.flatMap((kind) => {
    const lines = exact.filter((line) => line.kind === kind);
    if (lines.length === 0) return [];
    const monthlyCost = roundToCents(lines.reduce((sum, line) => sum + line.monthlyCost, 0));
    return [{ kind, monthlyCost, isMaximum: lines.some(({ isMaximum }) => isMaximum) }];
  });
  return {
    currency: 'USD',
    total: roundToCents(kinds.reduce((sum, { monthlyCost }) => sum + monthlyCost, 0)),
    isMaximum: kinds.some(({ isMaximum }) => isMaximum),
    hoursPerMonth: HOURS_PER_MONTH,
    kinds,
    lines: exact.map((line) => ({ ...line, monthlyCost: roundToCents(line.monthlyCost) })),
    prices: summaryOf(input, list),
    notes: notesOf(input, list),
  };
}

/** The prices of the charges of an input. */
function usedPrices(input: EstimateInput, { prices }: PriceList): UnitPrice[] {
  return chargesOf(input).flatMap(({ meter }) => prices.get(meter.key) ?? []);
}

/** Of all prices; those of a region's list count as of that region, also where they are the same everywhere. */
function summaryOf(input: EstimateInput, list: PriceList): z.input<typeof estimateView>['prices'] {
  const used = usedPrices(input, list);
  const sources = [...new Set(used.map(({ source }) => source))];
  const [only = 'snapshot', ...others] = sources;
  const oldest = used.map(({ asOf }) => asOf).sort()[0];
  return {
    source: others.length > 0 ? 'mixed' : only,
    asOf: oldest ?? EAST_US_2024.asOf,
    region: used.find(({ source }) => source === 'azureRetailPrices')?.region ?? EAST_US_2024.region,
  };
}

function notesOf(input: EstimateInput, list: PriceList): string[] {
  return [
    'Standard prices without discounts, reservations and taxes; you can expect lower actual costs.',
    ...(input.machines ? ['Disks of the machines and traffic out of Azure are not counted.'] : []),
    ...(input.storage
      ? ['The storage account for archived recordings costs nothing while it is not used.']
      : []),
    ...(input.loadBalancer
      ? [`The load balancer is assumed to take ${LOAD_BALANCER_GB_PER_MONTH} GB a month.`]
      : []),
    ...snapshotNotes(input, list),
  ];
}

const REASONS: Record<PriceList['list'], string> = {
  answered: "Azure's price list lacks the prices of some lines (source: snapshot)",
  unreachable: "Azure's price list is not available",
  notConfigured: "This service does not ask Azure's price list",
};

function snapshotNotes(input: EstimateInput, list: PriceList): string[] {
  const [price] = usedPrices(input, list).filter(({ source }) => source === 'snapshot');
  if (!price) return [];
  return [
    `${REASONS[list.list]}: these are prices of ${price.region} as of ${price.asOf}.`,
    ...(price.region === input.region ? [] : [`Prices of ${input.region} may differ.`]),
  ];
}
