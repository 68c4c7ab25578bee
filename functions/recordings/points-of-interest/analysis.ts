/** What the events of a recording say about it: points of interest, its activity and its summary, in one pass. Pure. */
import type { EventTypeId } from '../../policies/engine';
import type { IdlePeriodCollector } from '../idle/idle-periods';
import { programKey, programOf } from '../statistics/app-names';
import { ShellProcesses } from '../statistics/commands';
import { FileTransfers, type Transferred, type TransferDirection } from '../statistics/file-transfers';
import type { EventVisit } from '../statistics/read-events';
import type { RecordedSpan } from '../statistics/recorded-span';
import { ScreenTime } from '../statistics/screen-time';
import { MomentCollector, type MomentTotals } from './moment';
import { momentOfEvent, momentOfProgram, type ProgramCounts } from './score';

const MINUTE = 60_000;
const MAX_PROGRAMS = 500;
const MAX_APPLICATIONS = 20;

/** They say nothing about what the user does. */
const NO_ACTIVITY: ReadonlySet<EventTypeId> = new Set(['performanceData', 'idle', 'sessionStart']);

export interface Analysis {
  /** Of events alone: neither of responses nor of comments. */
  totals: MomentTotals;
  /** Keys of the programs that were started. */
  programs: string[];
  /** Events of the user's activity in each minute from the start of the recording. */
  eventsPerMinute: number[];
  durationSeconds: number;
  eventCount: number;
  /** In focus for the longest time first. */
  applications: { appName: string; totalSeconds: number }[];
  transfers: Record<TransferDirection, Transferred>;
  commandCount: number;
  idleSeconds: number;
}

interface ProgramStart {
  appName: string;
  eventId: string;
  time: string;
}

/** Analyses the events of a recording, which it is given in order of time. */
export class RecordingAnalysis {
  private readonly moments = new MomentCollector();
  private readonly starts = new Map<string, ProgramStart>();
  private readonly minutes: number[] = [];
  private readonly screenTime = new ScreenTime();
  private readonly transfers = new FileTransfers();
  private readonly processes = new ShellProcesses();
  private eventCount = 0;
  private commandCount = 0;

  /** @param idle collects the idle periods; undefined: they are of no interest to the site */
  constructor(
    private readonly span: RecordedSpan,
    private readonly idle?: IdlePeriodCollector,
  ) {}

  add({ event, isWithin }: EventVisit): void {
    this.screenTime.add(event);
    const command = this.processes.commandOf(event);
    if (!isWithin) return;
    if (command) this.commandCount++;
    this.eventCount++;
    this.transfers.add(event);
    this.countActivity(event);
    this.idle?.add(event);
    this.noteProgram(event);
    const moment = momentOfEvent(event);
    if (moment) this.moments.add(moment);
  }

  /** Keys of the programs that were started. */
  get programs(): string[] {
    return [...this.starts.keys()];
  }

  /** @param counts how often the user started them before */
  result(counts: ProgramCounts): Analysis {
    for (const [key, start] of this.starts) {
      const moment = momentOfProgram(key, start, counts);
      if (moment) this.moments.add(moment);
    }
    const { applications } = this.screenTime.result(this.span);
    return {
      totals: this.moments.result(),
      programs: this.programs,
      eventsPerMinute: this.activity(),
      durationSeconds: (this.span.end - this.span.start) / 1000,
      eventCount: this.eventCount,
      applications: applications.slice(0, MAX_APPLICATIONS).map(({ appName, totalMilliseconds }) => ({
        appName: appName ?? '',
        totalSeconds: totalMilliseconds / 1000,
      })),
      transfers: this.transfers.total(),
      commandCount: this.commandCount,
      idleSeconds: this.idle?.result().idleSeconds ?? 0,
    };
  }

  private activity(): number[] {
    const length = Math.ceil((this.span.end - this.span.start) / MINUTE);
    return Array.from({ length }, (_, minute) => this.minutes[minute] ?? 0);
  }

  private countActivity({ type, time }: EventVisit['event']): void {
    if (NO_ACTIVITY.has(type)) return;
    const last = Math.max(0, Math.ceil((this.span.end - this.span.start) / MINUTE) - 1);
    const minute = Math.min(last, Math.floor((Date.parse(time) - this.span.start) / MINUTE));
    this.minutes[minute] = (this.minutes[minute] ?? 0) + 1;
  }

  private noteProgram({ type, id, time, data }: EventVisit['event']): void {
    const appName = type === 'appStart' ? programOf(data['appName']) : undefined;
    if (appName === undefined || this.starts.size >= MAX_PROGRAMS) return;
    const key = programKey(appName);
    if (!this.starts.has(key)) this.starts.set(key, { appName, eventId: id, time });
  }
}
