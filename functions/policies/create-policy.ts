/** Makes a policy: its first version as a blob, then the head that names it. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { change } from '../../shared/cosmos/partition';
import type { Author } from '../../shared/identity/caller';
import type { Services } from '../../shared/services';
import type { PolicyKind } from './engine';
import {
  type PolicyHead,
  policyType,
  type PolicyVersion,
  type SavedVersion,
  savedVersionType,
} from './policy-documents';
import { writePolicyBody } from './versions/policy-bodies';
import { savedVersion } from './versions/save-version';

const FIRST_VERSION = 1;

interface CreatePolicy {
  /** Nobody has used it: the body that is found under it is this request's own, from before it was repeated. */
  policyId: string;
  customerId: string;
  siteId: string;
  kind: PolicyKind;
  content: { name: string; description: string; rules: readonly { id: string; createdAt: string }[] };
  author: Author;
  /** RFC 3339 UTC; of the rules that are new, too. */
  savedAt: string;
  origin: SavedVersion['origin'];
  source?: PolicyVersion | undefined;
  audit: AuditTrail;
  services: Pick<Services, 'blobs'>;
}

/** The new policy is not active. */
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
