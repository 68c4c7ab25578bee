/** The workload on which the evaluators are measured: sessions, their events, and policies of any number of rules. */
import {
  type Condition,
  type Dimension,
  EVENT_TYPES,
  type EventType,
  type ResponsePolicy,
  type ResponseRule,
  type Scope,
  type SessionEvent,
  type SessionFacts,
  type Trigger,
} from '../../../functions/policies/engine';
import { Random } from '../../../infra/local/stand-in-support/random';
import { type SampleText, Vocabulary } from './vocabulary';

const EVENTS = 200_000;
const SESSIONS = 2_000;
const WORDS = 500;
const USERS = 4_000;
const GROUPS = 6_000;
const TRIGGERS_PER_RULE = 6;
const SHARE_OF_PATTERNS = 0.3;
const START = Date.UTC(2026, 0, 5, 8);

export interface Workload {
  readonly sessions: readonly SessionFacts[];
  readonly events: readonly WorkloadEvent[];
  /** A response policy with this many rules; the rules of a smaller one are among those of a larger one. */
  readonly policyOf: (rules: number) => ResponsePolicy;
}

export interface WorkloadEvent {
  readonly session: SessionFacts;
  readonly event: SessionEvent;
}

/** The same workload for the same seed. */
export function createWorkload(seed: number, eventCount = EVENTS): Workload {
  const random = new Random(seed);
  const vocabulary = new Vocabulary(random, WORDS);
  const sessions = Array.from({ length: SESSIONS }, () => session(random));
  const events = Array.from({ length: eventCount }, (_, index) => ({
    session: random.pick(sessions),
    event: asReceived(sessionEvent(random, vocabulary, index)),
  }));
  const rulesSeed = random.below(2 ** 31);
  return { sessions, events, policyOf: (rules) => policy(new Random(rulesSeed), vocabulary, rules) };
}

function session(random: Random): SessionFacts {
  const user = random.below(USERS);
  return {
    user: {
      name: `CONTOSO\\user${user}`,
      upn: `user${user}@contoso.example`,
      sid: `S-1-5-21-1004336348-1177238915-682003330-${user}`,
      groups: random.picks(GROUP_NAMES, random.between(5, 20)).map((name) => ({ name })),
    },
    application: `App ${random.below(60)}`,
    deliveryGroup: `Delivery ${random.below(30)}`,
    machine: `VDA-${random.below(400)}`,
    clientAddress: `10.${random.below(256)}.${random.below(256)}.${random.between(1, 254)}`,
    tags: random.picks(TAGS, random.below(4)),
  };
}

const GROUP_NAMES = Array.from({ length: GROUPS }, (_, index) => `CONTOSO\\Group ${index}`);
const TAGS = ['Location-internal', 'Location-external', 'Device-managed', 'Device-unmanaged', 'Contractor'];

function sessionEvent(random: Random, vocabulary: Vocabulary, index: number): SessionEvent {
  const type = random.pick(EVENT_TYPES);
  const data = type.dimensions.map((dimension) => [dimension.field, valueOf(dimension, random, vocabulary)]);
  return {
    id: random.uuid(),
    type: type.id,
    time: new Date(START + index * 37).toISOString(),
    data: Object.fromEntries(data) as SessionEvent['data'],
  };
}

/** As parsing leaves an event: strings and objects that were put together are slower to read. */
function asReceived(event: SessionEvent): SessionEvent {
  return JSON.parse(JSON.stringify(event)) as SessionEvent;
}

function valueOf(dimension: Dimension, random: Random, vocabulary: Vocabulary): string | number {
  switch (dimension.kind) {
    case 'text':
      return vocabulary.eventText(dimension.field, random);
    case 'drive':
      return `${random.pick(['D', 'E', 'F', 'G', 'H'])}:`;
    case 'choice':
      return random.pick(dimension.choices);
    case 'number':
      return Math.round(100 * random.next() ** 4 * dimension.unitsPerLimit);
  }
}

function policy(random: Random, vocabulary: Vocabulary, count: number): ResponsePolicy {
  const rules = Array.from({ length: count }, (_, index) => rule(random, vocabulary, index));
  return { kind: 'eventResponse', name: 'Bench', description: '', rules };
}

function rule(random: Random, vocabulary: Vocabulary, index: number): ResponseRule {
  return {
    id: random.uuid(),
    createdAt: new Date(START + index * 1000).toISOString(),
    name: `Rule ${index}`,
    description: '',
    scope: scope(random),
    triggers: Array.from({ length: TRIGGERS_PER_RULE }, () => trigger(random, vocabulary)),
    recipients: 'soc@contoso.example',
    recordingOptions: { minutesAfter: 10, secondsBefore: 30, lossy: false },
    operationDelaySeconds: 30,
  };
}

/** Up to 500 users and groups, up to 50 blocks of addresses. */
function scope(random: Random): Scope {
  const groups = random.picks(GROUP_NAMES, random.between(1, 250)).map((name) => ({ name }));
  const users = Array.from({ length: random.between(0, 250) }, () => ({
    name: `CONTOSO\\user${random.below(USERS)}`,
  }));
  const blocks = Array.from({ length: random.between(1, 50) }, () =>
    random.chance(0.5)
      ? `10.${random.below(256)}.0.0/16`
      : `10.${random.below(256)}.${random.below(256)}.0/24`,
  );
  const machines = Array.from({ length: random.between(1, 200) }, () => `VDA-${random.below(400)}`);
  return {
    ...(random.chance(0.8) ? { users, groups } : { tags: random.picks(TAGS, 2) }),
    ...(random.chance(0.3) ? { clientAddresses: blocks } : {}),
    ...(random.chance(0.3) ? { machines } : {}),
  };
}

function trigger(random: Random, vocabulary: Vocabulary): Trigger {
  const type = random.pick(EVENT_TYPES.filter(({ dimensions }) => dimensions.length > 0));
  return {
    eventType: type.id,
    conditions: dimensionsToTest(type, random).map((dimension) => condition(dimension, random, vocabulary)),
    description: `Look at ${type.label}`,
    actions: random.picks(type.actions, 1),
  };
}

/** One dimension, sometimes two; a fixed choice, which half of all events match, never alone. */
function dimensionsToTest(type: EventType, random: Random): Dimension[] {
  const first = random.pick(type.dimensions);
  const others = type.dimensions.filter((dimension) => dimension !== first && dimension.kind !== 'choice');
  const alone = others.length === 0 || (first.kind !== 'choice' && random.chance(0.6));
  return alone ? [first] : [first, random.pick(others)];
}

function condition(dimension: Dimension, random: Random, vocabulary: Vocabulary): Condition {
  const { id } = dimension;
  switch (dimension.kind) {
    case 'text': {
      const operator = random.chance(SHARE_OF_PATTERNS) ? 'matches' : random.pick(dimension.operators);
      const samples = Array.from({ length: random.between(1, 3) }, () =>
        vocabulary.ruleText(dimension.field, random),
      );
      const values = samples.map((sample) => textValue(operator, sample, random));
      return { dimension: id, operator, values };
    }
    case 'number':
      return { dimension: id, operator: 'greaterThan', values: [random.between(99, 150)] };
    case 'drive':
      return {
        dimension: id,
        operator: 'equals',
        values: [random.pick(['I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'D'])],
      };
    case 'choice':
      return { dimension: id, operator: 'equals', values: [random.pick(dimension.choices)] };
  }
}

function textValue(operator: Condition['operator'], { text, words }: SampleText, random: Random): string {
  if (operator === 'equals') return text;
  const [first = text, second = first] = words.length > 0 ? random.picks(words, 2) : [text.slice(0, 9)];
  if (operator === 'includes') return random.chance(0.5) ? first : text.slice(-20);
  return random.pick([
    `\\b${first}\\b`,
    `${first}.*${second}`,
    `(?:${first}|${second})[-_ ]?\\d{2,}`,
    `^.{0,40}\\\\${first}[^\\\\]*$`,
    `${first}\\.(exe|com|scr)$`,
    `(?i)${second}[a-z]*-\\d+\\.(docx|xlsx)`,
    `${first}\\w{0,3}(x|y|z)\\d`,
    `\\d{3}-\\d{2}-\\d{4}`,
  ]);
}
