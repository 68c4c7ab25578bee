/** A cache of compiled policies by version; versions are immutable. */
import type { Services } from '../../../shared/services';
import type { PolicyKind } from '../engine';
import type { PolicyVersion } from '../policy-version';
import { readPolicyBody } from '../versions/policy-bodies';
import {
  type CompiledOf,
  type KindDefinition,
  POLICY_KINDS,
  type PolicyOf,
  systemPolicy,
} from '../policy-kinds';

/** A compiled version of a policy. */
export interface CompiledPolicy<K extends PolicyKind> extends PolicyVersion {
  compiled: CompiledOf[K];
}

/** Limits the JSON size of the cached policies; compiled they are a few times larger. */
const MAX_CACHED_BYTES = 64 * 1_048_576;

interface CacheEntry {
  policy: Promise<CompiledPolicy<PolicyKind> | undefined>;
  sizeBytes: number;
}

type Reading = Pick<Services, 'blobs'>;

/** The compiled policies of one process, least recently used first. */
class CompiledPolicies {
  private readonly entries = new Map<string, CacheEntry>();

  constructor(private readonly services: Reading) {}

  find<K extends PolicyKind>(
    kind: K,
    customerId: string,
    siteId: string,
    version: PolicyVersion,
  ): Promise<CompiledPolicy<K> | undefined> {
    const owner = systemPolicy(kind, version.policyId) ? [] : [customerId, siteId];
    const key = JSON.stringify([kind, ...owner, version.policyId, version.version]);
    const entry = this.entries.get(key) ?? this.load(key, kind, customerId, siteId, version);
    this.entries.delete(key);
    this.entries.set(key, entry);
    // Safe: the kind is part of the key.
    return entry.policy as Promise<CompiledPolicy<K> | undefined>;
  }

  private load<K extends PolicyKind>(
    key: string,
    kind: K,
    customerId: string,
    siteId: string,
    version: PolicyVersion,
  ): CacheEntry {
    const entry: CacheEntry = { policy: Promise.resolve(undefined), sizeBytes: 0 };
    const load = async () => {
      const system = systemPolicy(kind, version.policyId);
      if (system) return compilePolicy(kind, version, system);
      const body = await readPolicyBody(this.services, customerId, siteId, version);
      if (!body) {
        this.entries.delete(key);
        return undefined;
      }
      entry.sizeBytes = body.sizeBytes;
      this.evict(key);
      return compilePolicy(kind, version, body.policy as PolicyOf[K]);
    };
    entry.policy = load().catch((error: unknown) => {
      this.entries.delete(key);
      throw error;
    });
    return entry;
  }

  private evict(newest: string): void {
    let bytes = 0;
    for (const { sizeBytes } of this.entries.values()) bytes += sizeBytes;
    for (const [key, { sizeBytes }] of this.entries) {
      if (bytes <= MAX_CACHED_BYTES) return;
      if (key === newest) continue;
      this.entries.delete(key);
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

/** One cache per process; tests with several services have several. */
const caches = new WeakMap<Reading['blobs'], CompiledPolicies>();

/** A compiled version of a policy of a site, or undefined when there is no such version. */
export async function compiledPolicy<K extends PolicyKind>(
  services: Reading,
  kind: K,
  customerId: string,
  siteId: string,
  version: PolicyVersion,
): Promise<CompiledPolicy<K> | undefined> {
  let cache = caches.get(services.blobs);
  if (!cache) caches.set(services.blobs, (cache = new CompiledPolicies(services)));
  return cache.find(kind, customerId, siteId, version);
}
