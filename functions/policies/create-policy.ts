/** Creates a policy: first the body of its first version as a blob, then the head that refers to it. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { change } from '../../shared/cosmos/partition';
import type { Author } from '../../shared/identity/caller';
import type { Services } from '../../shared/services';
import type { PolicyKind } from './engine';
import { type PolicyHead, policyType, type SavedVersion, savedVersionType } from './policy-documents';
import type { PolicyVersion } from './policy-version';
import { writePolicyBody } from './versions/policy-bodies';
import { savedVersion } from './versions/save-version';

const FIRST_VERSION = 1;

interface CreatePolicy {
  /** A new id: an existing body with this id was written by an earlier attempt of the same request. */
  policyId: string;
  customerId: string;
  siteId: string;
  kind: PolicyKind;
  content: { name: string; description: string; rules: readonly { id: string; createdAt: string }[] };
  author: Author;
  /** RFC 3339 UTC; also the creation time of new rules. */
  savedAt: string;
  origin: SavedVersion['origin'];
  source?: PolicyVersion | undefined;
  audit: AuditTrail;
  services: Pick<Services, 'blobs'>;
}

/** Creates the policy. It is not active. */
export async function createPolicy(request: CreatePolicy): Promise<void> {
  const { policyId, customerId, siteId, kind, content, author, savedAt, source, audit, services } = request;
  const { name, description, rules } = content;
  const version = FIRST_VERSION;
  await writePolicyBody(services, customerId, siteId, { policyId, version }, { kind, ...content });
  const head: PolicyHead = {
    id: policyId,
    siteId,
    kind,
    name,
    description,
    version,
    createdAt: savedAt,
    createdBy: author,
    modifiedAt: savedAt,
    modifiedBy: author,
  };
  const saved = savedVersion(request, { version, changes: [] });
  await audit.commit([change.create(policyType, head), change.create(savedVersionType, saved)], {
    siteId,
    target: { type: `${kind}Policy`, id: policyId, name },
    new: { name, description, version, rules: rules.length, ...(source ? { source } : {}) },
  });
}
