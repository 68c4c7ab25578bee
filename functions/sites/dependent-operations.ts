/** HTTP operations of sites that ask the capabilities depending on them: change of settings, deletion and summary. */
import { type Operation, operation } from '../../shared/http/operation';
import type { SiteDependent } from '../../shared/sites/site-dependent';
import { siteSummary } from '../../shared/sites/site-summary';
import { mergePatchOf } from '../../shared/http/merge-patch';
import { changeSettings } from './change-settings';
import { siteChangeOf } from './change-site';
import { deleteSite } from './delete-site';
import { siteSettingsInput, siteSettingsView, viewOfSettings } from './site-settings';
import { findSite, findSiteSettings } from './store';
import { summarizeSite } from './summarize-site';

const tag = 'Sites';
const access = 'sites.manage';

/** The first settings of a site, which need all of this. */
const EXAMPLE_CHANGE = {
  emailAlerts: {
    smtp: { host: 'mail.contoso.example', port: 587, tls: 'startTls' },
    sender: { address: 'alerts@contoso.example' },
  },
};

/** The operations, over these dependents. */
export function siteDependentOperations(dependents: readonly SiteDependent[]): readonly Operation[] {
  return [
    siteChangeOf(dependents),
    settingsChange(dependents),
    siteDeletion(dependents),
    siteSummaryOf(dependents),
  ];
}

function settingsChange(dependents: readonly SiteDependent[]): Operation {
  return operation({
    id: 'changeSiteSettings',
    method: 'PATCH',
    path: '/api/v1/sites/{siteId}/settings',
    tag,
    summary: 'Change settings of a site',
    description:
      'A merge patch: omitted members stay unchanged, null removes. The SMTP password is stored in the secret store and ' +
      'never returned.',
    access: 'sites.manage',
    body: mergePatchOf(siteSettingsInput).meta({ id: 'SiteSettingsChange', examples: [EXAMPLE_CHANGE] }),
    success: { status: 200, description: 'The updated settings', body: siteSettingsView },
    ifMatch: 'required',
    problems: ['conflict', 'administrator-logging-failing'],
    etag: true,
    audit: { action: 'siteSettings.change', when: 'withChange' },
    load: ({ params, caller, services }) => findSiteSettings(services, caller.customerId, params.siteId),
    edits: { current: ({ resource }) => viewOfSettings(resource), whole: siteSettingsInput },
    async handle({ resource, body, caller, services, audit, newId }) {
      await changeSettings({
        customerId: caller.customerId,
        current: resource,
        patch: body,
        dependents,
        newId,
        audit,
        services,
      });
      const stored = (await findSiteSettings(services, caller.customerId, resource.id)) ?? resource;
      return { body: viewOfSettings(stored), etag: stored.etag };
    },
  });
}

function siteDeletion(dependents: readonly SiteDependent[]): Operation {
  return operation({
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
}

function siteSummaryOf(dependents: readonly SiteDependent[]): Operation {
  return operation({
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
}
