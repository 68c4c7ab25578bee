/** The faults injected into journeys: each call with each kind of failure by itself, and seeded combinations. */
import type { Effect, Fault } from '../../../infra/local/faults/fault';
import { faultSchema } from '../../../infra/local/faults/fault';
import { Random } from '../../../infra/local/stand-in-support/random';
import { PIPELINE_CALLS, type PipelineCall } from './pipeline-calls';

export interface FaultCase {
  name: string;
  /** There may be fewer calls than are skipped. */
  mayMiss: boolean;
  faults: (customerId: string, recipient: string) => Fault[];
}

interface Way {
  name: string;
  effect: (call: PipelineCall) => Effect;
}

/** SMTP has status codes of its own: 451 asks for a retry. */
const isSmtp = (call: PipelineCall) => call.at('', '').standIn === 'smtp';

/** The columns of the matrix. */
export const WAYS: readonly Way[] = [
  { name: 'fails before', effect: (call) => ({ do: 'refuse', status: isSmtp(call) ? 451 : 503 }) },
  { name: 'fails after success', effect: () => ({ do: 'failAfterSuccess' }) },
  { name: 'happens twice', effect: () => ({ do: 'duplicate', copies: 1 }) },
  { name: 'is late', effect: () => ({ do: 'delay', seconds: 3 }) },
];

const MORE_WAYS: readonly Way[] = [
  ...WAYS,
  { name: 'breaks before', effect: () => ({ do: 'disconnect' }) },
  {
    name: 'is throttled',
    effect: (call) =>
      isSmtp(call) ? { do: 'refuse', status: 421 } : { do: 'throttle', retryAfterSeconds: 1 },
  },
  { name: 'is overtaken', effect: () => ({ do: 'reorder', behind: 1, seconds: 2 }) },
];

/** Every call with every kind of failure, one fault each. */
export const MATRIX: readonly FaultCase[] = PIPELINE_CALLS.flatMap((call) =>
  WAYS.map((way) => ({
    name: `${call.name} ${way.name}`,
    mayMiss: false,
    faults: (customerId: string, recipient: string) => [fault(call, way, customerId, recipient)],
  })),
);

const FAULTS_OF_A_CASE = 4;

/** Cases of several faults at once, the same for the same seed. */
export function randomCases(seed: number, count: number): FaultCase[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const drawn = Array.from({ length: 1 + random.below(FAULTS_OF_A_CASE) }, () => ({
      call: random.pick(PIPELINE_CALLS),
      way: random.pick(MORE_WAYS),
      skip: random.below(3),
      times: 1 + random.below(3),
    }));
    return {
      name: drawn
        .map(({ call, way, skip, times }) => `${call.name} ${way.name} (${skip}+${times})`)
        .join('; '),
      mayMiss: true,
      faults: (customerId, recipient) =>
        drawn.map(({ call, way, skip, times }) => ({
          ...fault(call, way, customerId, recipient),
          skip,
          times,
        })),
    };
  });
}

function fault(call: PipelineCall, way: Way, customerId: string, recipient: string): Fault {
  return faultSchema.parse({ ...call.at(customerId, recipient), effect: way.effect(call) });
}
