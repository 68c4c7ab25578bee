/** The HTTP operations of one kind of policy; all kinds have the same ones. */
import { z } from 'zod';
import { type Operation, operation } from '../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import type { Services } from '../../shared/services';
import { findSite, findSiteSettings } from '../sites';
import { activatePolicy, deactivatePolicy } from './activate-policy';
import { createPolicy } from './create-policy';
import type { PolicyKind, ResponsePolicy } from './engine/policy';
import { type KindDefinition, POLICY_KINDS } from './policy-kinds';
import { type PolicyViews, policyViews } from './policy-view';
import { findPolicy, listPolicies, type PolicySummary } from './policy-target';

const tag = 'Policies';
const access = 'policies.manage';
const MAX_POLICY_BYTES = 4 * 1_048_576;

/** The operations of a kind. */
export function operationsOfKind<K extends PolicyKind>(kind: K): readonly Operation[] {
  const definition: KindDefinition<K> = POLICY_KINDS[kind];
  const views = policyViews(definition);
  return [
    listOf(definition, views),
    postTo(definition, views),
    getOne(definition, views),
    ...switches(definition, views),
  ];
}

function listOf<K extends PolicyKind>(
  { kind, collection, title, noun }: KindDefinition<K>,
  views: PolicyViews,
): Operation {
  return operation({
    id: `list${title.replace(/y$/, 'ies')}`,
    method: 'GET',
    path: `/api/v1/sites/{siteId}/${collection}`,
    tag,
    summary: `List the ${noun.many} of a site`,
    description: 'Those that the service defines come first, then the others, oldest first.',
    access,
    query: z.strictObject(pageQuery),
    success: { status: 200, description: 'A page of policies', body: pageOf(views.summary) },
    find: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
    handle: async ({ target, query, caller, services }) => ({
      body: await readPage({
        services,
        path: `/api/v1/sites/${target.id}/${collection}`,
        query,
        read: (limit, after) => listPolicies(services, kind, caller.customerId, target.id, { limit, after }),
        keyOf: ({ id }) => id,
        toItem: (summary: PolicySummary) => summary,
      }),
    }),
  });
}

function postTo<K extends PolicyKind>(
  { kind, collection, title, noun, body }: KindDefinition<K>,
  views: PolicyViews,
): Operation {
  return operation({
    id: `create${title}`,
    method: 'POST',
    path: `/api/v1/sites/{siteId}/${collection}`,
    tag,
    summary: `Create ${noun.one}`,
    description: 'The new policy is not active.',
    access,
    body,
    bodyFormat: { maxBytes: MAX_POLICY_BYTES },
    success: { status: 201, description: 'The policy', body: views.whole },
    etag: true,
    audit: { action: `${kind}Policy.create`, when: 'withChange' },
    find: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
    async handle({ target: site, body: input, caller, services, audit, newId }) {
      const { customerId, id, name } = caller;
      const policyId = await createPolicy({
        customerId,
        siteId: site.id,
        kind,
        input,
        author: { id, name },
        newId,
        audit,
        services,
      });
      const policy = await findPolicy(services, kind, customerId, site.id, policyId);
      if (!policy) throw new Error(`policy ${policyId} cannot be read after its creation`);
      const warnings = await warningsOf(services, kind, customerId, site.id, policy.rules);
      return {
        body: { ...policy.summary, rules: [...policy.rules], ...(warnings.length > 0 ? { warnings } : {}) },
        etag: policy.etag,
        location: `/api/v1/sites/${site.id}/${collection}/${policyId}`,
      };
    },
  });
}

function getOne<K extends PolicyKind>(
  { kind, collection, title, noun }: KindDefinition<K>,
  views: PolicyViews,
): Operation {
  return operation({
    id: `get${title}`,
    method: 'GET',
    path: `/api/v1/sites/{siteId}/${collection}/{policyId}`,
    tag,
    summary: `Show ${noun.one}`,
    access,
    success: { status: 200, description: 'The policy with its rules', body: views.whole },
    etag: true,
    find: ({ params, caller, services }) =>
      findPolicy(services, kind, caller.customerId, params.siteId, params.policyId),
    handle: async ({ target }) => ({
      body: { ...target.summary, rules: [...target.rules] },
      etag: target.etag,
    }),
  });
}

function switches<K extends PolicyKind>(
  { kind, collection, title, noun }: KindDefinition<K>,
  views: PolicyViews,
): Operation[] {
  const none = kind === 'recording' ? '*Do not record* becomes active instead.' : 'None is active then.';
  return (['activate', 'deactivate'] as const).map((verb) =>
    operation({
      id: `${verb}${title}`,
      method: 'POST',
      path: `/api/v1/sites/{siteId}/${collection}/{policyId}/${verb}`,
      tag,
      summary: `${verb === 'activate' ? 'Activate' : 'Deactivate'} ${noun.one}`,
      description: verb === 'activate' ? 'It takes the place of the active one.' : none,
      access,
      success: { status: 200, description: 'The policy as it is now', body: views.summary },
      problems: verb === 'activate' ? ['feature-not-supported'] : [],
      audit: { action: `${kind}Policy.${verb}`, when: 'ifChanged' },
      find: ({ params, caller, services }) =>
        findPolicy(services, kind, caller.customerId, params.siteId, params.policyId),
      async handle({ target, params, caller, services, audit }) {
        const { siteId, policyId } = params;
        const { customerId } = caller;
        const request = { customerId, siteId, kind, policyId, audit, services };
        if (verb === 'activate') await activatePolicy(request);
        else await deactivatePolicy(request, target.summary.name);
        const policy = (await findPolicy(services, kind, customerId, siteId, policyId)) ?? target;
        return { body: policy.summary };
      },
    }),
  );
}

/** A policy that mails is saved all the same where no mail can be sent: it may be meant for later (RSP-1). */
async function warningsOf(
  services: Pick<Services, 'database'>,
  kind: PolicyKind,
  customerId: string,
  siteId: string,
  rules: readonly object[],
): Promise<string[]> {
  if (kind !== 'eventResponse') return [];
  const mails = (rules as ResponsePolicy['rules']).some(({ triggers }) =>
    triggers.some(({ actions }) => actions.includes('sendEmail')),
  );
  const settings = mails ? await findSiteSettings(services, customerId, siteId) : undefined;
  return mails && !settings?.emailAlerts
    ? ['The site has no SMTP server for e-mail alerts: mails are skipped until its settings name one.']
    : [];
}
