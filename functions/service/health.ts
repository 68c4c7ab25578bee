/** Health of the service and its dependencies. */
import type { Services } from '../../shared/services';
import { type OverdueSweep, overdueSweeps } from '../../shared/sweeps/overdue-sweeps';
import { startTaskQueue } from '../../shared/tasks/task-queue';
import { withinTimeLimit } from '../../shared/time-limits';

export interface DependencyState {
  name: string;
  state: 'up' | 'down';
  tookMilliseconds: number;
}

export interface Health {
  dependencies: DependencyState[];
  /** Timers that stand still; empty when that is not known. */
  overdue: OverdueSweep[];
}

/** A dependency that has not answered by then counts as down. */
const MAX_PATIENCE_MS = 5_000;
/** Part of a request's deadline, so that the health response is in time even when a dependency hangs. */
const SHARE_OF_DEADLINE = 0.5;
/** Unauthenticated: within this time each dependency is checked only once, regardless of the number of requests. */
const RECENT_MS = 2_000;

let recent: { services: Services; askedAt: number; health: Promise<Health> } | undefined;

/** The state of every dependency and of the timers, at most two seconds old; never throws. */
export function checkHealth(services: Services): Promise<Health> {
  const now = services.clock.now().getTime();
  if (recent?.services === services && now - recent.askedAt < RECENT_MS) return recent.health;
  recent = { services, askedAt: now, health: askAll(services) };
  return recent.health;
}

async function askAll(services: Services): Promise<Health> {
  const checks: [string, () => Promise<unknown>][] = [
    ['cosmos', () => services.database.ping()],
    ['blobs', () => services.blobs.ping()],
    ['queues', () => services.queues.ping(startTaskQueue)],
    ['secrets', () => services.secrets.get('health-probe')],
  ];
  const [overdue, ...dependencies] = await Promise.all([
    withinTimeLimit('Sweeps', patience(services), () => overdueSweeps(services)).catch(() => []),
    ...checks.map(([name, ask]) => check(name, ask, services)),
  ]);
  return { dependencies, overdue };
}

async function check(
  name: string,
  ask: () => Promise<unknown>,
  services: Services,
): Promise<DependencyState> {
  const { clock } = services;
  const startedAt = clock.now().getTime();
  const state = await withinTimeLimit(name, patience(services), ask).then(
    () => 'up' as const,
    () => 'down' as const,
  );
  return { name, state, tookMilliseconds: clock.now().getTime() - startedAt };
}

function patience({ config }: Services) {
  const milliseconds = Math.min(MAX_PATIENCE_MS, SHARE_OF_DEADLINE * config.requests.deadlineSeconds * 1000);
  return { tryMilliseconds: milliseconds, tries: 1 };
}
