/** Generates the package of a plan, and records in the site that its template was created, with its machines. */
import { packageFiles } from '../../arm-templates/package/package';
import { type PackageFile } from '../../arm-templates/package/zip';
import { type SitePlan, withoutSecrets } from '../../arm-templates/plan/site-plan';
import { makeTemplate } from '../../arm-templates/template/template';
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import { notFound, Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { planMachines } from '../servers';
import { deploymentChange, findSite } from '../sites';
import { siteTemplateType, templateContext } from './site-template';

interface CreateTemplate {
  services: Pick<Services, 'config' | 'database' | 'clock'>;
  customerId: string;
  siteId: string;
  plan: SitePlan;
  audit: AuditTrail;
}

/**
 * The files of the package. Secrets of the plan are dropped: they are neither in a file nor in a document.
 * @throws Problem `not-found` when the site does not exist, `conflict` when the service has no installer to offer or the
 * site is deployed through a host connection
 */
export async function createTemplate(request: CreateTemplate): Promise<PackageFile[]> {
  const { services, customerId, siteId, audit } = request;
  const plan = withoutSecrets(request.plan);
  const earlier = await services.database.control(customerId).read(siteTemplateType, siteId);
  const context = templateContext(services, { customerId, siteId }, plan, earlier?.suffix);
  const { suffix, planFingerprint } = context;
  const createdAt = services.clock.now().toISOString();
  const template = makeTemplate(plan, context);
  const machines = template.names.machines.map((name) => ({ name }));
  const deployment = {
    method: 'armTemplate',
    status: 'templateCreated',
    createdAt,
    region: plan.region,
    planFingerprint,
    machines,
  } as const;

  await retryConflicts(async () => {
    const site = await findSite(services, customerId, siteId);
    if (!site) throw notFound('site');
    if (site.deployment?.method === 'hostConnection')
      throw new Problem('conflict', 'The site is deployed through a host connection: it has no template.');
    await audit.commit(
      [
        deploymentChange(site, deployment),
        change.upsert(siteTemplateType, { id: siteId, plan, suffix, planFingerprint, createdAt }),
      ],
      {
        siteId,
        target: { type: 'site', id: siteId, name: site.name },
        old: site.deployment && { planFingerprint: site.deployment.planFingerprint },
        new: { planFingerprint, region: plan.region, machines: machines.map(({ name }) => name) },
      },
    );
  });
  // After the site, which names them: when this fails, the next template or enrolment token lists them.
  await planMachines(services, { customerId, siteId, names: template.names.machines });
  return packageFiles(plan, template);
}
