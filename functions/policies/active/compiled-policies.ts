/** Compiled policies by version, kept while they are in use: a version never changes. */
import type { Services } from '../../../shared/services';
import type { PolicyKind } from '../engine';
import type { PolicyVersion } from '../policy-documents';
import { readPolicyBody } from '../versions/policy-bodies';
import {
  type CompiledOf,
  type KindDefinition,
  POLICY_KINDS,
  type PolicyOf,
  systemPolicy,
} from '../policy-kinds';

/** A version of a policy, ready to decide. */
export interface CompiledPolicy<K extends PolicyKind> extends PolicyVersion {
  compiled: CompiledOf[K];
}

/** The bodies, as JSON, of what is kept; compiled they are a few times larger. */
const MAX_KEPT_BYTES = 64 * 1_048_576;

interface Kept {
  policy: Promise<CompiledPolicy<PolicyKind> | undefined>;
  sizeBytes: number;
}

type Reading = Pick<Services, 'blobs'>;

/** The policies that one process keeps, least recently used first. */
class CompiledPolicies {
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly services: Reading) {}

  find<K extends PolicyKind>(
    kind: K,
    customerId: string,
    siteId: string,
    version: PolicyVersion,
  ): Promise<CompiledPolicy<K> | undefined> {
    const owner = systemPolicy(kind, version.policyId) ? [] : [customerId, siteId];
    const key = JSON.stringify([kind, ...owner, version.policyId, version.version]);
    const kept = this.kept.get(key) ?? this.load(key, kind, customerId, siteId, version);
    this.kept.delete(key);
    this.kept.set(key, kept);
    // The kind is part of the key.
    return kept.policy as Promise<CompiledPolicy<K> | undefined>;
  }

  private load<K extends PolicyKind>(
    key: string,
    kind: K,
    customerId: string,
    siteId: string,
    version: PolicyVersion,
  ): Kept {
    const kept: Kept = { policy: Promise.resolve(undefined), sizeBytes: 0 };
    const load = async () => {
      const system = systemPolicy(kind, version.policyId);
      if (system) return compilePolicy(kind, version, system);
      const body = await readPolicyBody(this.services, customerId, siteId, version);
      if (!body) {
        this.kept.delete(key);
        return undefined;
      }
      kept.sizeBytes = body.sizeBytes;
      this.makeRoom(key);
      return compilePolicy(kind, version, body.policy as PolicyOf[K]);
    };
    kept.policy = load().catch((error: unknown) => {
      this.kept.delete(key);
      throw error;
    });
    return kept;
  }

  private makeRoom(newest: string): void {
    let bytes = 0;
    for (const { sizeBytes } of this.kept.values()) bytes += sizeBytes;
    for (const [key, { sizeBytes }] of this.kept) {
      if (bytes <= MAX_KEPT_BYTES) return;
      if (key === newest) continue;
      this.kept.delete(key);
      bytes -= sizeBytes;
    }
  }
}

function compilePolicy<K extends PolicyKind>(
  kind: K,
  { policyId, version }: PolicyVersion,
  policy: PolicyOf[K],
): CompiledPolicy<K> {
  const { compile }: KindDefinition<K> = POLICY_KINDS[kind];
  return { policyId, version, compiled: compile(policy) };
}

/** One per process; tests that open several services have several. */
const stores = new WeakMap<Reading['blobs'], CompiledPolicies>();

/** A version of a policy of a site, compiled, or undefined when there is no such version. */
export async function compiledPolicy<K extends PolicyKind>(
  services: Reading,
  kind: K,
  customerId: string,
  siteId: string,
  version: PolicyVersion,
): Promise<CompiledPolicy<K> | undefined> {
  let store = stores.get(services.blobs);
  if (!store) stores.set(services.blobs, (store = new CompiledPolicies(services)));
  return store.find(kind, customerId, siteId, version);
}
