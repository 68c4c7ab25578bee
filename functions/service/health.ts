/** Whether the service and what it stands on answer. */
import type { Services } from '../../shared/services';

export interface DependencyState {
  name: string;
  state: 'up' | 'down';
  tookMilliseconds: number;
}

/** A dependency that has not answered by then counts as down. */
const PATIENCE_MS = 5_000;
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
  { clock }: Services,
): Promise<DependencyState> {
  const startedAt = clock.now().getTime();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${name} did not answer within ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
  });
  const state = await Promise.race([ask(), tooLate]).then(
    () => 'up' as const,
    () => 'down' as const,
  );
  clearTimeout(timer);
  return { name, state, tookMilliseconds: clock.now().getTime() - startedAt };
}
