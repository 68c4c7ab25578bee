/** Which policies are active at a site, cached for at most two seconds. */
import type { Clock } from '../../../shared/clock';
import type { Database } from '../../../shared/cosmos/database';
import type { ControlReader } from '../../../shared/cosmos/recent-control';
import type { Services } from '../../../shared/services';
import { type ActivePointer, activePointerType, defaultPointer } from '../policy-documents';
import type { PolicyVersion } from '../policy-version';

/** A change must take effect within five seconds on every instance (RSP-7). */
const MAX_AGE_MS = 2_000;
const MAX_SITES = 10_000;

type Reading = Pick<Services, 'database' | 'clock'>;

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
export async function activePolicies(
  { database, clock }: Reading,
  customerId: string,
  siteId: string,
): Promise<ActivePointer> {
  let cache = caches.get(database);
  if (!cache) caches.set(database, (cache = new PointerCache(database)));
  return cache.find(clock, customerId, siteId);
}

/** The stored pointer of a site with its ETag, or the default when no policy was ever activated. */
export async function readPointer(
  database: ControlReader,
  customerId: string,
  siteId: string,
): Promise<ActivePointer & { etag?: string }> {
  return (await database.control(customerId).read(activePointerType, siteId)) ?? defaultPointer(siteId);
}

/** The active version of the response policy of a site, or null when none is active. */
export async function activeResponsePolicy(
  services: Reading,
  customerId: string,
  siteId: string,
): Promise<PolicyVersion | null> {
  return (await activePolicies(services, customerId, siteId)).eventResponse;
}
