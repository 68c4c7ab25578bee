/** The policies that a test is about: active ones, saved versions or drafts. */
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { readPointer } from '../active/active-policies';
import type { PolicyKind } from '../engine';
import { POLICY_KINDS, type PolicyBody, type PolicyOf, storedRules } from '../policy-kinds';
import { findPolicy } from '../loaded-policy';
import { findVersion } from '../versions/find-version';
import type { SimulatedPolicyView } from './simulation';

/** A policy to test, and what to call it. */
export interface SimulatedPolicy<K extends PolicyKind> {
  view: SimulatedPolicyView;
  policy: PolicyOf[K];
}

interface LoadSimulatedPolicy<K extends PolicyKind> {
  services: Pick<Services, 'database' | 'blobs' | 'clock'>;
  kind: K;
  customerId: string;
  siteId: string;
  asked:
    | { policyId?: string | undefined; version?: number | undefined; draft?: PolicyBody<K> | undefined }
    | undefined;
  newId: () => string;
}

/**
 * What was asked for, or the active policy; null where none is active.
 * @throws Problem `validation-failed` naming what the site does not have
 */
export async function loadSimulatedPolicy<K extends PolicyKind>(
  request: LoadSimulatedPolicy<K>,
): Promise<SimulatedPolicy<K> | null> {
  const { services, kind, customerId, siteId, asked } = request;
  if (asked?.draft) return draftOf(request, asked.draft, asked.policyId);
  if (asked?.policyId !== undefined) return savedVersionOf(request, asked.policyId, asked.version);
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
  const wanted = version ?? policy.summary.version;
  const found = await findVersion(services, customerId, policy, String(wanted));
  if (!found)
    throw unknown(
      kind,
      'version',
      'The policy has no such version: list its versions to see which there are.',
    );
  const { name, description, rules } = found.content;
  return {
    view: { policyId, version: wanted, name, source },
    policy: policyOf(kind, { name, description, rules }),
  };
}

/** A rule that carries the id of one of the policy is as old as that one: the oldest rule decides. */
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
      `The site has no such policy among its ${POLICY_KINDS[kind].noun.many}: list them to see which there are.`,
    );
  return policy;
}

function policyOf<K extends PolicyKind>(
  kind: K,
  content: { name: string; description: string; rules: PolicyOf[K]['rules'] },
): PolicyOf[K] {
  // Kind and rules belong together; the compiler cannot relate them.
  return { kind, ...content } as unknown as PolicyOf[K];
}

function unknown(kind: PolicyKind, field: string, detail: string): Problem {
  return new Problem('validation-failed', detail, {
    errors: [{ pointer: `/policies/${kind}/${field}`, detail }],
  });
}
