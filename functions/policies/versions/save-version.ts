/** Saves a version of a policy behind the newest one; of an active policy it takes effect at once. */
import type { AuditTrail } from '../../../shared/audit/audit-entry';
import { change } from '../../../shared/cosmos/partition';
import type { Author } from '../../../shared/identity/caller';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { notFound, Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import type { PolicyKind } from '../engine';
import {
  activePointerType,
  policyType,
  type PolicyVersion,
  type SavedVersion,
  savedVersionId,
  savedVersionType,
  withActive,
} from '../policy-documents';
import { writePolicyBody } from './policy-bodies';
import type { PolicyOf } from '../policy-kinds';
import { findPolicy, type LoadedPolicy } from '../loaded-policy';
import { requireFeatures } from '../active/site-features';
import { policyDifferences } from './policy-differences';

/** What a history shows of a version; comparing shows all. */
const MAX_CHANGES = 50;
const MAX_CHANGE_CHARACTERS = 500;

interface SaveVersion<K extends PolicyKind> {
  customerId: string;
  siteId: string;
  kind: K;
  policyId: string;
  /** Of the policy that the content was made from; without one, whatever others have saved is left behind. */
  etag?: string | undefined;
  content: { name: string; description: string; rules: PolicyOf[K]['rules'] };
  author: Author;
  /** RFC 3339 UTC; of the rules that are new, too. */
  savedAt: string;
  origin: SavedVersion['origin'];
  source?: PolicyVersion | undefined;
  audit: AuditTrail;
  services: Pick<Services, 'database' | 'blobs'>;
}

/** @throws Problem `system-defined`, `feature-not-supported`, `stale` or `not-found` */
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
    if (policy.summary.active)
      await requireFeatures(services, customerId, siteId, { kind, rules: content.rules });
    // A race for a document that the version does not depend on: what was written stays good.
    if (written <= version) written = await writeNextVersion(request, version);
    await commitVersion(request, policy, written);
  });
}

/** The stored head of a policy. @throws Problem `system-defined` */
export function requireCustomPolicy<K extends PolicyKind>({ head }: LoadedPolicy<K>) {
  if (head) return head;
  throw new Problem(
    'system-defined',
    'The service defines this policy, the same at every site: it can be activated, but neither changed, copied nor deleted. Create a policy of your own instead.',
  );
}

/**
 * Writes the body under the next number that nobody has taken. A number whose saver lost a race, or died, stays
 * unused: whose body it is can no longer be told.
 */
async function writeNextVersion<K extends PolicyKind>(
  request: SaveVersion<K>,
  last: number,
): Promise<number> {
  const { customerId, siteId, kind, policyId, content, services } = request;
  for (let version = last + 1; ; version++) {
    const id = { policyId, version };
    if (await writePolicyBody(services, customerId, siteId, id, { kind, ...content })) return version;
  }
}

async function commitVersion<K extends PolicyKind>(
  request: SaveVersion<K>,
  policy: LoadedPolicy<K>,
  version: number,
): Promise<void> {
  const { siteId, kind, policyId, content, author, savedAt, audit } = request;
  const { summary, rules } = policy;
  const { etag: headEtag, ...head } = requireCustomPolicy(policy);
  const { etag: pointerEtag, ...pointer } = policy.pointer;
  const { name, description } = content;
  const changes = sentences(policyDifferences({ ...summary, rules }, content));
  const next = { ...head, name, description, version, modifiedAt: savedAt, modifiedBy: author };
  const saved = savedVersion(request, { version, changes });
  const moved = summary.active
    ? [change.replace(activePointerType, withActive(pointer, kind, { policyId, version }), pointerEtag)]
    : [];
  await audit.commit(
    [change.replace(policyType, next, headEtag), change.create(savedVersionType, saved), ...moved],
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

/** The document of a version. */
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

function sentences(differences: readonly { message: string }[]): string[] {
  const texts = differences
    .slice(0, MAX_CHANGES)
    .map(({ message }) =>
      message.length <= MAX_CHANGE_CHARACTERS ? message : `${message.slice(0, MAX_CHANGE_CHARACTERS)}…`,
    );
  const rest = differences.length - texts.length;
  return rest > 0 ? [...texts, `${rest} more changes: compare the versions to see them`] : texts;
}
