/** Memory and handles of every process of a stack, read through a probe that is loaded into each of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { repositoryRoot } from '../../../infra/local/stack/repository-root';

const holding = z.object({ rssBytes: z.number(), heapBytes: z.number(), connections: z.number() });

/** Heap and external memory of JavaScript (buffers), after a garbage collection. */
export type Holding = z.infer<typeof holding>;

export class Probes {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'probes-'));
  private readonly before = process.env.NODE_OPTIONS;

  /** Processes that this one starts from now on load the probe. */
  constructor() {
    const probe = path.join(repositoryRoot(), 'scripts/soak/endurance/memory-probe.cjs');
    process.env.MEMORY_PROBES = this.folder;
    process.env.NODE_OPTIONS = `${this.before ?? ''} --require=${JSON.stringify(probe)}`.trim();
  }

  async ask(pid: number): Promise<Holding> {
    const socket = connect(path.join(this.folder, `${pid}.sock`));
    return holding.parse(JSON.parse(await text(socket)));
  }

  /** Processes that are started from now on do not load it. */
  remove(): void {
    delete process.env.MEMORY_PROBES;
    if (this.before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = this.before;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
