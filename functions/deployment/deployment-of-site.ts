/** What the template of a site says of a site that is to be deleted or summarized. */
import type { SitePlan } from '../../arm-templates/plan/site-plan';
import type { SiteDependent } from '../../shared/sites/site-dependent';
import type { SiteSummary } from '../../shared/sites/site-summary';
import { hasTemplateMachines } from '../servers';
import { findSite } from '../sites';
import { siteTemplateType } from './site-template';

export const deploymentOfSite: SiteDependent = {
  async deletionBlockers(services, site) {
    if (!(await hasTemplateMachines(services, site))) return [];
    const detail =
      'Machines of its template run in Azure: delete its resources there, then remove these servers.';
    return [{ kind: 'azureResources', detail }];
  },
  async cleanUp({ database }, { customerId, siteId }) {
    await database.control(customerId).remove(siteTemplateType, siteId);
  },
  async summarize(services, site) {
    const template = await services.database.control(site.customerId).read(siteTemplateType, site.siteId);
    if (!template) return {};
    const isDeployed = await hasTemplateMachines(services, site);
    const database = (await findSite(services, site.customerId, site.siteId))?.database;
    return plannedParts(template.plan, database, isDeployed);
  },
};

/** What the plan knows. Whether it was deployed is known from the first machine that enrols. */
function plannedParts(
  { databases, loadBalancer }: SitePlan,
  database: { instance: string; name: string } | undefined,
  isDeployed: boolean,
): Partial<SiteSummary> {
  const { compute } = databases;
  const cores = compute.tier === 'serverless' ? `up to ${compute.maxVcores}` : String(compute.vCores);
  const reason = isDeployed ? 'As the template of the site has it.' : 'As planned; not known to be deployed.';
  const address = loadBalancer.type === 'internal' ? { address: loadBalancer.address } : {};
  return {
    databases: {
      value: [
        {
          instance: database?.instance ?? null,
          name: database?.name ?? null,
          tier: `${compute.tier}, ${cores} vCores`,
        },
      ],
      reason,
    },
    loadBalancer: { value: { type: loadBalancer.type, ...address }, reason },
    inAzure: isDeployed
      ? { value: true }
      : { value: null, reason: 'A template was created; no machine of it has enrolled yet.' },
  };
}
