/** Deletes a policy. The bodies of its versions are kept, since past decisions refer to them. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { change } from '../../shared/cosmos/partition';
import { Problem } from '../../shared/problem';
import type { PolicyKind } from './engine';
import { policyType } from './policy-documents';
import type { LoadedPolicy } from './loaded-policy';
import { requireCustomPolicy } from './versions/save-version';

/**
 * Fails if the policy is activated concurrently, since activation replaces its head.
 * @throws Problem `system-defined` or `active-policy`, DocumentStale
 */
export async function deletePolicy<K extends PolicyKind>(
  policy: LoadedPolicy<K>,
  audit: AuditTrail,
): Promise<void> {
  const { id, siteId, kind, name, description, version, etag } = requireCustomPolicy(policy);
  if (policy.summary.active) {
    throw new Problem(
      'active-policy',
      'The policy is active: deactivate it or activate another policy first.',
    );
  }
  await audit.commit([change.remove(policyType, id, etag)], {
    siteId,
    target: { type: `${kind}Policy`, id, name },
    old: { name, description, version, rules: policy.rules.length },
  });
}
