/** Measures the machine at fixed intervals, and hands the samples over in batches: of the server, and of its sessions. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MachineState } from './machine';
import type { PerformanceSample, ServerRecords } from './server-records';

/** Once in five minutes a request, and one for each session whose performance is logged. */
const DEFAULT_SECONDS = 15;
const SAMPLES_IN_BATCH = 20;
const BYTES_IN_KILOBIT = 125;

export interface SamplerOptions {
  readState: () => MachineState | Promise<MachineState>;
  /** The machine's clock, in milliseconds since 1970. */
  now: () => number;
  /** Ids of the running sessions whose policy says that performance is logged. */
  measuredSessions: () => string[];
  /** From one sample to the next. */
  seconds?: number | undefined;
  samplesInBatch?: number | undefined;
}

export class PerformanceSampler {
  /** Samples of the server under '', of its sessions under their ids. */
  private readonly collected = new Map<string, PerformanceSample[]>();

  constructor(
    private readonly records: ServerRecords,
    private readonly options: SamplerOptions,
  ) {}

  /** Measures until the signal; what is not a whole batch then is handed over too. */
  async run(signal: AbortSignal): Promise<void> {
    const { seconds = DEFAULT_SECONDS } = this.options;
    while (!signal.aborted) {
      await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.measure(seconds);
    }
    for (const of of [...this.collected.keys()]) this.handOver(of);
  }

  private async measure(seconds: number): Promise<void> {
    const { readState, now, measuredSessions, samplesInBatch = SAMPLES_IN_BATCH } = this.options;
    const { cpuPercent, memoryPercent, networkSendKbps, networkReceiveKbps } = await readState();
    const sample = {
      time: new Date(now()).toISOString(),
      cpuPercent,
      memoryPercent,
      networkSendBytes: Math.round(networkSendKbps * BYTES_IN_KILOBIT * seconds),
      networkReceiveBytes: Math.round(networkReceiveKbps * BYTES_IN_KILOBIT * seconds),
    };
    const measured = ['', ...measuredSessions()];
    for (const of of measured) this.collected.set(of, [...(this.collected.get(of) ?? []), sample]);
    for (const [of, samples] of [...this.collected])
      if (samples.length >= samplesInBatch || !measured.includes(of)) this.handOver(of);
  }

  private handOver(of: string): void {
    this.records.addSamples(this.collected.get(of) ?? [], of === '' ? undefined : of);
    this.collected.delete(of);
  }
}
