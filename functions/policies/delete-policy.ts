/** Deletes a policy. The bodies of its versions are kept, since past decisions refer to them. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { change } from '../../shared/cosmos/partition';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { nameRelease } from '../../shared/unique-names';
import type { PolicyKind } from './engine';
import { policyType } from './policy-documents';
import type { LoadedPolicy } from './loaded-policy';
import { policyNameScope } from './policy-names';
import { requireCustomPolicy } from './versions/save-version';

/**
 * Fails if the policy is activated concurrently, since activation replaces its head.
 * @throws Problem `system-defined` or `active-policy`, DocumentStale
 */
export async function deletePolicy<K extends PolicyKind>(
  customerId: string,
  policy: LoadedPolicy<K>,
  { audit, services }: { audit: AuditTrail; services: Pick<Services, 'database'> },
): Promise<void> {
  const { id, siteId, kind, name, description, version, etag } = requireCustomPolicy(policy);
  if (policy.summary.active) {
    throw new Problem(
      'active-policy',
      'The policy is active: deactivate it or activate another policy first.',
    );
  }
  const control = services.database.control(customerId);
  const release = await nameRelease(control, policyNameScope({ siteId, kind }), { id, name });
  await audit.commit([change.remove(policyType, id, etag), ...release], {
    siteId,
    target: { type: `${kind}Policy`, id, name },
    old: { name, description, version, rules: policy.rules.length },
  });
}
