/** Prices for use when the Retail Prices API is not available. */

/** A price list in US dollars. */
export interface PriceSnapshot {
  /** The date of the prices. */
  asOf: string;
  /** The region whose prices these are. */
  region: string;
  prices: Readonly<Record<string, number>>;
}

/** The Windows licence costs the same per vCPU for every size. */
const WINDOWS_PER_VCPU_HOUR = 0.046;
/** Price of a vCPU without Windows, by family. */
const VCPU_HOUR = {
  'D#s_v3': 0.048,
  'D#as_v4': 0.048,
  'D#s_v4': 0.048,
  'D#s_v5': 0.048,
  'D#as_v5': 0.043,
  'E#s_v5': 0.063,
  'E#as_v5': 0.0565,
  'F#s_v2': 0.04225,
} as const;

function machinePrices(): [string, number][] {
  return Object.entries(VCPU_HOUR).flatMap(([family, price]) =>
    [2, 4, 8, 16, 32].map((vCpus): [string, number] => [
      `machine/Standard_${family.replace('#', String(vCpus))}`,
      Math.round(vCpus * (price + WINDOWS_PER_VCPU_HOUR) * 10_000) / 10_000,
    ]),
  );
}

/**
 * Entered by hand: pay-as-you-go prices of East US as published on Azure's pricing pages
 * (https://azure.microsoft.com/pricing). `database/provisionedVcore` follows from the documentation's example
 * of $441.30, which is without the SQL licence.
 */
export const EAST_US_2024: PriceSnapshot = {
  asOf: '2024-05-01',
  region: 'eastus',
  prices: {
    ...Object.fromEntries(machinePrices()),
    'share/transactionOptimized/LRS': 0.06,
    'share/transactionOptimized/ZRS': 0.075,
    'share/transactionOptimized/GRS': 0.1,
    'share/transactionOptimized/GZRS': 0.125,
    'share/hot/LRS': 0.0255,
    'share/hot/ZRS': 0.0319,
    'share/hot/GRS': 0.0459,
    'share/hot/GZRS': 0.0574,
    'share/cool/LRS': 0.015,
    'share/cool/ZRS': 0.0188,
    'share/cool/GRS': 0.027,
    'share/cool/GZRS': 0.0338,
    'share/premium/LRS': 0.16,
    'share/premium/ZRS': 0.2,
    'database/provisionedVcore': 0.150674,
    'database/licence': 0.099966,
    'database/serverlessVcore': 0.5218,
    'database/storage': 0.115,
    'loadBalancer/rules': 0.025,
    'loadBalancer/data': 0.005,
    publicAddress: 0.005,
    privateEndpoint: 0.01,
    'dnsResolver/endpoint': 182.5,
    'dnsResolver/ruleset': 2.5,
  },
};
