/** The HTTP operations of one kind of policy, the same for all kinds. */
import { z } from 'zod';
import { NOT_MODIFIED, type Operation, operation } from '../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import { requireWorkingLog } from '../servers';
import { findSite } from '../sites';
import { activatePolicy, deactivatePolicy } from './active/activate-policy';
import { createPolicy } from './create-policy';
import { changeOperations } from './change-operations';
import type { PolicyKind } from './engine';
import { type KindDefinition, MAX_POLICY_BYTES, POLICY_KINDS, storedRules } from './policy-kinds';
import { findPolicy, listPolicies, type PolicySummary } from './loaded-policy';
import { type PolicyViews, policyViews, savedPolicy, viewOfPolicy } from './policy-view';
import { versionOperations } from './versions/operations';

const tag = 'Policies';
const access = 'policies.manage';

/** The operations of a kind. */
export function operationsOfKind<K extends PolicyKind>(kind: K): readonly Operation[] {
  const definition: KindDefinition<K> = POLICY_KINDS[kind];
  const views = policyViews(definition);
  return [
    listOf(definition, views),
    postTo(definition, views),
    getOne(definition, views),
    ...changeOperations(definition, views),
    ...activations(definition, views),
    ...versionOperations(definition, views),
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
    description: 'System-defined policies first, then the others, oldest first.',
    access,
    query: z.strictObject(pageQuery),
    success: { status: 200, description: 'A page of policies', body: pageOf(views.summary) },
    load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
    handle: async ({ resource, query, caller, services }) => ({
      body: await readPage({
        services,
        caller,
        path: `/api/v1/sites/${resource.id}/${collection}`,
        query,
        read: (limit, after) =>
          listPolicies(services, kind, caller.customerId, resource.id, { limit, after }),
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
    description:
      'The new policy is not active. Names are unique among the policies of the kind at the site, ignoring case.',
    access,
    inThread: true,
    body,
    bodyFormat: { maxBytes: MAX_POLICY_BYTES },
    success: { status: 201, description: 'The policy', body: views.whole },
    problems: ['administrator-logging-failing', 'already-exists'],
    etag: true,
    audit: { action: `${kind}Policy.create`, when: 'withChange' },
    load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
    async handle({ resource: site, body: input, caller, services, audit, newId }) {
      const { customerId } = caller;
      await requireWorkingLog(services, customerId, site.id);
      const policyId = newId();
      const now = services.clock.now().toISOString();
      await createPolicy({
        policyId,
        customerId,
        siteId: site.id,
        kind,
        content: {
          name: input.name,
          description: input.description,
          rules: storedRules<K>(input, [], { newId, now }),
        },
        author: { id: caller.id, name: caller.name },
        savedAt: now,
        origin: 'created',
        audit,
        services,
      });
      return {
        ...(await savedPolicy(services, kind, customerId, site.id, policyId)),
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
    inThread: true,
    success: { status: 200, description: 'The policy with its rules', body: views.whole },
    otherStatuses: NOT_MODIFIED,
    etag: true,
    load: ({ params, caller, services }) =>
      findPolicy(services, kind, caller.customerId, params.siteId, params.policyId),
    handle: async ({ resource }) => ({
      body: viewOfPolicy(resource),
      etag: resource.etag,
    }),
  });
}

function activations<K extends PolicyKind>(
  { kind, collection, title, noun }: KindDefinition<K>,
  views: PolicyViews,
): Operation[] {
  const none =
    kind === 'recording'
      ? '*Do not record* becomes active instead.'
      : 'No policy of the kind is active afterwards.';
  return (['activate', 'deactivate'] as const).map((verb) =>
    operation({
      id: `${verb}${title}`,
      method: 'POST',
      path: `/api/v1/sites/{siteId}/${collection}/{policyId}/${verb}`,
      tag,
      summary: `${verb === 'activate' ? 'Activate' : 'Deactivate'} ${noun.one}`,
      description: verb === 'activate' ? 'It replaces the active policy of its kind.' : none,
      access,
      inThread: true,
      success: { status: 200, description: 'The policy after the operation', body: views.summary },
      problems: [
        'administrator-logging-failing',
        ...(verb === 'activate' ? (['feature-not-supported'] as const) : []),
      ],
      etag: true,
      audit: { action: `${kind}Policy.${verb}`, when: 'ifChanged' },
      load: ({ params, caller, services }) =>
        findPolicy(services, kind, caller.customerId, params.siteId, params.policyId),
      async handle({ resource, params, caller, services, audit }) {
        const { siteId, policyId } = params;
        const { customerId } = caller;
        await requireWorkingLog(services, customerId, siteId);
        const request = { customerId, siteId, kind, policyId, audit, services };
        if (verb === 'activate') await activatePolicy(request);
        else await deactivatePolicy(request, resource.summary.name);
        const policy = (await findPolicy(services, kind, customerId, siteId, policyId)) ?? resource;
        return { body: policy.summary, etag: policy.etag };
      },
    }),
  );
}
