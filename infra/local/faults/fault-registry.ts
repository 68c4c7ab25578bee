/** The faults injected in the stand-ins of one process, which calls they affect, and the number of calls. */
import { randomUUID } from 'node:crypto';
import { Random } from '../stand-in-support/random';
import { type Call, type Fault, type InjectedFault, type StandIn } from './fault';

interface Entry {
  readonly fault: InjectedFault;
  readonly matches: (call: Call) => boolean;
  /** Matching calls that are still to be skipped. */
  toSkip: number;
  readonly isSampled: () => boolean;
}

export class FaultRegistry {
  private entries: Entry[] = [];
  private readonly counts = new Map<string, number>();

  inject(fault: Fault): InjectedFault {
    const injected = { ...fault, id: randomUUID(), met: 0 };
    this.entries.push({
      fault: injected,
      matches: matcherOf(fault),
      toSkip: fault.skip,
      isSampled: sampler(fault.share, fault.seed),
    });
    return { ...injected };
  }

  /** In the order of injection, including those that are used up. */
  list(): InjectedFault[] {
    return this.entries.map(({ fault }) => ({ ...fault }));
  }

  /** False when the id is unknown. */
  remove(id: string): boolean {
    const before = this.entries.length;
    this.entries = this.entries.filter(({ fault }) => fault.id !== id);
    return this.entries.length < before;
  }

  clear(): void {
    this.entries = [];
  }

  /** The number of calls since the process started, by stand-in and method: `cosmos POST`. */
  calls(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }

  /** The fault that affects this call: the first injected one that matches and is not used up. Counts the call. */
  match(standIn: StandIn, call: Call): InjectedFault | undefined {
    const kind = `${standIn} ${call.method}`;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    for (const entry of this.entries) {
      const { fault } = entry;
      const isUsedUp = fault.times !== null && fault.met >= fault.times;
      if (isUsedUp || fault.standIn !== standIn || !entry.matches(call) || !entry.isSampled()) continue;
      if (entry.toSkip > 0) {
        entry.toSkip -= 1;
        continue;
      }
      fault.met += 1;
      return { ...fault };
    }
    return undefined;
  }
}

function matcherOf({ method, path, body }: Fault): Entry['matches'] {
  const isMethod = wildcardMatcher(method, true);
  const isPath = wildcardMatcher(path, true);
  const isInBody = wildcardMatcher(body, false);
  return (call) =>
    isMethod(call.method) && isPath(call.path) && (body === undefined || isInBody(call.body?.() ?? ''));
}

/** `*` stands for any text, of any length. */
function wildcardMatcher(pattern: string | undefined, isWhole: boolean): (text: string) => boolean {
  if (pattern === undefined) return () => true;
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const source = parts.join('.*');
  const expression = new RegExp(isWhole ? `^${source}$` : source, 'is');
  return (text) => expression.test(text);
}

/** The same calls for the same seed, so that a run can be reproduced. */
function sampler(share: number, seed: number): () => boolean {
  const random = new Random(seed);
  return () => share === 1 || random.chance(share);
}
