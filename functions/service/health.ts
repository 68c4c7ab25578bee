/** Health of the service and its dependencies. */
import type { Services } from '../../shared/services';
import { startTaskQueue } from '../../shared/tasks/task-queue';
import { withinTimeLimit } from '../../shared/time-limits';

export interface DependencyState {
  name: string;
  state: 'up' | 'down';
  tookMilliseconds: number;
}

/** A dependency that has not answered by then counts as down. */
const MAX_PATIENCE_MS = 5_000;
/** Part of a request's deadline, so that the health response is in time even when a dependency hangs. */
const SHARE_OF_DEADLINE = 0.5;
/** Unauthenticated: within this time each dependency is checked only once, regardless of the number of requests. */
const RECENT_MS = 2_000;

let recent: { services: Services; askedAt: number; states: Promise<DependencyState[]> } | undefined;

/** The state of every dependency, at most two seconds old; never throws. */
export function checkHealth(services: Services): Promise<DependencyState[]> {
  const now = services.clock.now().getTime();
  if (recent?.services === services && now - recent.askedAt < RECENT_MS) return recent.states;
  recent = { services, askedAt: now, states: askAll(services) };
  return recent.states;
}

async function askAll(services: Services): Promise<DependencyState[]> {
  const checks: [string, () => Promise<unknown>][] = [
    ['cosmos', () => services.database.ping()],
    ['blobs', () => services.blobs.ping()],
    ['queues', () => services.queues.ping(startTaskQueue)],
    ['secrets', () => services.secrets.get('health-probe')],
  ];
  return Promise.all(checks.map(([name, ask]) => check(name, ask, services)));
}

async function check(
  name: string,
  ask: () => Promise<unknown>,
  { clock, config }: Services,
): Promise<DependencyState> {
  const startedAt = clock.now().getTime();
  const patienceMs = Math.min(MAX_PATIENCE_MS, SHARE_OF_DEADLINE * config.requests.deadlineSeconds * 1000);
  const limit = { tryMilliseconds: patienceMs, tries: 1 };
  const state = await withinTimeLimit(name, limit, ask).then(
    () => 'up' as const,
    () => 'down' as const,
  );
  return { name, state, tookMilliseconds: clock.now().getTime() - startedAt };
}
