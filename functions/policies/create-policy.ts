/** Makes a policy: its first version as a blob, then the head that names it. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { change } from '../../shared/cosmos/partition';
import type { Services } from '../../shared/services';
import { type PolicyKind, stampRules } from './engine/policy';
import { type Author, type PolicyHead, policyType } from './policy';
import { writePolicyBody } from './policy-bodies';

const FIRST_VERSION = 1;

interface CreatePolicy {
  customerId: string;
  siteId: string;
  kind: PolicyKind;
  /** As the schema of the kind has read it. */
  input: { name: string; description: string; rules: readonly { id?: string | undefined }[] };
  author: Author;
  newId: () => string;
  audit: AuditTrail;
  services: Pick<Services, 'blobs' | 'clock'>;
}

/** Returns the id of the new policy; it is not active. */
export async function createPolicy(request: CreatePolicy): Promise<string> {
  const { customerId, siteId, kind, input, author, newId, audit, services } = request;
  const now = services.clock.now().toISOString();
  const { name, description } = input;
  const id = newId();
  const rules = stampRules(input.rules, [], { newId, now });
  await writePolicyBody(
    services,
    customerId,
    siteId,
    { policyId: id, version: FIRST_VERSION },
    {
      kind,
      name,
      description,
      rules,
    },
  );
  const head: PolicyHead = {
    id,
    siteId,
    kind,
    name,
    description,
    version: FIRST_VERSION,
    createdAt: now,
    createdBy: author,
    modifiedAt: now,
    modifiedBy: author,
  };
  await audit.commit([change.create(policyType, head)], {
    siteId,
    target: { type: `${kind}Policy`, id, name },
    new: { name, description, version: FIRST_VERSION, rules: rules.length },
  });
  return id;
}
