/** Follows a scheduled run to its end, and kills the host at a quarter, half and three quarters of it. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../../infra/local/stack/stack';
import { line } from '../../demo/print';
import type { SeededSite } from './archived-site';

const KILLS_AT = [0.25, 0.5, 0.75];
const PAUSE_MS = 1_000;
/** Without progress for so long, the run has failed; the sweep of tasks looks after 15 minutes. */
const PATIENCE_SECONDS = 1_200;

export interface Course {
  seconds: number;
  kills: number;
  /** Resident memory of the host before the run, and how much more the largest one had while it went on. */
  idleMegabytes: number;
  growthMegabytes: number;
  /** How long each third of the recordings took. */
  thirdsSeconds: number[];
}

interface Task {
  id: string;
  state: string;
  progress: { total: number; succeeded: number; failed: number };
}

/** Schedules the run and resolves when it has ended. @throws Error when it does not succeed with all recordings */
export async function followRun(stack: Stack, site: SeededSite, recordings: number): Promise<Course> {
  await site.schedule();
  const follower = new Follower(stack, site, recordings);
  const task = await follower.follow();
  const { progress, state } = task;
  if (state !== 'Succeeded' || progress.succeeded !== recordings || progress.failed > 0)
    throw new Error(`the run ended ${state} with ${JSON.stringify(progress)}`);
  await checkResults(site, task.id, recordings);
  return follower.course();
}

class Follower {
  private readonly idle: number;
  private most = 0;
  private kills = 0;
  private beganAt: number | undefined;
  private changedAt = Date.now();
  private done = 0;
  private readonly thirds: number[] = [];

  constructor(
    private readonly stack: Stack,
    private readonly site: SeededSite,
    private readonly recordings: number,
  ) {
    this.idle = megabytesOf(stack);
  }

  async follow(): Promise<Task> {
    for (;;) {
      this.most = Math.max(this.most, megabytesOf(this.stack));
      const task = await this.ask();
      if (task) await this.note(task);
      if (task && task.state !== 'NotStarted' && task.state !== 'Running') return task;
      if (Date.now() - this.changedAt > PATIENCE_SECONDS * 1000)
        throw new Error(`no progress for ${PATIENCE_SECONDS} s: ${JSON.stringify(task)}`);
      await sleep(PAUSE_MS);
    }
  }

  course(): Course {
    const end = this.thirds.at(-1) ?? Date.now();
    const begin = this.beganAt ?? end;
    const marks = [begin, ...this.thirds];
    return {
      seconds: seconds(end - begin),
      kills: this.kills,
      idleMegabytes: this.idle,
      growthMegabytes: Math.max(0, this.most - this.idle),
      thirdsSeconds: this.thirds.map((mark, index) => seconds(mark - (marks[index] ?? mark))),
    };
  }

  private async ask(): Promise<Task | undefined> {
    const api = await this.site.administrator();
    const { body } = await api.call<{ value: Task[] }>('GET', '/tasks?kind=storageMaintenance&top=1');
    return body.value[0];
  }

  private async note({ progress }: Task): Promise<void> {
    this.beganAt ??= Date.now();
    if (progress.succeeded > this.done) {
      this.done = progress.succeeded;
      this.changedAt = Date.now();
    }
    while (this.done >= (this.recordings * (this.thirds.length + 1)) / 3 && this.thirds.length < 3)
      this.thirds.push(Date.now());
    if (this.done < this.recordings * (KILLS_AT[this.kills] ?? Infinity)) return;
    this.kills++;
    line(`${this.done} of ${this.recordings} archived: the host is killed`);
    await this.stack.killHost();
    await this.stack.startHost();
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

/** Resident memory of the host; 0 while it is down. */
function megabytesOf({ pids }: Stack): number {
  const pid = pids['functions-host'];
  if (pid === undefined) return 0;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 1000);
}
