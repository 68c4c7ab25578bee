/** Which policies are active at a site, cached for at most two seconds. */
import type { Clock } from '../../../shared/clock';
import type { Database } from '../../../shared/cosmos/database';
import type { Services } from '../../../shared/services';
import { type CompiledPolicy, compiledPolicy } from './compiled-policies';
import type { PolicyKind } from '../engine';
import { type ActivePointer, activePointerType, defaultPointer } from '../policy-documents';
import type { PolicyVersion } from '../policy-version';

/** A change must take effect within five seconds on every instance (RSP-7). */
const MAX_AGE_MS = 2_000;
const MAX_SITES = 10_000;

type Reading = Pick<Services, 'database' | 'blobs' | 'clock'>;

/** The active policies of a site, compiled; null where none is active. */
export interface ActivePolicies {
  recording: CompiledPolicy<'recording'>;
  eventDetection: CompiledPolicy<'eventDetection'> | null;
  eventResponse: CompiledPolicy<'eventResponse'> | null;
}

/** The pointers that one process has cached, and when they were read. */
class PointerCache {
  private readonly cache = new Map<string, { readAtMs: number; pointer: Promise<ActivePointer> }>();

  constructor(private readonly database: Pick<Database, 'control'>) {}

  find(clock: Clock, customerId: string, siteId: string): Promise<ActivePointer> {
    const key = `${customerId}/${siteId}`;
    const nowMs = clock.now().getTime();
    const cached = this.cache.get(key);
    if (cached && nowMs - cached.readAtMs < MAX_AGE_MS) return cached.pointer;
    const pointer = readPointer(this.database, customerId, siteId).catch((error: unknown) => {
      this.cache.delete(key);
      throw error;
    });
    this.cache.delete(key);
    this.cache.set(key, { readAtMs: nowMs, pointer });
    const [oldest] = this.cache.keys();
    if (this.cache.size > MAX_SITES && oldest !== undefined) this.cache.delete(oldest);
    return pointer;
  }
}

const caches = new WeakMap<Reading['database'], PointerCache>();

/** Which policies are active at a site; at most two seconds old. */
export async function activePointer(
  { database, clock }: Pick<Reading, 'database' | 'clock'>,
  customerId: string,
  siteId: string,
): Promise<ActivePointer> {
  let cache = caches.get(database);
  if (!cache) caches.set(database, (cache = new PointerCache(database)));
  return cache.find(clock, customerId, siteId);
}

/** The active policies of a site, compiled; at most two seconds old. */
export async function activePolicies(
  services: Reading,
  customerId: string,
  siteId: string,
): Promise<ActivePolicies> {
  const pointer = await activePointer(services, customerId, siteId);
  const load = async <K extends PolicyKind>(kind: K, version: PolicyVersion) => {
    const policy = await compiledPolicy(services, kind, customerId, siteId, version);
    if (!policy)
      throw new Error(`the active ${kind} policy ${version.policyId} has no version ${version.version}`);
    return policy;
  };
  const [recording, eventDetection, eventResponse] = await Promise.all([
    load('recording', pointer.recording),
    pointer.eventDetection && load('eventDetection', pointer.eventDetection),
    pointer.eventResponse && load('eventResponse', pointer.eventResponse),
  ]);
  return { recording, eventDetection, eventResponse };
}

/** The stored pointer of a site with its ETag, or the default when no policy was ever activated. */
export async function readPointer(
  database: Pick<Database, 'control'>,
  customerId: string,
  siteId: string,
): Promise<ActivePointer & { etag?: string }> {
  return (await database.control(customerId).read(activePointerType, siteId)) ?? defaultPointer(siteId);
}

/** The active version of the response policy of a site, or null when none is active. */
export async function activeResponsePolicy(
  services: Pick<Reading, 'database' | 'clock'>,
  customerId: string,
  siteId: string,
): Promise<PolicyVersion | null> {
  return (await activePointer(services, customerId, siteId)).eventResponse;
}
