/** Runs a sweep and records it, so that the next run can detect an outage of the service in between. */
import { days, documentType } from '../cosmos/document-type';
import type { Services } from '../services';
import type { Log } from '../telemetry/telemetry';

/** One document per sweep. */
interface SweepRecord {
  /** Name of the sweep. */
  id: string;
  /** When its last complete run ended; RFC 3339 UTC. */
  lastRunAt: string;
  /** Since when no run was missed; RFC 3339 UTC. */
  receivingSince: string;
}

/** The key of the partition of all records. */
export const SWEEPS = 'sweeps';

export const sweepRecordType = documentType<SweepRecord>('sweep', { ttlSeconds: days(90) });

/** A run that is later than its period by this much means an outage of the service. */
const TOLERANCE_SECONDS = 60;

/** A sweep, and how often it runs. */
export interface Sweep {
  readonly name: string;
  readonly periodSeconds: number;
}

export interface SweepRun {
  /** Since when the service has been receiving without an outage: silence of others counts from then on. */
  readonly receivingSince: Date;
}

/** Does the work of one run. A run that fails is not recorded. */
export async function runSweep(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  log: Log,
  { name, periodSeconds }: Sweep,
  work: (run: SweepRun) => Promise<void>,
): Promise<void> {
  const partition = database.coordination(SWEEPS);
  const last = await partition.read(sweepRecordType, name);
  const receivingSince = receivingSinceOf(last, periodSeconds, clock.now());
  if (last && last.receivingSince !== receivingSince.toISOString())
    log.warn('service.was-away', { sweep: name, lastRunAt: last.lastRunAt });
  await work({ receivingSince });
  await partition.upsert(sweepRecordType, {
    id: name,
    lastRunAt: clock.now().toISOString(),
    receivingSince: receivingSince.toISOString(),
  });
}

/** Before the first run nothing is known: as after an outage. */
function receivingSinceOf(last: SweepRecord | undefined, periodSeconds: number, now: Date): Date {
  if (!last) return now;
  // Also when the clock was set back by this much.
  const missedMs = Math.abs(now.getTime() - Date.parse(last.lastRunAt));
  return missedMs > (periodSeconds + TOLERANCE_SECONDS) * 1000 ? now : new Date(last.receivingSince);
}
