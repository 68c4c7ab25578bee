/** HTTP operations of sites and their settings. */
import type { z } from 'zod';
import { z as zod } from 'zod';
import { change } from '../../shared/cosmos/partition';
import { applyMergePatch, mergePatchOf } from '../../shared/http/merge-patch';
import { NOT_MODIFIED, type Operation, operation } from '../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import { validateBody } from '../../shared/http/validation';
import { whileNameIsContended } from '../../shared/unique-names';
import { createSite, siteNameChange } from './create-site';
import { newSite, type Site, siteChange, siteType, siteView, viewOfSite } from './site';
import { siteSettingsView, viewOfSettings } from './site-settings';
import { playbackPermissionOperations } from './playback-permissions/operations';
import { findSite, findSiteSettings } from './store';
import { sendTestMail } from './test-mail';

const tag = 'Sites';
const siteQuery = zod.strictObject(pageQuery);

const listSites = operation({
  id: 'listSites',
  method: 'GET',
  path: '/api/v1/sites',
  tag,
  summary: 'List sites',
  description: 'Oldest first. Only full administrators see more than id and name.',
  access: 'sites.list',
  query: siteQuery,
  success: { status: 200, description: 'A page of sites', body: pageOf(siteView) },
  async handle({ query, caller, services }) {
    const control = services.database.control(caller.customerId);
    const toItem =
      caller.kind === 'fullAdmin'
        ? viewOfSite
        : ({ id, name }: Site): z.input<typeof siteView> => ({ id, name });
    const body = await readPage({
      services,
      caller,
      path: '/api/v1/sites',
      query,
      read: (limit, after) => control.list(siteType, { limit, after }),
      keyOf: (site) => site.id,
      toItem,
    });
    return { body };
  },
});

const postSite = operation({
  id: 'createSite',
  method: 'POST',
  path: '/api/v1/sites',
  tag,
  summary: 'Create a site',
  description: 'Servers that use the given database join the site when they connect.',
  access: 'sites.manage',
  body: newSite,
  success: { status: 201, description: 'The site', body: siteView },
  problems: ['already-exists'],
  etag: true,
  audit: { action: 'site.create', when: 'withChange' },
  async handle({ body, caller, services, audit, newId }) {
    const createdAt = services.clock.now().toISOString();
    const site: Site = { ...body, id: newId(), origin: 'created', createdAt };
    await createSite(services, caller.customerId, site, audit);
    const stored = await services.database.control(caller.customerId).read(siteType, site.id);
    return {
      body: viewOfSite(stored ?? { ...site, etag: '' }),
      etag: stored?.etag ?? '',
      location: `/api/v1/sites/${site.id}`,
    };
  },
});

const getSite = operation({
  id: 'getSite',
  method: 'GET',
  path: '/api/v1/sites/{siteId}',
  tag,
  summary: 'Show a site',
  access: 'sites.manage',
  success: { status: 200, description: 'The site', body: siteView },
  otherStatuses: NOT_MODIFIED,
  etag: true,
  load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
  handle: async ({ resource }) => ({ body: viewOfSite(resource), etag: resource.etag }),
});

const patchSite = operation({
  id: 'changeSite',
  method: 'PATCH',
  path: '/api/v1/sites/{siteId}',
  tag,
  summary: 'Rename a site or edit its description',
  access: 'sites.manage',
  body: mergePatchOf(siteChange).meta({ id: 'SiteChange' }),
  success: { status: 200, description: 'The updated site', body: siteView },
  problems: ['already-exists'],
  ifMatch: 'required',
  etag: true,
  audit: { action: 'site.change', when: 'withChange' },
  load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
  edits: { current: ({ resource }) => viewOfSite(resource) },
  async handle({ resource, body, caller, services, audit }) {
    const { name, description } = resource;
    const next = validateBody(
      siteChange,
      applyMergePatch(
        { name, description },
        { ...body, ...(body['description'] === null ? { description: '' } : {}) },
      ),
    );
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

const getSettings = operation({
  id: 'getSiteSettings',
  method: 'GET',
  path: '/api/v1/sites/{siteId}/settings',
  tag,
  summary: 'Show the settings of a site',
  access: 'sites.manage',
  success: { status: 200, description: 'The settings; passwords are never returned', body: siteSettingsView },
  otherStatuses: NOT_MODIFIED,
  etag: true,
  load: ({ params, caller, services }) => findSiteSettings(services, caller.customerId, params.siteId),
  handle: async ({ resource }) => ({ body: viewOfSettings(resource), etag: resource.etag }),
});

const testMailInput = zod
  .strictObject({ recipient: zod.email().max(254).describe('Who gets the mail') })
  .meta({ id: 'TestMail' });

const testMailView = zod
  .object({
    accepted: zod.boolean().describe('Whether the mail server took the mail; delivery may still fail later'),
    answer: zod.string().describe('What the mail server answered, or why it could not be asked'),
  })
  .meta({ id: 'TestMailResult' });

const testMail = operation({
  id: 'sendTestMail',
  method: 'POST',
  path: '/api/v1/sites/{siteId}/settings/testMail',
  tag,
  summary: 'Send a test mail through the mail account of a site',
  description:
    'Waits at most 15 seconds for the mail server, and returns its answer, also when it refused the mail. A site sends one ' +
    'test mail in 10 seconds.',
  access: 'sites.manage',
  body: testMailInput,
  success: { status: 200, description: 'What the mail server answered', body: testMailView },
  problems: ['conflict'],
  audit: { action: 'siteSettings.testMail', when: 'before' },
  load: ({ params, caller, services }) => findSiteSettings(services, caller.customerId, params.siteId),
  async handle({ resource, body, caller: { customerId }, services }) {
    return {
      body: await sendTestMail({ services, customerId, settings: resource, recipient: body.recipient }),
    };
  },
});

export const siteOperations: readonly Operation[] = [
  listSites,
  postSite,
  getSite,
  patchSite,
  getSettings,
  testMail,
  ...playbackPermissionOperations,
];
