/** Plays journeys on one stack, each with its own disturbance, and compares them with an undisturbed one. */
import { deepStrictEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../../infra/local/stack/stack';
import { readResult, type Result } from './outcome';
import { type Journey, playJourney } from './play-journey';

/** Something that goes wrong during a journey. */
export interface Disturbance {
  name: string;
  /** It is not a failure when the journey never reaches the disturbance. */
  mayMiss?: boolean;
  /** Called before the journey of this customer begins. */
  begin: (customer: string) => Promise<ActiveDisturbance> | ActiveDisturbance;
}

export interface ActiveDisturbance {
  whenEventsAreAnswered?: () => Promise<void>;
  /** Resolves when the disturbance is over. */
  over?: Promise<void>;
  /** Asked at the end: whether the journey was disturbed at all. */
  hasHappened: () => Promise<boolean> | boolean;
}

export interface Run {
  name: string;
  wasDisturbed: boolean;
  /** Why it failed. */
  failure?: string;
  seconds: number;
  repeatedMails: number;
  /** Notices that were fetched too late and expired. */
  lateNotices: number;
}

/** Long enough for a notice to be fetched after a restart. */
const OPERATION_DELAY_SECONDS = 8;
/** Any duplicate has arrived by then. */
const QUIET_MS = 3_000;

/** The journeys of one stack; `close` it, and stop the stack yourself. */
export class JourneyBench {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'journeys-'));
  private baseline: Result | undefined;

  constructor(private readonly stack: Stack) {}

  /** Plays one undisturbed journey, with which the others are compared. */
  async playBaseline(): Promise<Result> {
    const journey = await this.play('baseline');
    try {
      return (this.baseline = await readResult(journey, this.stack.env));
    } finally {
      await journey.client.stop();
    }
  }

  /**
   * Plays one journey per disturbance, several concurrently, for customers named after `label`. Failures are in the
   * runs.
   * @param broken rejects when no journey can be played any more
   */
  async playDisturbed(
    disturbances: readonly Disturbance[],
    atATime: number,
    label: string,
    onRun: (run: Run) => void = () => undefined,
    broken: Promise<never> = new Promise(() => undefined),
  ): Promise<Run[]> {
    const runs: Run[] = [];
    const waiting = [...disturbances.entries()];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [index, disturbance] = next;
        const run = await this.playOne(disturbance, `${label}-${index}`);
        runs[index] = run;
        onRun(run);
      }
    };
    await Promise.race([Promise.all(Array.from({ length: atATime }, work)), broken]);
    return runs;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async playOne({ name, begin, mayMiss = false }: Disturbance, customer: string): Promise<Run> {
    const startedAtMs = Date.now();
    const run: Run = { name, wasDisturbed: false, seconds: 0, repeatedMails: 0, lateNotices: 0 };
    try {
      const { whenEventsAreAnswered, over, hasHappened } = await begin(customer);
      const journey = await this.play(customer, whenEventsAreAnswered);
      try {
        await over;
        await sleep(QUIET_MS);
        const result = await readResult(journey, this.stack.env);
        run.wasDisturbed = await hasHappened();
        run.repeatedMails = result.repeatedMails;
        run.lateNotices = (this.baseline?.notices ?? 0) - result.notices;
        deepStrictEqual(result.outcome, this.baseline?.outcome);
        if (run.lateNotices < 0) run.failure = 'a user was notified twice';
      } finally {
        await journey.client.stop();
      }
      if (!run.wasDisturbed && !mayMiss) run.failure ??= 'it was never disturbed';
    } catch (error) {
      run.failure = error instanceof Error ? error.message : String(error);
    }
    return { ...run, seconds: Math.round((Date.now() - startedAtMs) / 1000) };
  }

  private play(customer: string, whenEventsAreAnswered?: () => Promise<void>): Promise<Journey> {
    return playJourney({
      stack: this.stack,
      customer,
      folder: path.join(this.folder, customer),
      operationDelaySeconds: OPERATION_DELAY_SECONDS,
      ...(whenEventsAreAnswered ? { whenEventsAreAnswered } : {}),
    });
  }
}
