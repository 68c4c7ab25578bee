/** Who used the processors of this machine: the service, its stand-ins and the processes that measure share them. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of a thread or of several together, in milliseconds. */
interface Times {
  ran: number;
  /** It could have run, but others had the processors. */
  waited: number;
}

/** What happened between two readings, by name. */
export type Usage = Map<string, Times>;

/** The times so far of processes by name: of their main thread, of threads of lower priority and of all others. Linux only. */
export function readProcessorTimes(processes: Readonly<Record<string, number>>): Usage {
  const usage: Usage = new Map();
  const add = (name: string, { ran, waited }: Times) => {
    const sum = usage.get(name) ?? { ran: 0, waited: 0 };
    usage.set(name, { ran: sum.ran + ran, waited: sum.waited + waited });
  };
  for (const [name, pid] of Object.entries(processes)) {
    for (const thread of threadsOf(pid)) {
      const times = timesOf(pid, thread);
      if (times) add(`${name}, ${kindOf(pid, thread)}`, times);
    }
  }
  return usage;
}

/** Milliseconds per second of `seconds`, by name: run and waited. */
export function usageBetween(before: Usage, after: Usage, seconds: number): [string, number, number][] {
  return [...after].map(([name, { ran, waited }]) => {
    const from = before.get(name) ?? { ran: 0, waited: 0 };
    const perSecond = (time: number) => Math.max(0, Math.round(time / seconds));
    return [name, perSecond(ran - from.ran), perSecond(waited - from.waited)];
  });
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function kindOf(pid: number, thread: string): string {
  if (thread === String(pid)) return 'main thread';
  return niceValueOf(pid, thread) > 0 ? 'worker threads' : 'other threads';
}

/** Worker threads of the service have a lower priority than its main thread, libuv's and V8's. */
function niceValueOf(pid: number, thread: string): number {
  try {
    const fields = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
    return Number(fields?.[16]);
  } catch {
    return 0;
  }
}

/** Undefined for a thread that has ended meanwhile. */
function timesOf(pid: number, thread: string): Times | undefined {
  try {
    const [ran, waited] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')
      .split(' ')
      .map(Number);
    return { ran: (ran ?? 0) / 1e6, waited: (waited ?? 0) / 1e6 };
  } catch {
    return undefined;
  }
}
