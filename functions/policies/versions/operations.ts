/** The HTTP operations of the history of a policy; all kinds have the same ones. */
import { z } from 'zod';
import { type Operation, operation } from '../../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../../shared/http/paging';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { requireWorkingLog } from '../../servers';
import { requireAccepted } from '../accepted-content';
import type { PolicyKind } from '../engine';
import type { KindDefinition } from '../policy-kinds';
import { findPolicy, type LoadedPolicy } from '../loaded-policy';
import { type PolicyViews, savedPolicy, versionSummaryView } from '../policy-view';
import { requireCustomPolicy, saveVersion } from './save-version';
import { findVersion, type FoundVersion, listVersions } from './find-version';
import { policyDifferences } from './policy-differences';

const tag = 'Policies';
const access = 'policies.manage';

/** The operations of a kind. */
export function versionOperations<K extends PolicyKind>(
  definition: KindDefinition<K>,
  views: PolicyViews,
): Operation[] {
  return [listOf(definition), showOne(definition, views), restoreOne(definition, views)];
}

function listOf<K extends PolicyKind>({ kind, collection, title, noun }: KindDefinition<K>): Operation {
  return operation({
    id: `list${title}Versions`,
    method: 'GET',
    path: `/api/v1/sites/{siteId}/${collection}/{policyId}/versions`,
    tag,
    summary: `List the versions of ${noun.one}`,
    description:
      'Newest first: who saved each version, when, and what changed. Version numbers may have gaps.',
    access,
    inThread: true,
    query: z.strictObject(pageQuery),
    success: { status: 200, description: 'A page of versions', body: pageOf(versionSummaryView) },
    load: ({ params, caller, services }) =>
      findPolicy(services, kind, caller.customerId, params.siteId, params.policyId),
    handle: async ({ resource, params, query, caller, services }) => ({
      body: await readPage({
        services,
        caller,
        path: `/api/v1/sites/${params.siteId}/${collection}/${params.policyId}/versions`,
        query,
        read: (limit, after) => listVersions(services, caller.customerId, resource, { limit, after }),
        keyOf: ({ id }) => id,
        toItem: (entry) => viewOf(kind, resource, entry),
      }),
    }),
  });
}

function showOne<K extends PolicyKind>(
  { kind, collection, title, noun }: KindDefinition<K>,
  views: PolicyViews,
): Operation {
  return operation({
    id: `get${title}Version`,
    method: 'GET',
    path: `/api/v1/sites/{siteId}/${collection}/{policyId}/versions/{version}`,
    tag,
    summary: `Show a version of ${noun.one}, or compare it with another one`,
    access,
    inThread: true,
    query: z.strictObject({
      compareWith: z
        .int()
        .min(1)
        .optional()
        .describe('Number of the version to compare with, usually an older one'),
    }),
    success: { status: 200, description: 'The version with its rules', body: views.version },
    load: ({ params, caller, services }) => findBoth(services, kind, caller.customerId, params),
    async handle({ resource: { policy, found }, query: { compareWith }, caller, services }) {
      const { content, entry } = found;
      const compared =
        compareWith === undefined
          ? {}
          : await compare(services, caller.customerId, policy, { compareWith, content });
      const { description, rules } = content;
      return { body: { ...viewOf(kind, policy, entry), description, rules: [...rules], ...compared } };
    },
  });
}

async function compare<K extends PolicyKind>(
  services: Pick<Services, 'database' | 'blobs'>,
  customerId: string,
  policy: LoadedPolicy<K>,
  { compareWith, content }: { compareWith: number; content: FoundVersion<K>['content'] },
) {
  const other = await findVersion(services, customerId, policy, String(compareWith));
  if (!other) {
    const detail = `The policy has no version ${compareWith}: list its versions to see which exist.`;
    throw new Problem('validation-failed', detail, { errors: [{ parameter: 'compareWith', detail }] });
  }
  return { comparedWith: compareWith, differences: policyDifferences(other.content, content) };
}

function restoreOne<K extends PolicyKind>(
  { kind, collection, title, noun }: KindDefinition<K>,
  views: PolicyViews,
): Operation {
  return operation({
    id: `restore${title}Version`,
    method: 'POST',
    path: `/api/v1/sites/{siteId}/${collection}/{policyId}/versions/{version}/restore`,
    tag,
    summary: `Restore a version of ${noun.one}`,
    description:
      'Saves the content of the version as a new version, which takes effect immediately if the policy is active. Existing versions are kept.',
    access,
    inThread: true,
    success: { status: 200, description: 'The policy after the operation', body: views.whole },
    problems: [
      'system-defined',
      'feature-not-supported',
      'administrator-logging-failing',
      'stale',
      'already-exists',
      'conflict',
    ],
    etag: true,
    audit: { action: `${kind}Policy.restore`, when: 'withChange' },
    load: ({ params, caller, services }) => findBoth(services, kind, caller.customerId, params),
    async handle({ resource: { policy, found }, params, caller, services, audit }) {
      const { customerId, id, name } = caller;
      const { siteId, policyId } = params;
      requireCustomPolicy(policy);
      await requireWorkingLog(services, customerId, siteId);
      requireAccepted(kind, found.content);
      await saveVersion({
        customerId,
        siteId,
        kind,
        policyId,
        content: {
          name: found.content.name,
          description: found.content.description,
          rules: found.content.rules,
        },
        author: { id, name },
        savedAt: services.clock.now().toISOString(),
        origin: 'restored',
        source: { policyId, version: found.entry.version },
        audit,
        services,
      });
      return savedPolicy(services, kind, customerId, siteId, policyId);
    },
  });
}

async function findBoth<K extends PolicyKind>(
  services: Pick<Services, 'database' | 'blobs'>,
  kind: K,
  customerId: string,
  params: { siteId: string; policyId: string; version: string },
) {
  const policy = await findPolicy(services, kind, customerId, params.siteId, params.policyId);
  const found = policy && (await findVersion(services, customerId, policy, params.version));
  return found && { policy, found };
}

function viewOf<K extends PolicyKind>(
  kind: K,
  { summary, pointer }: LoadedPolicy<K>,
  { version, name, ruleCount, savedAt, savedBy, origin, source, changes }: FoundVersion<K>['entry'],
) {
  return {
    version,
    current: version === summary.version,
    active: pointer[kind]?.policyId === summary.id && pointer[kind].version === version,
    name,
    ruleCount,
    savedAt,
    savedBy: savedBy?.name,
    origin,
    source,
    changes,
  };
}
