/** What a hostile customer does to a service that it shares with others, by name. */
import { randomUUID } from 'node:crypto';
import {
  HOSTILE_BODIES,
  HUGE_PATTERNS,
  longEvents,
  manyTriggersPolicy,
  manyUsersPolicy,
  policyWithPatterns,
  SLOW_PATTERNS,
  tinyPatternsPolicy,
} from '../../../tests/support/hostile-policies';
import { guessSecret, pipelineUnread } from './raw-attacks';
import { batchOf, type CustomerAccess, MACHINE } from './test-customer';

/** Who attacks whom. */
export interface Target {
  hostile: CustomerAccess;
  /** Of the other customer: client ids are no secrets. */
  victimClientId: string;
}

export interface Attack {
  name: string;
  /** So many of them at the same time. */
  concurrent: number;
  /** One round; resolves with what came of it, such as the status of the answer. */
  round(number: number, means: Means): Promise<string>;
}

/** What an attack has at hand. */
export interface Means {
  target: Target;
  signal: AbortSignal;
  /** Sends a body as a full administrator, and resolves with the status. */
  send(method: string, path: string, body?: string): Promise<string>;
  /** Delivers a batch of events as a server does, and resolves with the status. */
  deliver(batch: ReturnType<typeof batchOf>): Promise<string>;
}

/** Rules whose patterns are as slow as the service accepts. */
export const SLOW_RULES = policyWithPatterns(SLOW_PATTERNS).rules.map((rule) => ({
  ...rule,
  scope: { machines: [MACHINE] },
}));

const MIB = 1_048_576;
const large = [tinyPatternsPolicy, manyTriggersPolicy].map((make) => make());
const users = manyUsersPolicy();
const named = (policy: object) => JSON.stringify({ ...policy, name: randomUUID() });
const policies = ({ target }: Means) => `/api/v1/sites/${target.hostile.siteId}/eventResponsePolicies`;
const item = <T>(items: readonly T[], number: number): T => {
  const found = items[number % items.length];
  if (found === undefined) throw new Error('there is nothing to choose from');
  return found;
};

const simulations = large.map((draft) =>
  JSON.stringify({
    event: { type: 'appStart', data: { commandLine: 'a'.repeat(32_767) } },
    policies: { eventResponse: { draft } },
  }),
);
const brackets = Object.values(HOSTILE_BODIES).map((make) => make(12 * MIB));

export const ATTACKS: readonly Attack[] = [
  {
    name: 'huge patterns',
    concurrent: 2,
    round: (number, means) =>
      means.send('POST', policies(means), named(policyWithPatterns([item(HUGE_PATTERNS, number)]))),
  },
  {
    name: 'what-if of 4 MiB',
    concurrent: 2,
    round: (number, means) =>
      means.send(
        'POST',
        `/api/v1/sites/${means.target.hostile.siteId}/policyTests`,
        item(simulations, number),
      ),
  },
  {
    name: 'policies of 4 MiB',
    concurrent: 2,
    round: (number, means) =>
      number % 3 === 2
        ? means.send('POST', policies(means).replace('eventResponse', 'recording'), named(users))
        : means.send('POST', policies(means), named(item(large, number))),
  },
  {
    name: 'bodies of 12 MiB that are no policy',
    concurrent: 1,
    round: (number, means) =>
      means.send('POST', `/api/v1/sites/${means.target.hostile.siteId}/policyTests`, item(brackets, number)),
  },
  {
    name: '1,000 events under slow patterns',
    concurrent: 1,
    round: (_number, means) =>
      means.deliver(
        batchOf(
          means.target.hostile,
          Array.from({ length: 999 }, () => ({ commandLine: 'a'.repeat(900) })),
        ),
      ),
  },
  {
    name: 'events of 32 kB under slow patterns',
    concurrent: 1,
    round: (_number, means) =>
      means.deliver(
        batchOf(
          means.target.hostile,
          longEvents(30).map(({ data }) => data),
        ),
      ),
  },
  {
    name: 'guesses at the secret of the other customer',
    concurrent: 30,
    round: (number, { target, signal }) =>
      guessSecret(target.hostile.url, target.victimClientId, `127.0.1.${1 + (number % 200)}`, signal),
  },
  {
    name: 'unread answers to 10,000 pipelined requests',
    concurrent: 5,
    round: (number, { target, signal }) =>
      pipelineUnread(target.hostile.url, number % 2 ? '/api/docs' : '/api/openapi.json', signal),
  },
  {
    name: 'reads as fast as they are answered',
    concurrent: 20,
    round: (_number, means) => means.send('GET', `/api/v1/sites/${means.target.hostile.siteId}`),
  },
];
