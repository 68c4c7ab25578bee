/** The input and expected output of every evaluator, so that all can be measured and compared. */
import type {
  EventData,
  EventTypeId,
  ResponsePolicy,
  Scope,
  SessionFacts,
} from '../../../functions/policies/engine';
import type { WorkloadEvent } from './workload';

/** No rule matches. */
export const NONE = -1;

export interface Evaluator {
  readonly name: string;
  /** For each event the position of the oldest matching rule, or `NONE`. */
  readonly evaluate: (events: readonly WorkloadEvent[]) => Promise<number[]> | number[];
}

/** An engine that is measured against ours: makes an evaluator of a policy. */
export type Peer = (policy: ResponsePolicy, sessions: readonly SessionFacts[]) => Evaluator;

/** A session as the peers get it, prepared once outside of what is measured. */
export interface PreparedSession {
  /** Users, groups, machines and tags, lower-cased and distinguished by a letter. */
  readonly keys: Readonly<Record<'people' | 'machines' | 'tags', readonly string[]>>;
  /** The IPv4 address as a number. */
  readonly address: number;
}

/** A scope as the peers get it: sets instead of lists, numbers instead of addresses. */
export interface PreparedScope {
  readonly keys: Readonly<Partial<Record<'people' | 'machines' | 'tags', ReadonlySet<string>>>>;
  readonly ranges?: readonly (readonly [number, number])[];
}

export function prepareSession({
  user,
  machine = '',
  clientAddress = '',
  tags,
}: SessionFacts): PreparedSession {
  const people = [`u:${user.name}`, ...user.groups.map(({ name = '' }) => `g:${name}`)];
  return {
    keys: { people: people.map(lower), machines: [lower(machine)], tags: tags.map(lower) },
    address: addressNumber(clientAddress),
  };
}

/** Supports the conditions that the workload's scopes use. */
export function prepareScope({ users, groups, machines, clientAddresses, tags }: Scope): PreparedScope {
  const people = [
    ...(users ?? []).map(({ name = '' }) => `u:${name}`),
    ...(groups ?? []).map(({ name = '' }) => `g:${name}`),
  ];
  return {
    keys: {
      ...(people.length > 0 ? { people: new Set(people.map(lower)) } : {}),
      ...(machines ? { machines: new Set(machines.map(lower)) } : {}),
      ...(tags ? { tags: new Set(tags.map(lower)) } : {}),
    },
    ...(clientAddresses ? { ranges: clientAddresses.map(rangeOf) } : {}),
  };
}

/** The event's texts lower-cased: the workload is ASCII, so that is all there is to case. */
export function lowerCased(data: EventData): Record<string, string | number> {
  const result: Record<string, string | number> = {};
  for (const field in data) {
    const value = data[field];
    if (value !== undefined) result[field] = typeof value === 'string' ? lower(value) : value;
  }
  return result;
}

/** The positions of the rules that have a trigger of each type: no peer looks at the others. */
export function rulesByType(policy: ResponsePolicy): Map<EventTypeId, number[]> {
  const byType = new Map<EventTypeId, number[]>();
  for (const [position, { triggers }] of policy.rules.entries()) {
    for (const type of new Set(triggers.map(({ eventType }) => eventType))) {
      byType.set(type, [...(byType.get(type) ?? []), position]);
    }
  }
  return byType;
}

/** A pattern in JavaScript's own engine: quicker than a linear-time one, at the peers' gain. */
export function nativePattern(pattern: string): RegExp {
  return new RegExp(pattern.replace('(?i)', ''), 'i');
}

const lower = (text: string) => text.toLowerCase();

function addressNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function rangeOf(block: string): readonly [number, number] {
  const [base = '', bits = '32'] = block.split('/');
  const first = addressNumber(base);
  return [first, first + 2 ** (32 - Number(bits)) - 1];
}
