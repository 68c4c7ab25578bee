/** How a run went: time and memory by quarters of its recordings, and what of that is too much. */

const MAX_GROWTH_MEGABYTES = 256;
/** The last quarter may take so much longer than the second: the pace must not depend on what is done already. */
const MAX_SLOWDOWN = 1.5;
/** With fewer recordings the time of a quarter is one of chance. */
const RECORDINGS_FOR_PACE = 20_000;
const FEWEST_KILLS = 3;
const QUARTERS = 4;

/** The host at one moment. */
export interface HostMemory {
  residentMegabytes: number;
  /** Of JavaScript, with buffers, after a garbage collection. */
  heapMegabytes: number;
}

export interface Mark extends HostMemory {
  atMs: number;
}

export class Course {
  kills = 0;
  /** At the beginning, and when each quarter of the recordings was archived. */
  readonly marks: Mark[] = [];
  private largestMegabytes = 0;

  constructor(readonly recordings: number) {}

  /** The resident memory of the host now, in MB. */
  note(megabytes: number): void {
    this.largestMegabytes = Math.max(this.largestMegabytes, megabytes);
  }

  /** The time counts from now on, and not from the first mark: a run begins some time after it was scheduled. */
  begin(): void {
    const [first] = this.marks;
    if (first) first.atMs = Date.now();
  }

  /** How many quarters are archived and not marked yet. */
  due(archived: number): number {
    return Math.floor((QUARTERS * archived) / this.recordings) - (this.marks.length - 1);
  }

  /** How much more resident memory the host had at the most than before the run. */
  get growthMegabytes(): number {
    return Math.max(0, this.largestMegabytes - (this.marks[0]?.residentMegabytes ?? 0));
  }

  /** Of those quarters that have ended. */
  get quartersSeconds(): number[] {
    return this.marks
      .slice(1)
      .map(({ atMs }, index) => Math.round((atMs - (this.marks[index]?.atMs ?? atMs)) / 1000));
  }

  /** What a run that has ended must not have; empty when all is well. */
  excess(): string[] {
    const [, second = 0, , last = 0] = this.quartersSeconds;
    return [
      ...(this.kills < FEWEST_KILLS ? [`the host was killed ${this.kills} times only`] : []),
      ...(this.growthMegabytes >= MAX_GROWTH_MEGABYTES
        ? [`the host grew by ${this.growthMegabytes} MB`]
        : []),
      ...(this.recordings >= RECORDINGS_FOR_PACE && last > second * MAX_SLOWDOWN
        ? [`the second quarter took ${second} s, the last one ${last} s`]
        : []),
    ];
  }
}
