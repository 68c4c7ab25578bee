/** The worker thread's side of active policies: keeps compiled ones and answers questions about them. No I/O. */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Policy } from '../engine';
import { PolicyCache } from './policy-cache';
import { answerQuestion, type Question } from './policy-question';

/** A question to a policy, which comes with the question if the thread may not have it. */
export interface PolicyTask {
  key: string;
  question: Question;
  /** JSON of the policy. */
  document?: Uint8Array<ArrayBuffer>;
}

/** An answer, and the milliseconds that it took to compute, with the compilation of the policy. */
export interface TimedAnswer {
  answer: unknown;
  milliseconds: number;
}

/** The answer, or that the policy must be sent along. */
export type PolicyTaskResult = TimedAnswer | { needsDocument: true };

/** Of the heap that the thread may have: what is alive beyond it is programs of patterns and what they remember. */
const MAX_LIVE_SHARE = 0.8;

/** Of the thread's heap, in bytes. */
export interface Heap {
  /** What may be in use. */
  limitBytes(): number;
  /** Calls back after each collection of the whole heap with what is alive. */
  onCollection(report: (liveBytes: number) => void): void;
}

const ownHeap: Heap = {
  limitBytes: () => getHeapStatistics().heap_size_limit,
  onCollection: (report) =>
    new PerformanceObserver((list) => {
      if (list.getEntries().some(isMajorCollection)) report(getHeapStatistics().used_heap_size);
    }).observe({ entryTypes: ['gc'] }),
};

/** The compiled policies of one thread. */
export class PolicyThread {
  private readonly cache: PolicyCache;
  private liveBytes = 0;

  /** `maxBytes`: of all compiled policies, by estimate. */
  constructor(
    maxBytes: number,
    private readonly heap: Heap = ownHeap,
  ) {
    this.cache = new PolicyCache(maxBytes);
    heap.onCollection((liveBytes) => (this.liveBytes = liveBytes));
  }

  answer({ key, question, document }: PolicyTask): PolicyTaskResult {
    if (this.liveBytes > MAX_LIVE_SHARE * this.heap.limitBytes()) {
      this.cache.clear();
      this.liveBytes = 0;
    }
    const startedAt = performance.now();
    const compiled =
      this.cache.get(key) ?? (document && this.cache.add(key, parse(document), document.length));
    if (!compiled) return { needsDocument: true };
    const answer = answerQuestion(compiled, question);
    return { answer, milliseconds: performance.now() - startedAt };
  }
}

function parse(document: Uint8Array): Policy {
  return JSON.parse(new TextDecoder().decode(document)) as Policy;
}

/** After one, what is in use is alive. */
function isMajorCollection(entry: object): boolean {
  const { detail } = entry as { detail?: { kind?: number } };
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
