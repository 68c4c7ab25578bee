/** The faults planted in the stand-ins of one process, which call meets which of them, and how many calls there were. */
import { randomUUID } from 'node:crypto';
import { Random } from '../stand-in-support/random';
import { type Call, type Fault, type PlantedFault, type StandIn } from './fault';

interface Entry {
  readonly fault: PlantedFault;
  readonly matches: (call: Call) => boolean;
  /** Matching calls that are still spared. */
  spared: number;
  readonly isDrawn: () => boolean;
}

export class FaultRegistry {
  private entries: Entry[] = [];
  private readonly counts = new Map<string, number>();

  plant(fault: Fault): PlantedFault {
    const planted = { ...fault, id: randomUUID(), met: 0 };
    this.entries.push({
      fault: planted,
      matches: matcherOf(fault),
      spared: fault.skip,
      isDrawn: draws(fault.share, fault.seed),
    });
    return { ...planted };
  }

  /** In the order in which they were planted, those that are used up as well. */
  list(): PlantedFault[] {
    return this.entries.map(({ fault }) => ({ ...fault }));
  }

  /** False when there is none with this id. */
  remove(id: string): boolean {
    const before = this.entries.length;
    this.entries = this.entries.filter(({ fault }) => fault.id !== id);
    return this.entries.length < before;
  }

  clear(): void {
    this.entries = [];
  }

  /** How many calls there were since the process started, by stand-in and method: `cosmos POST`. */
  calls(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }

  /** The fault that this call meets: of those planted first the first one that is not used up. Counts the call. */
  meet(standIn: StandIn, call: Call): PlantedFault | undefined {
    const kind = `${standIn} ${call.method}`;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    for (const entry of this.entries) {
      const { fault } = entry;
      const isUsedUp = fault.times !== null && fault.met >= fault.times;
      if (isUsedUp || fault.standIn !== standIn || !entry.matches(call) || !entry.isDrawn()) continue;
      if (entry.spared > 0) {
        entry.spared -= 1;
        continue;
      }
      fault.met += 1;
      return { ...fault };
    }
    return undefined;
  }
}

function matcherOf({ method, path, body }: Fault): Entry['matches'] {
  const isMethod = expressionOf(method, true);
  const isPath = expressionOf(path, true);
  const isInBody = expressionOf(body, false);
  return (call) =>
    isMethod(call.method) && isPath(call.path) && (body === undefined || isInBody(call.body?.() ?? ''));
}

/** `*` stands for any text, of any length. */
function expressionOf(pattern: string | undefined, isWhole: boolean): (text: string) => boolean {
  if (pattern === undefined) return () => true;
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const source = parts.join('.*');
  const expression = new RegExp(isWhole ? `^${source}$` : source, 'is');
  return (text) => expression.test(text);
}

/** The same calls for the same seed, so that a run can be repeated. */
function draws(share: number, seed: number): () => boolean {
  const random = new Random(seed);
  return () => share === 1 || random.chance(share);
}
