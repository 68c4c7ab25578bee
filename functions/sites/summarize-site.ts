/** Puts the summary of a site together from what its dependents know. */
import type { Services } from '../../shared/services';
import type { SiteDependent } from '../../shared/sites/site-dependent';
import type { SiteSummary } from '../../shared/sites/site-summary';
import type { Site } from './site';

/** What a site is known to have when nobody knows more. */
function unknownSummary({ database }: Site): SiteSummary {
  const tier = null;
  return {
    upgradeConflicts: [],
    servers: { total: 0, available: 0 },
    storageLocations: { value: null, reason: 'No server has reported a storage location yet.' },
    databases: database
      ? { value: [{ ...database, tier }], reason: 'The tier is known of databases in Azure only.' }
      : { value: null, reason: 'The site names no database, and no server has registered with one.' },
    loadBalancer: { value: null, reason: 'The site has no load balancer that this service made.' },
    costThisMonth: {
      value: null,
      reason: 'Costs are known of sites that were deployed through a host connection.',
    },
    inAzure: { value: false },
  };
}

/** The summary. Dependents override what they know better, the later ones of the list win. */
export async function summarizeSite(
  services: Services,
  customerId: string,
  site: Site,
  dependents: readonly SiteDependent[],
): Promise<SiteSummary> {
  const parts = await Promise.all(
    dependents.map(
      async (dependent) => (await dependent.summarize?.(services, { customerId, siteId: site.id })) ?? {},
    ),
  );
  return Object.assign(unknownSummary(site), ...parts) as SiteSummary;
}
