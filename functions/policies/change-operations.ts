/** The HTTP operations that change, delete and copy a policy, the same for all kinds. */
import { z } from 'zod';
import { resourceId } from '../../shared/http/fields';
import { type Operation, operation } from '../../shared/http/operation';
import { requireWorkingLog } from '../servers';
import { copyPolicy } from './copy-policy';
import { deletePolicy } from './delete-policy';
import { type PolicyKind, recordingPolicySchema } from './engine';
import { type KindDefinition, MAX_POLICY_BYTES, storedRules } from './policy-kinds';
import { findPolicy } from './loaded-policy';
import { type PolicyViews, savedPolicy, viewOfPolicy } from './policy-view';
import { saveVersion } from './versions/save-version';

const tag = 'Policies';
const access = 'policies.manage';

const copyInput = z
  .strictObject({
    siteId: resourceId.optional().describe('The site of the copy; default: the same site'),
    name: recordingPolicySchema.shape.name
      .optional()
      .describe(
        'Required if the other site has a policy of the same name; default at the same site: the name with a suffix',
      ),
  })
  .meta({ id: 'PolicyCopy' });

/** The operations of a kind. */
export function changeOperations<K extends PolicyKind>(
  definition: KindDefinition<K>,
  views: PolicyViews,
): Operation[] {
  return [putOne(definition, views), deleteOne(definition), copyOne(definition, views)];
}

function putOne<K extends PolicyKind>(
  { kind, collection, title, noun, body }: KindDefinition<K>,
  views: PolicyViews,
): Operation {
  return operation({
    id: `put${title}`,
    method: 'PUT',
    path: `/api/v1/sites/{siteId}/${collection}/{policyId}`,
    tag,
    summary: `Change ${noun.one}`,
    description:
      'Saves a new version, which takes effect immediately if the policy is active. Rules may be added, edited, reordered and removed in one request: a rule with an existing id keeps its creation time, a rule without id is new.',
    access,
    inThread: true,
    body,
    bodyFormat: { maxBytes: MAX_POLICY_BYTES },
    success: { status: 200, description: 'The policy after the operation', body: views.whole },
    problems: ['system-defined', 'feature-not-supported', 'administrator-logging-failing', 'already-exists'],
    ifMatch: 'required',
    etag: true,
    audit: { action: `${kind}Policy.change`, when: 'withChange' },
    load: ({ params, caller, services }) =>
      findPolicy(services, kind, caller.customerId, params.siteId, params.policyId),
    edits: { current: ({ resource }) => viewOfPolicy(resource), volatile: ['warnings'] },
    async handle({ resource, params, body: input, caller, services, audit, newId }) {
      const { customerId, id, name } = caller;
      const { siteId, policyId } = params;
      await requireWorkingLog(services, customerId, siteId);
      const now = services.clock.now().toISOString();
      const rules = storedRules<K>(input, resource.rules, { newId, now });
      await saveVersion({
        customerId,
        siteId,
        kind,
        policyId,
        etag: resource.etag,
        content: { name: input.name, description: input.description, rules },
        author: { id, name },
        savedAt: now,
        origin: 'edited',
        audit,
        services,
      });
      return savedPolicy(services, kind, customerId, siteId, policyId);
    },
  });
}

function deleteOne<K extends PolicyKind>({ kind, collection, title, noun }: KindDefinition<K>): Operation {
  return operation({
    id: `delete${title}`,
    method: 'DELETE',
    path: `/api/v1/sites/{siteId}/${collection}/{policyId}`,
    tag,
    summary: `Delete ${noun.one}`,
    description: 'Past decisions still refer to it.',
    access,
    inThread: true,
    success: { status: 204, description: 'The policy is deleted' },
    problems: ['system-defined', 'active-policy', 'administrator-logging-failing'],
    ifMatch: 'required',
    audit: { action: `${kind}Policy.delete`, when: 'withChange' },
    load: ({ params, caller, services }) =>
      findPolicy(services, kind, caller.customerId, params.siteId, params.policyId),
    async handle({ resource, params, caller, services, audit }) {
      await requireWorkingLog(services, caller.customerId, params.siteId);
      await deletePolicy(caller.customerId, resource, { audit, services });
      return { body: undefined };
    },
  });
}

function copyOne<K extends PolicyKind>(
  { kind, collection, title, noun }: KindDefinition<K>,
  views: PolicyViews,
): Operation {
  return operation({
    id: `copy${title}`,
    method: 'POST',
    path: `/api/v1/sites/{siteId}/${collection}/{policyId}/copy`,
    tag,
    summary: `Copy ${noun.one} to the same or another site`,
    description:
      'The copy is not active. Its rules have new ids and the creation times of the original rules. Its warnings list what the site of the copy lacks.',
    access,
    inThread: true,
    body: copyInput,
    success: { status: 201, description: 'The copy', body: views.whole },
    problems: ['system-defined', 'already-exists', 'administrator-logging-failing', 'conflict'],
    etag: true,
    audit: { action: `${kind}Policy.copy`, when: 'withChange' },
    load: ({ params, caller, services }) =>
      findPolicy(services, kind, caller.customerId, params.siteId, params.policyId),
    async handle({ resource, params, body, caller, services, audit, newId }) {
      const { customerId, id, name } = caller;
      await requireWorkingLog(services, customerId, body.siteId ?? params.siteId);
      const copy = await copyPolicy({
        ...body,
        customerId,
        policy: resource,
        author: { id, name },
        newId,
        audit,
        services,
      });
      return {
        ...(await savedPolicy(services, kind, customerId, copy.siteId, copy.policyId)),
        location: `/api/v1/sites/${copy.siteId}/${collection}/${copy.policyId}`,
      };
    },
  });
}
