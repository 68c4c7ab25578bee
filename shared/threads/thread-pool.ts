/**
 * Runs tasks of customers in worker threads, so that the main thread answers others meanwhile. Threads are started when
 * they are needed and ended when they are not; a task that exceeds its deadline ends with its thread.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { Problem } from '../problem';
import type { LogLevel } from '../telemetry/log-events';
import { FairQueue } from './fair-queue';
import type { TaskMessage, ThreadMessage } from './messages';

const RETRY_AFTER_SECONDS = 5;
/**
 * With the default size of Node 24, a full heap of a thread does not end the thread but the whole process: the young
 * generation no longer fits into what is left of the old one.
 */
const YOUNG_GENERATION_MEGABYTES = 16;

interface PoolOptions {
  /** The bundle of the threads: its name beside that of the app, or an absolute path. */
  file: string;
  maxThreads: number;
  /** Tasks that wait for a thread, of all customers and of one. */
  maxWaiting: number;
  maxWaitingPerCustomer: number;
  /** The most that the JavaScript heap of one thread may hold; a thread that needs more ends with its task. */
  heapMegabytes: number;
  /** What each thread is given at its start. */
  workerData?: number;
  /** A thread without work ends after this time; undefined: never. */
  idleSeconds?: number;
}

interface TaskSpec {
  customerId: string;
  input: unknown;
  /** Buffers of the input that are moved instead of copied. */
  transfer?: ArrayBuffer[];
  /** From now on. A task that still waits for a thread then is given up. */
  deadlineSeconds: number;
  /** What a task that runs gets besides, before it ends with its thread; default: 0. */
  graceSeconds?: number;
  onLog?: (line: string, level: LogLevel) => void;
  /** Called once with the milliseconds that a thread computed for the task, not for one that none has begun. */
  onEnd?: (activeMs: number) => void;
}

interface Task extends TaskSpec {
  id: number;
  startedAt?: number;
  thread?: Thread;
  timer: NodeJS.Timeout;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

interface Thread {
  worker: Worker;
  task: Task | undefined;
  idleTimer: NodeJS.Timeout | undefined;
}

export class ThreadPool {
  private readonly file: string | undefined;
  private readonly queue: FairQueue<Task>;
  private readonly threads = new Set<Thread>();
  private lastId = 0;

  constructor(private readonly options: PoolOptions) {
    // Code that runs from source, as in unit tests, has no bundles.
    const file = path.resolve(__dirname, options.file);
    this.file = existsSync(file) ? file : undefined;
    this.queue = new FairQueue({ ...options, maxRunningPerCustomer: 1 });
  }

  /** Whether there is a bundle to start threads from; where there is none, the caller does the work itself. */
  get isAvailable(): boolean {
    return this.file !== undefined;
  }

  /**
   * The result of a task.
   * @throws Problem `too-many-requests` when the customer has too many waiting, `unavailable` when all have, when the task
   * is not finished by its deadline, or when its thread ended, for example because it needed too much memory
   */
  run(spec: TaskSpec): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.expire(task), spec.deadlineSeconds * 1000);
      const task: Task = { ...spec, id: (this.lastId += 1), timer, resolve, reject };
      const refusal = this.queue.add(spec.customerId, task);
      if (refusal) {
        clearTimeout(timer);
        reject(refusal === 'full' ? busy() : tooMany());
      } else this.startNext();
    });
  }

  /** Ends all threads; their tasks fail. */
  async close(): Promise<void> {
    await Promise.all([...this.threads].map(({ worker }) => worker.terminate()));
  }

  private startNext(): void {
    const idle = [...this.threads].find(({ task }) => task === undefined);
    if (!idle && this.threads.size >= this.options.maxThreads) return;
    const task = this.queue.next();
    if (!task) return;
    const thread = idle ?? this.startThread();
    clearTimeout(thread.idleTimer);
    thread.worker.ref();
    thread.task = task;
    task.thread = thread;
    task.startedAt = performance.now();
    const message: TaskMessage = { id: task.id, input: task.input };
    try {
      thread.worker.postMessage(message, task.transfer);
    } catch (error) {
      this.finish(thread, () => task.reject(error as Error));
    }
  }

  private startThread(): Thread {
    const { heapMegabytes, workerData } = this.options;
    const worker = new Worker(this.file ?? '', {
      workerData,
      resourceLimits: {
        maxOldGenerationSizeMb: heapMegabytes,
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MEGABYTES,
      },
      name: path.basename(this.options.file, '.js'),
    });
    const thread: Thread = { worker, task: undefined, idleTimer: undefined };
    this.threads.add(thread);
    worker.on('message', (message: ThreadMessage) => this.receive(thread, message));
    worker.on('error', (error: Error) => this.lose(thread, error));
    worker.on('exit', (code) => this.lose(thread, new Error(`the thread ended with ${code}`)));
    return thread;
  }

  private receive(thread: Thread, message: ThreadMessage): void {
    const { task } = thread;
    if (task?.id !== message.id) return;
    switch (message.kind) {
      case 'log':
        task.onLog?.(message.line, message.level);
        return;
      case 'result':
        this.finish(thread, () => task.resolve(message.result), message.activeMs);
        return;
      case 'failure': {
        const error = new Error(message.message);
        if (message.stack !== undefined) error.stack = message.stack;
        this.finish(thread, () => task.reject(error), message.activeMs);
      }
    }
  }

  /** The thread does no more work, for whatever reason. */
  private lose(thread: Thread, cause: Error): void {
    this.threads.delete(thread);
    const { task } = thread;
    if (task) this.finish(thread, () => task.reject(ended(cause)));
  }

  /** `activeMs`: as the thread has measured; one that has ended may have computed all the time. */
  private finish(thread: Thread, settle: () => void, activeMs?: number): void {
    const { task } = thread;
    if (!task) return;
    thread.task = undefined;
    const now = performance.now();
    task.onEnd?.(activeMs ?? now - (task.startedAt ?? now));
    clearTimeout(task.timer);
    this.queue.done(task.customerId);
    settle();
    this.rest(thread);
    this.startNext();
  }

  /** A thread without work does not keep the process alive. */
  private rest(thread: Thread): void {
    const { idleSeconds } = this.options;
    thread.worker.unref();
    if (idleSeconds === undefined || !this.threads.has(thread)) return;
    thread.idleTimer = setTimeout(() => this.end(thread), idleSeconds * 1000).unref();
  }

  private expire(task: Task): void {
    const { thread } = task;
    if (!thread) {
      if (this.queue.remove(task.customerId, task)) task.reject(busy());
      return;
    }
    task.timer = setTimeout(
      () => {
        this.lose(thread, new Error('the task exceeded its deadline'));
        this.end(thread);
      },
      (task.graceSeconds ?? 0) * 1000,
    );
  }

  private end(thread: Thread): void {
    this.threads.delete(thread);
    void thread.worker.terminate();
  }
}

function tooMany(): Problem {
  return new Problem(
    'too-many-requests',
    'Too many requests of your organisation about large policies are waiting: send them one after the other.',
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}

function busy(): Problem {
  return new Problem('unavailable', 'The service is busy with other requests about policies: retry.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

function ended(cause: Error): Problem {
  return new Problem(
    'unavailable',
    'The policy took too much time or memory to process, and may still be changed by this request: read it before you ' +
      'repeat it, and split a large policy.',
    { retryAfterSeconds: RETRY_AFTER_SECONDS, cause },
  );
}
