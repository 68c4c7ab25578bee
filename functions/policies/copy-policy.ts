/** Copies a policy to the same or another site of the customer. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { Problem } from '../../shared/problem';
import type { Author } from '../../shared/identity/caller';
import type { Services } from '../../shared/services';
import { findSite } from '../sites';
import { requireAccepted } from './accepted-content';
import { createPolicy } from './create-policy';
import type { PolicyKind } from './engine';
import type { LoadedPolicy } from './loaded-policy';
import { requireCustomPolicy } from './versions/save-version';

interface CopyPolicy<K extends PolicyKind> {
  customerId: string;
  policy: LoadedPolicy<K>;
  /** The site of the copy; default: the site of the policy. */
  siteId?: string | undefined;
  name?: string | undefined;
  author: Author;
  newId: () => string;
  audit: AuditTrail;
  services: Pick<Services, 'database' | 'blobs' | 'clock'>;
}

/**
 * Creates a copy, which is not active. Its rules have new ids and keep their creation times, so that the same rule acts.
 * @throws Problem `system-defined`, `already-exists` when the name is taken, `conflict` for rules that are no
 * longer accepted, `validation-failed` for an unknown site
 */
export async function copyPolicy<K extends PolicyKind>(request: CopyPolicy<K>) {
  const { customerId, policy, author, newId, audit, services } = request;
  const head = requireCustomPolicy(policy);
  requireAccepted(head.kind, { name: head.name, description: head.description, rules: policy.rules });
  const siteId = request.siteId ?? head.siteId;
  if (!(await findSite(services, customerId, siteId))) throw siteNotFound();
  const policyId = newId();
  await createPolicy({
    policyId,
    customerId,
    siteId,
    kind: head.kind,
    content: {
      name: request.name ?? head.name,
      description: head.description,
      rules: policy.rules.map((rule) => ({ ...rule, id: newId() })),
    },
    numberName: request.name === undefined && siteId === head.siteId,
    author,
    savedAt: services.clock.now().toISOString(),
    origin: 'copied',
    source: { policyId: head.id, version: head.version },
    audit,
    services,
  });
  return { siteId, policyId };
}

function siteNotFound(): Problem {
  const detail = 'The site was not found, or you have no access to it. Check the id.';
  return new Problem('validation-failed', 'The site to copy the policy to was not found.', {
    errors: [{ pointer: '/siteId', detail }],
  });
}
