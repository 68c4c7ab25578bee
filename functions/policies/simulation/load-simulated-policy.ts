/** Loads the policies to simulate: active ones, saved versions or drafts. */
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { readPointer } from '../active/active-policies';
import type { PolicyKind } from '../engine';
import { POLICY_KINDS, type PolicyBody, type PolicyOf, storedRules } from '../policy-kinds';
import { findPolicy } from '../loaded-policy';
import { findVersion } from '../versions/find-version';
import type { SimulatedPolicyView } from './simulation';

/** A policy to simulate, and how the result refers to it. */
export interface SimulatedPolicy<K extends PolicyKind> {
  view: SimulatedPolicyView;
  policy: PolicyOf[K];
}

interface LoadSimulatedPolicy<K extends PolicyKind> {
  services: Pick<Services, 'database' | 'blobs' | 'clock'>;
  kind: K;
  customerId: string;
  siteId: string;
  requested:
    | { policyId?: string | undefined; version?: number | undefined; draft?: PolicyBody<K> | undefined }
    | undefined;
  newId: () => string;
}

/**
 * The requested policy, or the active one; null where none is active.
 * @throws Problem `validation-failed` when the site does not have the requested policy or version
 */
export async function loadSimulatedPolicy<K extends PolicyKind>(
  request: LoadSimulatedPolicy<K>,
): Promise<SimulatedPolicy<K> | null> {
  const { services, kind, customerId, siteId, requested } = request;
  if (requested?.draft) return draftOf(request, requested.draft, requested.policyId);
  if (requested?.policyId !== undefined)
    return savedVersionOf(request, requested.policyId, requested.version);
  const active = (await readPointer(services.database, customerId, siteId))[kind];
  if (!active) return null;
  return savedVersionOf(request, active.policyId, active.version, 'active');
}

async function savedVersionOf<K extends PolicyKind>(
  request: LoadSimulatedPolicy<K>,
  policyId: string,
  version: number | undefined,
  source: 'active' | 'saved' = 'saved',
): Promise<SimulatedPolicy<K>> {
  const { services, kind, customerId } = request;
  const policy = await requirePolicy(request, policyId);
  const number = version ?? policy.summary.version;
  const found = await findVersion(services, customerId, policy, String(number));
  if (!found)
    throw unknown(kind, 'version', 'The policy has no such version: list its versions to see which exist.');
  const { name, description, rules } = found.content;
  return {
    view: { policyId, version: number, name, source },
    policy: policyOf(kind, { name, description, rules }),
  };
}

/** A rule with the id of a rule of the policy keeps its creation time, since the oldest rule decides. */
async function draftOf<K extends PolicyKind>(
  request: LoadSimulatedPolicy<K>,
  draft: PolicyBody<K>,
  policyId: string | undefined,
): Promise<SimulatedPolicy<K>> {
  const { services, kind, newId } = request;
  const previous = policyId === undefined ? [] : (await requirePolicy(request, policyId)).rules;
  const now = services.clock.now().toISOString();
  const { name, description } = draft;
  return {
    view: { policyId: policyId ?? null, version: null, name, source: 'draft' },
    policy: policyOf(kind, { name, description, rules: storedRules<K>(draft, previous, { newId, now }) }),
  };
}

async function requirePolicy<K extends PolicyKind>(
  { services, kind, customerId, siteId }: LoadSimulatedPolicy<K>,
  policyId: string,
) {
  const policy = await findPolicy(services, kind, customerId, siteId, policyId);
  if (!policy)
    throw unknown(
      kind,
      'policyId',
      `The site has no such policy among its ${POLICY_KINDS[kind].noun.many}: list them to see which exist.`,
    );
  return policy;
}

function policyOf<K extends PolicyKind>(
  kind: K,
  content: { name: string; description: string; rules: PolicyOf[K]['rules'] },
): PolicyOf[K] {
  // Kind and rules match, but the compiler cannot relate them.
  const policy: object = { kind, ...content };
  return policy as PolicyOf[K];
}

function unknown(kind: PolicyKind, field: string, detail: string): Problem {
  return new Problem('validation-failed', detail, {
    errors: [{ pointer: `/policies/${kind}/${field}`, detail }],
  });
}
