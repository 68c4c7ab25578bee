/** The monthly cost of a site at list prices. */
import { z } from 'zod';
import { STANDARD_SHARE_GIB } from '../plan/catalogues';
import { sitePlanDraft } from '../plan/site-plan';
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

export const estimateView = z
  .object({
    currency: z.literal('USD'),
    total: z.number().describe('Per month, standard prices without discounts'),
    isMaximum: z.boolean().describe('Actual cost depends on use and may be lower'),
    hoursPerMonth: z.int(),
    kinds: z.array(z.object({ kind: z.enum(COST_KINDS), monthlyCost: z.number(), isMaximum: z.boolean() })),
    lines: z.array(
      z.object({
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
      source: z.enum(['azureRetailPrices', 'snapshot']),
      asOf: z.string().describe('The date of the prices'),
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
  const what = `${DATABASES} databases of ${vCores} ${isServerless ? 'serverless vCores, never idle' : 'vCores'}`;
  const meter = isServerless ? serverlessVcoreMeter(region) : provisionedVcoreMeter(region);
  return [
    charge('databases', what, DATABASES * vCores * HOURS_PER_MONTH, meter, isServerless),
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

function privateNetworkCharges({ region, network, domain }: EstimateInput): Charge[] {
  if (!network?.privateEndpoints) return [];
  return [
    charge(
      'privateNetwork',
      `${PRIVATE_ENDPOINTS} private endpoints`,
      PRIVATE_ENDPOINTS * HOURS_PER_MONTH,
      privateEndpointMeter,
    ),
    // The DNS private resolver is deployed only for an Active Directory domain.
    ...(domain?.kind === 'activeDirectory'
      ? [
          charge('privateNetwork', 'Endpoint of the DNS private resolver', 1, resolverEndpointMeter(region)),
          charge(
            'privateNetwork',
            'Forwarding rules of the DNS private resolver',
            1,
            resolverRulesetMeter(region),
          ),
        ]
      : []),
  ];
}

/** Prices by the key of their meter, with their source and date. */
export interface PriceList {
  source: 'azureRetailPrices' | 'snapshot';
  asOf: string;
  region: string;
  prices: ReadonlyMap<string, number>;
}

const UNITS: Record<PriceUnit, string> = { hour: 'hours', month: 'months', 'GiB a month': 'GiB', GB: 'GB' };
const roundToCents = (amount: number) => Math.round((amount + Number.EPSILON) * 100) / 100;

/**
 * The estimate, in US dollars rounded to cents by kind.
 * @throws RangeError when the list lacks a price that is needed
 */
export function estimate(input: EstimateInput, list: PriceList): z.input<typeof estimateView> {
  const exact = chargesOf(input).map(({ kind, description, quantity, meter, isMaximum }) => {
    const unitPrice = list.prices.get(meter.key);
    if (unitPrice === undefined) throw new RangeError(`no price for ${meter.key}`);
    return {
      kind,
      description,
      quantity,
      unit: UNITS[meter.unit],
      unitPrice,
      monthlyCost: quantity * unitPrice,
      isMaximum,
    };
  });
  const kinds = COST_KINDS.flatMap((kind) => {
    const lines = exact.filter((line) => line.kind === kind);
    if (lines.length === 0) return [];
    const monthlyCost = roundToCents(lines.reduce((sum, line) => sum + line.monthlyCost, 0));
    return [{ kind, monthlyCost, isMaximum: lines.some(({ isMaximum }) => isMaximum) }];
  });
  const { source, asOf, region } = list;
  return {
    currency: 'USD',
    total: roundToCents(kinds.reduce((sum, { monthlyCost }) => sum + monthlyCost, 0)),
    isMaximum: kinds.some(({ isMaximum }) => isMaximum),
    hoursPerMonth: HOURS_PER_MONTH,
    kinds,
    lines: exact.map((line) => ({ ...line, monthlyCost: roundToCents(line.monthlyCost) })),
    prices: { source, asOf, region },
    notes: notesOf(input, list),
  };
}

function notesOf(input: EstimateInput, { source, asOf, region }: PriceList): string[] {
  return [
    'Standard prices without discounts, reservations and taxes; you can expect lower actual costs.',
    ...(input.machines ? ['Disks of the machines and traffic out of Azure are not counted.'] : []),
    ...(input.storage
      ? ['The storage account for archived recordings costs nothing while it is not used.']
      : []),
    ...(input.loadBalancer
      ? [`The load balancer is assumed to take ${LOAD_BALANCER_GB_PER_MONTH} GB a month.`]
      : []),
    ...(source === 'snapshot'
      ? [`Azure's price list is not available: these are prices of ${region} as of ${asOf}.`]
      : []),
    ...(source === 'snapshot' && region !== input.region ? [`Prices of ${input.region} may differ.`] : []),
  ];
}
