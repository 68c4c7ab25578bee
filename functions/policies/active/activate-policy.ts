/** Activates and deactivates policies: one document per site says which are active, so that none ever are two. */
import type { AuditTrail } from '../../../shared/audit/audit-entry';
import { type Change, change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { notFound } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { readPointer } from './active-policies';
import type { PolicyKind } from '../engine';
import {
  type ActivePointer,
  activePointerType,
  policyType,
  type PolicyVersion,
  withActive,
} from '../policy-documents';
import { findPolicy } from '../loaded-policy';
import { requireFeatures } from './site-features';

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
 * @throws Problem `feature-not-supported` when a server of the site is too old for what the policy uses
 */
export async function activatePolicy(request: ActivationRequest): Promise<void> {
  const { customerId, siteId, kind, policyId, services } = request;
  await retryConflicts(async () => {
    const policy = await findPolicy(services, kind, customerId, siteId, policyId);
    if (!policy) throw notFound('policy');
    const { summary, rules, head } = policy;
    await requireFeatures(services, customerId, siteId, { kind, rules });
    // Whoever saves or deletes the policy meanwhile loses the race for its head: the newest version it stays.
    const touched = head ? [change.replace(policyType, head, head.etag)] : [];
    await updatePointer(request, summary.name, () => ({ policyId, version: summary.version }), touched);
  });
}

/** Leaves no policy of the kind active if this one is; recording then goes back to *Do not record*. */
export async function deactivatePolicy(request: ActivationRequest, name: string): Promise<void> {
  await retryConflicts(() =>
    updatePointer(request, name, (active) => (active?.policyId === request.policyId ? null : active)),
  );
}

/** @throws DocumentStale or DocumentExists when somebody else moved it meanwhile */
async function updatePointer(
  { customerId, siteId, kind, policyId, audit, services }: ActivationRequest,
  name: string,
  next: (active: PolicyVersion | null) => PolicyVersion | null,
  changes: Change[] = [],
): Promise<void> {
  const { etag, ...before } = await readPointer(services.database, customerId, siteId);
  const after: ActivePointer = withActive(before, kind, next(before[kind]));
  if (isSame(before[kind], after[kind])) return;
  const moved =
    etag === undefined
      ? change.create(activePointerType, after)
      : change.replace(activePointerType, after, etag);
  await audit.commit([moved, ...changes], {
    siteId,
    target: { type: `${kind}Policy`, id: policyId, name },
    old: before[kind],
    new: after[kind],
  });
}

function isSame(a: PolicyVersion | null, b: PolicyVersion | null): boolean {
  return a?.policyId === b?.policyId && a?.version === b?.version;
}
