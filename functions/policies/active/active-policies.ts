/** Which policies are active at a site: read again when what is known is older than two seconds. */
import type { Clock } from '../../../shared/clock';
import type { Database } from '../../../shared/cosmos/database';
import type { Services } from '../../../shared/services';
import { type CompiledPolicy, compiledPolicy } from './compiled-policies';
import type { PolicyKind } from '../engine';
import {
  type ActivePointer,
  activePointerType,
  defaultPointer,
  type PolicyVersion,
} from '../policy-documents';

/** A change must act within five seconds on every instance (RSP-7). */
const MAX_AGE_MS = 2_000;
const MAX_SITES = 10_000;

type Reading = Pick<Services, 'database' | 'blobs' | 'clock'>;

/** The active policies of a site, compiled; null where none is. */
export interface ActivePolicies {
  recording: CompiledPolicy<'recording'>;
  eventDetection: CompiledPolicy<'eventDetection'> | null;
  eventResponse: CompiledPolicy<'eventResponse'> | null;
}

/** The pointers that one process knows, and when it asked for them. */
class Pointers {
  private readonly known = new Map<string, { askedAtMs: number; pointer: Promise<ActivePointer> }>();

  constructor(private readonly database: Pick<Database, 'control'>) {}

  find(clock: Clock, customerId: string, siteId: string): Promise<ActivePointer> {
    const key = `${customerId}/${siteId}`;
    const nowMs = clock.now().getTime();
    const known = this.known.get(key);
    if (known && nowMs - known.askedAtMs < MAX_AGE_MS) return known.pointer;
    const pointer = readPointer(this.database, customerId, siteId).catch((error: unknown) => {
      this.known.delete(key);
      throw error;
    });
    this.known.delete(key);
    this.known.set(key, { askedAtMs: nowMs, pointer });
    const [oldest] = this.known.keys();
    if (this.known.size > MAX_SITES && oldest !== undefined) this.known.delete(oldest);
    return pointer;
  }
}

const stores = new WeakMap<Reading['database'], Pointers>();

/** Which policies are active at a site, as of two seconds ago at the most. */
export async function activePointer(
  { database, clock }: Pick<Reading, 'database' | 'clock'>,
  customerId: string,
  siteId: string,
): Promise<ActivePointer> {
  let store = stores.get(database);
  if (!store) stores.set(database, (store = new Pointers(database)));
  return store.find(clock, customerId, siteId);
}

/** The active policies of a site, ready to decide, as of two seconds ago at the most. */
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

/** The stored pointer of a site with its ETag, or the default when nobody has activated anything yet. */
export async function readPointer(
  database: Pick<Database, 'control'>,
  customerId: string,
  siteId: string,
): Promise<ActivePointer & { etag?: string }> {
  return (await database.control(customerId).read(activePointerType, siteId)) ?? defaultPointer(siteId);
}

/** The version of the response policy that is active at the site, or null when none is. */
export async function activeResponsePolicy(
  services: Pick<Reading, 'database' | 'clock'>,
  customerId: string,
  siteId: string,
): Promise<PolicyVersion | null> {
  return (await activePointer(services, customerId, siteId)).eventResponse;
}
