/** Copies a policy to the same or another site of the customer. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { Problem } from '../../shared/problem';
import type { Author } from '../../shared/identity/caller';
import type { Services } from '../../shared/services';
import { findSite } from '../sites';
import { createPolicy } from './create-policy';
import { MAX_NAME_CHARACTERS } from '../../shared/pure/text-fields';
import type { PolicyKind } from './engine';
import { type PolicyHead, policyType } from './policy-documents';
import type { LoadedPolicy } from './loaded-policy';
import { requireCustomPolicy } from './versions/save-version';

/** More policies of one kind than a site realistically has. */
const MAX_POLICIES = 1_000;

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
 * @throws Problem `system-defined`, `already-exists` when the name is taken, `validation-failed` for an unknown site
 */
export async function copyPolicy<K extends PolicyKind>(request: CopyPolicy<K>) {
  const { customerId, policy, author, newId, audit, services } = request;
  const head = requireCustomPolicy(policy);
  const siteId = request.siteId ?? head.siteId;
  if (!(await findSite(services, customerId, siteId))) throw siteNotFound();
  const policyId = newId();
  const name = await nameOfCopy(request, head, { siteId, policyId });
  await createPolicy({
    policyId,
    customerId,
    siteId,
    kind: head.kind,
    content: {
      name,
      description: head.description,
      rules: policy.rules.map((rule) => ({ ...rule, id: newId() })),
    },
    author,
    savedAt: services.clock.now().toISOString(),
    origin: 'copied',
    source: { policyId: head.id, version: head.version },
    audit,
    services,
  });
  return { siteId, policyId };
}

async function nameOfCopy<K extends PolicyKind>(
  { customerId, name, services }: CopyPolicy<K>,
  head: PolicyHead,
  { siteId, policyId }: { siteId: string; policyId: string },
): Promise<string> {
  const others = await services.database.control(customerId).list(policyType, {
    where: 'c.siteId = @siteId AND c.kind = @kind',
    parameters: { siteId, kind: head.kind },
    limit: MAX_POLICIES,
  });
  // They include the copy itself when the request is retried.
  const byName = new Map(
    others.filter(({ id }) => id !== policyId).map((other) => [keyOf(other.name), other]),
  );
  if (name === undefined && siteId === head.siteId)
    return freeName(head.name, (candidate) => byName.has(keyOf(candidate)));
  const copyName = name ?? head.name;
  const other = byName.get(keyOf(copyName));
  if (!other) return copyName;
  throw new Problem(
    'already-exists',
    `The site already has a policy with the name ${JSON.stringify(other.name)}: specify another name for the copy.`,
    {
      errors: [{ pointer: '/name', detail: `The policy ${other.id} of the site has this name.` }],
      extensions: { conflict: { siteId, policyId: other.id, name: other.name } },
    },
  );
}

const keyOf = (name: string): string => name.normalize('NFC').toLowerCase();

/** The name with the first numbered suffix that is not in use. */
function freeName(name: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? ' (copy)' : ` (copy ${number})`;
    const candidate = [...name].slice(0, MAX_NAME_CHARACTERS - suffix.length).join('') + suffix;
    if (!isTaken(candidate)) return candidate;
  }
}

function siteNotFound(): Problem {
  const detail = 'The site was not found, or you have no access to it. Check the id.';
  return new Problem('validation-failed', 'The site to copy the policy to was not found.', {
    errors: [{ pointer: '/siteId', detail }],
  });
}
