/** Whether the service and what it stands on answer. */
import type { Services } from '../../shared/services';
import { withinTimeLimit } from '../../shared/time-limits';

export interface DependencyState {
  name: string;
  state: 'up' | 'down';
  tookMilliseconds: number;
}

/** A dependency that has not answered by then counts as down. */
const MAX_PATIENCE_MS = 5_000;
/** Of the deadline of a request: health is answered within it, whatever hangs. */
const SHARE_OF_DEADLINE = 0.5;
/** Anybody may ask: however many do, each dependency is asked once within this time. */
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
    ['queues', () => services.queues.ping()],
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
