/** Activates and deactivates policies. One document per site names the active ones, so that there is never more than one per kind. */
import type { AuditTrail } from '../../../shared/audit/audit-entry';
import { type Change, change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { notFound } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { readPointer } from './active-policies';
import type { PolicyKind } from '../engine';
import { type ActivePointer, activePointerType, policyType, withActive } from '../policy-documents';
import { isSameVersion, type PolicyVersion } from '../policy-version';
import { findPolicy } from '../loaded-policy';
import { requirePolicyFeatures } from './site-features';

interface ActivationRequest {
  customerId: string;
  siteId: string;
  kind: PolicyKind;
  policyId: string;
  audit: AuditTrail;
  services: Pick<Services, 'database' | 'blobs'>;
}

/**
 * Makes the newest version of a policy the active one of its kind.
 * @throws Problem `not-found`, or `feature-not-supported` when a server of the site is too old for a feature that the policy uses
 */
export async function activatePolicy(request: ActivationRequest): Promise<void> {
  const { customerId, siteId, kind, policyId, services } = request;
  await retryConflicts(async () => {
    const policy = await findPolicy(services, kind, customerId, siteId, policyId);
    if (!policy) throw notFound('policy');
    const { summary, rules, head } = policy;
    await requirePolicyFeatures(services, customerId, siteId, { kind, rules });
    // Replacing the head makes a concurrent save or deletion of the policy fail, so that the newest version is activated.
    const headUpdate = head ? [change.replace(policyType, head, head.etag)] : [];
    await updatePointer(request, summary.name, () => ({ policyId, version: summary.version }), headUpdate);
  });
}

/** Leaves no policy of the kind active if this one is active; for recording, *Do not record* becomes active. */
export async function deactivatePolicy(request: ActivationRequest, name: string): Promise<void> {
  await retryConflicts(() =>
    updatePointer(request, name, (active) => (active?.policyId === request.policyId ? null : active)),
  );
}

/** @throws DocumentStale or DocumentExists when the pointer was changed concurrently */
async function updatePointer(
  { customerId, siteId, kind, policyId, audit, services }: ActivationRequest,
  name: string,
  next: (active: PolicyVersion | null) => PolicyVersion | null,
  changes: Change[] = [],
): Promise<void> {
  const { etag, ...before } = await readPointer(services.database, customerId, siteId);
  const after: ActivePointer = withActive(before, kind, next(before[kind]));
  if (isSameVersion(before[kind], after[kind])) return;
  const pointerUpdate =
    etag === undefined
      ? change.create(activePointerType, after)
      : change.replace(activePointerType, after, etag);
  await audit.commit([pointerUpdate, ...changes], {
    siteId,
    target: { type: `${kind}Policy`, id: policyId, name },
    old: before[kind],
    new: after[kind],
  });
}
