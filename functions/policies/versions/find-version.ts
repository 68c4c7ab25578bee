/** Reads the history of a policy: its versions and their content. */
import type { Services } from '../../../shared/services';
import type { PolicyKind } from '../engine';
import { type SavedVersion, savedVersionId, savedVersionType } from '../policy-documents';
import { readPolicyBody } from './policy-bodies';
import { type PolicyOf, SYSTEM_POLICY_VERSION } from '../policy-kinds';
import type { LoadedPolicy } from '../loaded-policy';

type Reading = Pick<Services, 'database' | 'blobs'>;
type HistoryEntry = Omit<SavedVersion, 'savedAt' | 'savedBy' | 'origin'> &
  Partial<Pick<SavedVersion, 'savedAt' | 'savedBy' | 'origin'>>;

/** A version with its body. */
export interface FoundVersion<K extends PolicyKind> {
  entry: HistoryEntry;
  content: { name: string; description: string; rules: PolicyOf[K]['rules'] };
}

/** At most `limit` versions of a policy following the one with the id `after`, newest first. */
export async function listVersions<K extends PolicyKind>(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  policy: LoadedPolicy<K>,
  { limit, after }: { limit: number; after: string | undefined },
): Promise<HistoryEntry[]> {
  if (!policy.head) return after === undefined ? [systemDefinedEntry(policy)] : [];
  return database.control(customerId).list(savedVersionType, {
    where: 'c.policyId = @policyId',
    parameters: { policyId: policy.summary.id },
    order: 'descending',
    after,
    limit,
  });
}

/** A version by its number as in a path or query, or undefined when the policy has no such version. */
export async function findVersion<K extends PolicyKind>(
  services: Reading,
  customerId: string,
  policy: LoadedPolicy<K>,
  number: string,
): Promise<FoundVersion<K> | undefined> {
  if (!/^[1-9]\d{0,8}$/.test(number)) return undefined;
  const version = Number(number);
  const { head, summary, rules } = policy;
  if (!head) {
    const { name, description } = summary;
    return version === SYSTEM_POLICY_VERSION
      ? { entry: systemDefinedEntry(policy), content: { name, description, rules } }
      : undefined;
  }
  const id = { policyId: head.id, version };
  const entry = await services.database.control(customerId).read(savedVersionType, savedVersionId(id));
  if (!entry) return undefined;
  const body = await readPolicyBody(services, customerId, head.siteId, id);
  if (!body) throw new Error(`policy ${head.id} has no body of version ${version}`);
  return { entry, content: body.policy };
}

function systemDefinedEntry<K extends PolicyKind>({ summary, rules }: LoadedPolicy<K>): HistoryEntry {
  const { id: policyId, name, version } = summary;
  return { id: policyId, policyId, version, name, ruleCount: rules.length, changes: [] };
}
