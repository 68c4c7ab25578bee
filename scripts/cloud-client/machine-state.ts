/** Reads the state of this machine for heartbeats. */
import { statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import { IDLE_MACHINE, type MachineState } from './machine';

interface CpuTimes {
  busy: number;
  total: number;
}

/** Reads CPU (since the last reading), memory, and the space of the folder where recordings are stored. */
export class MachineStateReader {
  private last: CpuTimes = { busy: 0, total: 0 };

  constructor(
    private readonly recordingsFolder: string,
    private readonly liveSessions: () => number,
  ) {}

  /** This platform tells nothing of its network to a portable program: its figures are 0. */
  async read(): Promise<MachineState> {
    const { bsize, blocks, bavail } = await statfs(this.recordingsFolder);
    return {
      ...IDLE_MACHINE,
      cpuPercent: this.cpuPercent(),
      memoryPercent: percent(totalmem() - freemem(), totalmem()),
      storage: [
        { path: this.recordingsFolder, usedBytes: (blocks - bavail) * bsize, freeBytes: bavail * bsize },
      ],
      liveSessions: this.liveSessions(),
    };
  }

  private cpuPercent(): number {
    const now = { busy: 0, total: 0 };
    for (const { times } of cpus()) {
      const total = times.user + times.nice + times.sys + times.irq + times.idle;
      now.total += total;
      now.busy += total - times.idle;
    }
    const { busy, total } = this.last;
    this.last = now;
    return percent(now.busy - busy, now.total - total);
  }
}

function percent(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, Math.max(0, Math.round((part / whole) * 1000) / 10)) : 0;
}
