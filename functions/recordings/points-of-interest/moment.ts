/** Moments of a recording that are worth a look: what happened, and how much it counts. Pure. */

export const MOMENT_KINDS = [
  'response',
  'severeComment',
  'accountChange',
  'fileTransfer',
  'rareProgram',
  'connection',
] as const;
export type MomentKind = (typeof MOMENT_KINDS)[number];

interface MomentBase {
  /** RFC 3339 UTC. */
  time: string;
  points: number;
}

interface EventFacts {
  eventId: string;
}

export type Moment = MomentBase &
  (
    | ({ kind: 'response' } & ResponseFacts)
    | { kind: 'severeComment'; commentId: string; text: string; author: { id: string; name: string } }
    | ({ kind: 'accountChange'; userName: string } & EventFacts)
    | ({ kind: 'fileTransfer' } & TransferFacts)
    | ({ kind: 'rareProgram'; appName: string } & EventFacts & ProgramFacts)
    | ({ kind: 'connection'; ipAddress: string } & EventFacts)
  );

interface ResponseFacts extends EventFacts {
  eventType: string;
  ruleId: string;
  ruleName: string;
  actions: { kind: string; state: string }[];
}

interface TransferFacts extends EventFacts {
  fileName: string;
  direction: 'hostToClient' | 'clientToHost';
  sizeBytes: number;
}

/** How often the user started a program before. */
interface ProgramFacts {
  /** Other recordings of the user in the 90 days before. */
  otherRecordings: number;
  /** Those of them in which the program was started. */
  recordingsWithProgram: number;
}

/** The moments with the most points, and what all of them count. */
export interface MomentTotals {
  /** Most points first, then by time. */
  moments: Moment[];
  /** All moments of each kind: also those that are not among `moments`. */
  points: Partial<Record<MomentKind, number>>;
}

/** More are not shown. */
export const MAX_MOMENTS = 200;

/** Collects moments in any order; keeps those with the most points. */
export class MomentCollector {
  private kept: Moment[] = [];
  private readonly points: Partial<Record<MomentKind, number>> = {};

  add(moment: Moment): void {
    this.points[moment.kind] = (this.points[moment.kind] ?? 0) + moment.points;
    this.kept.push(moment);
    if (this.kept.length > 4 * MAX_MOMENTS) this.kept = best(this.kept);
  }

  result(): MomentTotals {
    return { moments: best(this.kept), points: this.points };
  }
}

/** The totals of different moments together. */
export function addTotals(all: readonly MomentTotals[]): MomentTotals {
  const points: Partial<Record<MomentKind, number>> = {};
  for (const kind of MOMENT_KINDS) {
    const sum = all.reduce((total, part) => total + (part.points[kind] ?? 0), 0);
    if (sum > 0) points[kind] = sum;
  }
  return { moments: best(all.flatMap(({ moments }) => moments)), points };
}

function best(moments: readonly Moment[]): Moment[] {
  return [...moments].sort(byPoints).slice(0, MAX_MOMENTS);
}

function byPoints(a: Moment, b: Moment): number {
  return b.points - a.points || compare(a.time, b.time) || compare(keyOf(a), keyOf(b));
}

function keyOf(moment: Moment): string {
  return `${moment.kind} ${moment.kind === 'severeComment' ? moment.commentId : moment.eventId}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
