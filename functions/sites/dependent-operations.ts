/** HTTP operations of sites that ask the capabilities depending on them: deletion and summary. */
import { type Operation, operation } from '../../shared/http/operation';
import type { SiteDependent } from '../../shared/sites/site-dependent';
import { siteSummary } from '../../shared/sites/site-summary';
import { deleteSite } from './delete-site';
import { findSite } from './store';
import { summarizeSite } from './summarize-site';

const tag = 'Sites';
const access = 'sites.manage';

/** The operations, over these dependents. */
export function siteDependentOperations(dependents: readonly SiteDependent[]): readonly Operation[] {
  const removeSite = operation({
    id: 'deleteSite',
    method: 'DELETE',
    path: '/api/v1/sites/{siteId}',
    tag,
    summary: 'Delete a site',
    description:
      'Only when it has no servers, recordings or Azure resources: the answer is 409 `in-use` with each reason in `blockedBy`. ' +
      'Its settings, the password of its mail account, its policies and its claim to the database are removed; ' +
      'machines that were only planned are no longer listed.',
    access,
    success: { status: 204, description: 'The site is deleted' },
    ifMatch: 'required',
    problems: ['in-use'],
    audit: { action: 'site.delete', when: 'withChange' },
    load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
    async handle({ resource, caller: { customerId }, services, audit, log }) {
      await deleteSite({ services, customerId, site: resource, dependents, audit, log });
      return { body: undefined };
    },
  });

  const getSummary = operation({
    id: 'getSiteSummary',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/summary',
    tag,
    summary: 'Show the summary of a site',
    description:
      'Servers, storage, databases, load balancer and costs. What is not known is null, with the reason.',
    access,
    success: { status: 200, description: 'The summary', body: siteSummary },
    load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
    handle: async ({ resource, caller: { customerId }, services }) => ({
      body: await summarizeSite(services, customerId, resource, dependents),
    }),
  });

  return [removeSite, getSummary];
}
