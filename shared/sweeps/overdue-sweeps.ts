/** Finds sweeps that no timer starts any more: nothing but a request can notice when all timers stand still. */
import type { Services } from '../services';
import { sweepRecordType, SWEEPS, type Sweep } from './run-sweep';

/** A run that is later than its period by this much is overdue: a deployment or a start takes less. */
const LATE_SECONDS = 300;

const known: Sweep[] = [];

/** Counts a sweep among those of this app; called once for each while the app is loaded. */
export function watchSweep(sweep: Sweep): void {
  known.push(sweep);
}

/** An overdue sweep. */
export interface OverdueSweep {
  name: string;
  /** When its last complete run ended, RFC 3339 UTC; absent when none is recorded. */
  lastRunAt?: string;
}

/**
 * The sweeps whose last complete run is too long ago. None is overdue before this process has run for that long: after an
 * outage of the whole service the timers get their time.
 */
export async function overdueSweeps(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  sweeps: readonly Sweep[] = known,
  upSeconds: number = process.uptime(),
): Promise<OverdueSweep[]> {
  const partition = database.coordination(SWEEPS);
  const now = clock.now().getTime();
  const judged = await Promise.all(
    sweeps.map(async ({ name, periodSeconds }) => {
      const limitSeconds = periodSeconds + LATE_SECONDS;
      if (upSeconds < limitSeconds) return [];
      const lastRunAt = (await partition.read(sweepRecordType, name))?.lastRunAt;
      const isLate = lastRunAt === undefined || now - Date.parse(lastRunAt) > limitSeconds * 1000;
      return isLate ? [{ name, ...(lastRunAt !== undefined && { lastRunAt }) }] : [];
    }),
  );
  return judged.flat();
}
