/** The HTTP operation that renames a site and edits its description, unless a capability refuses changes of its settings. */
import { change } from '../../shared/cosmos/partition';
import { applyMergePatch, mergePatchOf } from '../../shared/http/merge-patch';
import { type Operation, operation } from '../../shared/http/operation';
import { validateBody } from '../../shared/http/validation';
import type { SiteDependent } from '../../shared/sites/site-dependent';
import { whileNameIsContended } from '../../shared/unique-names';
import { siteNameChange } from './create-site';
import { siteChange, siteType, siteView, viewOfSite } from './site';
import { findSite } from './store';

/** The operation, over these dependents. */
export function siteChangeOf(dependents: readonly SiteDependent[]): Operation {
  return operation({
    id: 'changeSite',
    method: 'PATCH',
    path: '/api/v1/sites/{siteId}',
    tag: 'Sites',
    summary: 'Rename a site or edit its description',
    access: 'sites.manage',
    body: mergePatchOf(siteChange).meta({ id: 'SiteChange' }),
    success: { status: 200, description: 'The updated site', body: siteView },
    problems: ['already-exists', 'administrator-logging-failing'],
    ifMatch: 'required',
    etag: true,
    audit: { action: 'site.change', when: 'withChange' },
    load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
    edits: { current: ({ resource }) => viewOfSite(resource), whole: siteChange },
    async handle({ resource, body, caller, services, audit }) {
      const { name, description } = resource;
      const next = validateBody(siteChange, applyMergePatch({ name, description }, body));
      // Name and description are settings of the site too.
      for (const dependent of dependents)
        await dependent.checkSettings?.(services, { customerId: caller.customerId, siteId: resource.id }, {});
      await whileNameIsContended(async () => {
        const renaming = await siteNameChange(services, caller.customerId, resource, next.name);
        const write = change.replace(siteType, { ...resource, ...next }, resource.etag);
        await audit.commit([write, ...renaming], {
          siteId: resource.id,
          target: { type: 'site', id: resource.id, name: next.name },
          old: { name, description },
          new: next,
        });
      });
      const stored = (await findSite(services, caller.customerId, resource.id)) ?? resource;
      return { body: viewOfSite(stored), etag: stored.etag };
    },
  });
}
