/** Saves a new version of a policy; if the policy is active, the version takes effect immediately. */
import type { AuditTrail } from '../../../shared/audit/audit-entry';
import { type Change, change } from '../../../shared/cosmos/partition';
import type { Author } from '../../../shared/identity/caller';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { notFound, Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { isRename, nameChange, type Named } from '../../../shared/unique-names';
import type { PolicyKind } from '../engine';
import {
  activePointerType,
  policyType,
  type SavedVersion,
  savedVersionId,
  savedVersionType,
  withActive,
} from '../policy-documents';
import { policyNames, policyNameScope, requireFreeName } from '../policy-names';
import type { PolicyVersion } from '../policy-version';
import { writeNextBody } from './policy-bodies';
import type { PolicyOf } from '../policy-kinds';
import { findPolicy, type LoadedPolicy } from '../loaded-policy';
import { requirePolicyFeatures } from '../active/site-features';
import { policyDifferences } from './policy-differences';

/** Limits the changes stored with a version; comparing versions shows all. */
const MAX_CHANGES = 50;
const MAX_CHANGE_CHARACTERS = 500;

interface SaveVersion<K extends PolicyKind> {
  customerId: string;
  siteId: string;
  kind: K;
  policyId: string;
  /** Of the policy that the content is based on; without one, concurrent changes are superseded. */
  etag?: string | undefined;
  content: { name: string; description: string; rules: PolicyOf[K]['rules'] };
  author: Author;
  /** RFC 3339 UTC; also the creation time of new rules. */
  savedAt: string;
  origin: SavedVersion['origin'];
  source?: PolicyVersion | undefined;
  audit: AuditTrail;
  services: Pick<Services, 'database' | 'blobs'>;
}

/**
 * Saves the content as the next version.
 * @throws Problem `system-defined`, `feature-not-supported`, `already-exists` for another policy's name, `stale` or `not-found`
 */
export async function saveVersion<K extends PolicyKind>(request: SaveVersion<K>): Promise<void> {
  const { customerId, siteId, kind, policyId, etag, content, services } = request;
  let written = 0;
  await retryConflicts(async () => {
    const policy = await findPolicy(services, kind, customerId, siteId, policyId);
    if (!policy) throw notFound('policy');
    const { version } = requireCustomPolicy(policy);
    if (etag !== undefined && policy.etag !== etag) {
      throw new Problem('stale', 'It was changed since you read it: read it again and repeat your change.');
    }
    const renaming = await renamingChanges(request, policy.summary);
    if (policy.summary.active)
      await requirePolicyFeatures(services, customerId, siteId, { kind, rules: content.rules });
    // After a conflict on a document that the version does not depend on, the written body remains valid.
    if (written <= version) {
      const body = { kind, ...content };
      written = await writeNextBody(services, customerId, siteId, { policyId, version }, body);
    }
    await commitVersion(request, policy, written, renaming);
  });
}

/** The stored head of a policy that an administrator created. @throws Problem `system-defined` */
export function requireCustomPolicy<K extends PolicyKind>({ head }: LoadedPolicy<K>) {
  if (head) return head;
  throw new Problem(
    'system-defined',
    'The service defines this policy, the same at every site: it can be activated, but not changed, copied or deleted. Create a policy of your own instead.',
  );
}

/** The writes that a new name needs. A name that policies shared before names were unique can be kept. */
async function renamingChanges<K extends PolicyKind>(
  request: SaveVersion<K>,
  before: Named,
): Promise<Change[]> {
  const { customerId, siteId, kind, policyId, content, origin, services } = request;
  const { name } = content;
  if (!isRename(before.name, name)) return [];
  const names = await policyNames(services, { customerId, siteId, kind });
  const policy = { id: policyId, name };
  if (origin === 'restored') requireFreeName(names, siteId, policy, RESTORE_ADVICE, null);
  else requireFreeName(names, siteId, policy, 'choose another name, or rename that policy first.');
  return nameChange(services.database.control(customerId), policyNameScope({ siteId, kind }), before, name);
}

const RESTORE_ADVICE =
  'rename that policy first, or save the content of the version with another name instead of restoring it.';

async function commitVersion<K extends PolicyKind>(
  request: SaveVersion<K>,
  policy: LoadedPolicy<K>,
  version: number,
  renaming: readonly Change[],
): Promise<void> {
  const { siteId, kind, policyId, content, author, savedAt, audit } = request;
  const { summary, rules } = policy;
  const { etag: headEtag, ...head } = requireCustomPolicy(policy);
  const { etag: pointerEtag, ...pointer } = policy.pointer;
  const { name, description } = content;
  const changes = changeMessages(policyDifferences({ ...summary, rules }, content));
  const next = { ...head, name, description, version, modifiedAt: savedAt, modifiedBy: author };
  const saved = savedVersion(request, { version, changes });
  const pointerUpdate = summary.active
    ? [change.replace(activePointerType, withActive(pointer, kind, { policyId, version }), pointerEtag)]
    : [];
  await audit.commit(
    [
      change.replace(policyType, next, headEtag),
      change.create(savedVersionType, saved),
      ...pointerUpdate,
      ...renaming,
    ],
    {
      siteId,
      target: { type: `${kind}Policy`, id: policyId, name },
      old: {
        name: summary.name,
        description: summary.description,
        version: head.version,
        rules: rules.length,
      },
      new: { name, description, version, rules: content.rules.length, active: summary.active, changes },
    },
  );
}

/** The document that describes a version. */
export function savedVersion(
  {
    policyId,
    content,
    author,
    savedAt,
    origin,
    source,
  }: {
    policyId: string;
    content: { name: string; rules: readonly object[] };
    author: Author;
    savedAt: string;
    origin: SavedVersion['origin'];
    source?: PolicyVersion | undefined;
  },
  { version, changes }: Pick<SavedVersion, 'version' | 'changes'>,
): SavedVersion {
  return {
    id: savedVersionId({ policyId, version }),
    policyId,
    version,
    name: content.name,
    ruleCount: content.rules.length,
    savedAt,
    savedBy: author,
    origin,
    source,
    changes,
  };
}

function changeMessages(differences: readonly { message: string }[]): string[] {
  const texts = differences
    .slice(0, MAX_CHANGES)
    .map(({ message }) =>
      message.length <= MAX_CHANGE_CHARACTERS ? message : `${message.slice(0, MAX_CHANGE_CHARACTERS)}…`,
    );
  const rest = differences.length - texts.length;
  return rest > 0 ? [...texts, `${rest} more changes: compare the versions to see them`] : texts;
}
