/** Creates a policy: first the body of its first version as a blob, then the head that refers to it. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { change } from '../../shared/cosmos/partition';
import type { Author } from '../../shared/identity/caller';
import { MAX_NAME_CHARACTERS } from '../../shared/pure/text-fields';
import type { Services } from '../../shared/services';
import { freeName, nameReservation, whileNameIsContended } from '../../shared/unique-names';
import type { PolicyKind } from './engine';
import { type PolicyHead, policyType, type SavedVersion, savedVersionType } from './policy-documents';
import { policyNames, policyNameScope, requireFreeName } from './policy-names';
import type { PolicyVersion } from './policy-version';
import { writeNextBody } from './versions/policy-bodies';
import { savedVersion } from './versions/save-version';

interface CreatePolicy {
  policyId: string;
  customerId: string;
  siteId: string;
  kind: PolicyKind;
  content: { name: string; description: string; rules: readonly { id: string; createdAt: string }[] };
  /** Add a numbered suffix to the name, instead of refusing a name that another policy has. */
  numberName?: boolean;
  author: Author;
  /** RFC 3339 UTC; also the creation time of new rules. */
  savedAt: string;
  origin: SavedVersion['origin'];
  source?: PolicyVersion | undefined;
  audit: AuditTrail;
  services: Pick<Services, 'blobs' | 'database'>;
}

const COPY_SUFFIX = {
  from: 1,
  suffix: (number: number) => (number === 1 ? ' (copy)' : ` (copy ${number})`),
} as const;

/** Creates the policy. It is not active. @throws Problem `already-exists` when the name is taken */
export async function createPolicy(request: CreatePolicy): Promise<void> {
  const { content, numberName = false } = request;
  let written: { name: string; version: number } | undefined;
  await whileNameIsContended(async () => {
    const names = await policyNames(request.services, request);
    const others = names.filter(({ id }) => id !== request.policyId);
    const name = numberName ? freeName(content.name, others, MAX_NAME_CHARACTERS, COPY_SUFFIX) : content.name;
    const policy = { id: request.policyId, name };
    requireFreeName(names, request.siteId, policy, 'choose another name, or rename that policy first.');
    // Bodies are immutable and hold the name: another name needs another version.
    if (written?.name !== name)
      written = { name, version: await writeBody(request, name, written?.version ?? 0) };
    await commitPolicy({ ...request, content: { ...content, name } }, written.version);
  });
}

function writeBody(request: CreatePolicy, name: string, version: number): Promise<number> {
  const { policyId, customerId, siteId, kind, content, services } = request;
  const last = { policyId, version };
  return writeNextBody(services, customerId, siteId, last, { kind, ...content, name });
}

async function commitPolicy(request: CreatePolicy, version: number): Promise<void> {
  const { policyId, siteId, kind, content, author, savedAt, source, audit } = request;
  const { name, description, rules } = content;
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
  await audit.commit(
    [
      change.create(policyType, head),
      change.create(savedVersionType, saved),
      nameReservation(policyNameScope(head), head),
    ],
    {
      siteId,
      target: { type: `${kind}Policy`, id: policyId, name },
      new: { name, description, version, rules: rules.length, ...(source ? { source } : {}) },
    },
  );
}
