/** Follows a scheduled run to its end, and kills the host three times in its first quarter: the last host lives through the others. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../../infra/local/stack/stack';
import { line } from '../../demo/print';
import type { Probes } from '../endurance/probes';
import type { SeededSite } from './archived-site';
import type { Course } from './course';

const KILLS_AT = [0.08, 0.16, 0.24];
const PAUSE_MS = 1_000;
/** Without progress for so long, the run has failed; the sweep of tasks looks after 15 minutes. */
const PATIENCE_SECONDS = 1_200;
const MEGABYTE = 1_048_576;

interface Task {
  id: string;
  state: string;
  progress: { total: number; succeeded: number; failed: number };
}

/**
 * Schedules the run and resolves when it has ended.
 * @param course is filled on the way, so that its figures are there after a failure too
 * @throws Error when it does not succeed with all recordings
 */
export async function followRun(
  stack: Stack,
  site: SeededSite,
  probes: Probes,
  course: Course,
): Promise<void> {
  const { recordings } = course;
  await site.schedule();
  const { id, progress, state } = await new Follower(stack, site, probes, course).follow();
  if (state !== 'Succeeded' || progress.succeeded !== recordings || progress.failed > 0)
    throw new Error(`the run ended ${state} with ${JSON.stringify(progress)}`);
  await checkResults(site, id, recordings);
}

class Follower {
  private changedAt = Date.now();
  private hasBegun = false;
  private done = 0;

  constructor(
    private readonly stack: Stack,
    private readonly site: SeededSite,
    private readonly probes: Probes,
    private readonly course: Course,
  ) {}

  async follow(): Promise<Task> {
    await this.mark();
    for (;;) {
      this.course.note(residentMegabytesOf(hostOf(this.stack)));
      const task = await this.ask();
      if (task) await this.note(task);
      if (task && task.state !== 'NotStarted' && task.state !== 'Running') return task;
      if (Date.now() - this.changedAt > PATIENCE_SECONDS * 1000)
        throw new Error(`no progress for ${PATIENCE_SECONDS} s: ${JSON.stringify(task)}`);
      await sleep(PAUSE_MS);
    }
  }

  private async ask(): Promise<Task | undefined> {
    const api = await this.site.administrator();
    const { body } = await api.call<{ value: Task[] }>('GET', '/tasks?kind=storageMaintenance&top=1');
    return body.value[0];
  }

  private async note({ progress }: Task): Promise<void> {
    const { course } = this;
    if (!this.hasBegun) course.begin();
    this.hasBegun = true;
    if (progress.succeeded > this.done) this.changedAt = Date.now();
    this.done = Math.max(this.done, progress.succeeded);
    for (let due = course.due(this.done); due > 0; due--) await this.mark();
    if (this.done < course.recordings * (KILLS_AT[course.kills] ?? Infinity)) return;
    course.kills++;
    line(`${this.done} of ${course.recordings} archived: the host is killed`);
    await this.stack.killHost();
    await this.stack.startHost();
  }

  private async mark(): Promise<void> {
    const host = hostOf(this.stack);
    // Before the garbage collection of the probe.
    const residentMegabytes = residentMegabytesOf(host);
    const heapMegabytes = Math.round((await this.probes.ask(host)).heapBytes / MEGABYTE);
    this.course.marks.push({ atMs: Date.now(), residentMegabytes, heapMegabytes });
    line(`${this.done} archived: the host has ${residentMegabytes} MB resident, ${heapMegabytes} MB of heap`);
  }
}

/** Each recording has one result. */
async function checkResults(site: SeededSite, taskId: string, recordings: number): Promise<void> {
  const api = await site.administrator();
  const results = await api.list<{ item: string }>(`/tasks/${taskId}/results?top=200`);
  const items = results.map(({ item }) => item);
  if (items.length !== recordings || new Set(items).size !== recordings)
    throw new Error(`${items.length} results of ${new Set(items).size} recordings instead of ${recordings}`);
}

function hostOf({ pids }: Stack): number {
  const pid = pids['functions-host'];
  if (pid === undefined) throw new Error('the host ended by itself');
  return pid;
}

/** @throws Error when the process has ended */
function residentMegabytesOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  } catch (cause) {
    throw new Error('the host ended by itself', { cause });
  }
}
