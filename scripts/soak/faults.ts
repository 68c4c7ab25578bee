/** The fault suite: each call of the pipeline with each kind of failure, then seeded combinations. */
import { tenantIdOf } from '../../infra/local/azure/login/directory-ids';
import { storage } from '../../functions/storage';
import type { InjectedFault } from '../../infra/local/faults/fault';
import { provisioner } from '../../infra/local/stack/provision';
import { type Stack, startStack } from '../../infra/local/stack/stack';
import { line } from '../demo/print';
import type { SoakOptions } from './options';
import { type FaultCase, MATRIX, randomCases } from './faults/fault-cases';
import { type Disturbance, JourneyBench } from './journey/journey-bench';
import { recipientOf } from './journey/play-journey';
import { reportRuns, printRun } from './journey/report';

const CONCURRENCY = 6;

/** @throws Error when a journey ended differently from the undisturbed one */
export async function soakFaults({ seed, count, only }: SoakOptions): Promise<void> {
  const cases = [...MATRIX, ...randomCases(seed, count)].filter(
    ({ name }) => only === undefined || name.includes(only),
  );
  const stack = await startStack({
    ephemeral: true,
    provision: provisioner(storage),
    hostFlags: ['--queue-lease-seconds', '5'],
  });
  const bench = new JourneyBench(stack);
  try {
    await bench.playBaseline();
    line(`an undisturbed journey has been played; ${cases.length} with faults follow`);
    const disturbances = cases.map((faultCase) => disturbance(stack, faultCase));
    const runs = await bench.playDisturbed(disturbances, CONCURRENCY, `seed-${seed}`, printRun);
    reportRuns('fault', runs, seed);
  } finally {
    await stack.stop();
    bench.close();
  }
}

/** The faults of a case, injected for one customer while the journey is played. */
export function disturbance(stack: Pick<Stack, 'url'>, { name, faults, mayMiss }: FaultCase): Disturbance {
  return {
    name,
    mayMiss,
    begin: async (customer) => {
      const injected = await Promise.all(
        faults(tenantIdOf(customer), recipientOf(customer)).map((fault) =>
          ask<InjectedFault>(stack, 'POST', '', fault),
        ),
      );
      const ids = new Set(injected.map(({ id }) => id));
      return {
        hasHappened: async () => {
          const { value } = await ask<{ value: InjectedFault[] }>(stack, 'GET', '');
          await Promise.all([...ids].map((id) => ask(stack, 'DELETE', `/${id}`)));
          return value.some(({ id, met }) => ids.has(id) && met > 0);
        },
      };
    },
  };
}

async function ask<Body>(
  { url }: Pick<Stack, 'url'>,
  method: string,
  path: string,
  body?: object,
): Promise<Body> {
  const response = await fetch(`${url}/local/faults${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} /local/faults${path} answered ${response.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as Body;
}
