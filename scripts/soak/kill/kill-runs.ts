/** Plays journeys on one stack, each killed at a step or a time of its own, and compares them with one that was left alone. */
import { deepStrictEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tenantIdOf } from '../../../infra/local/azure/login/directory-ids';
import { ensureCertificates } from '../../../infra/local/stack/certificates';
import { freeBasePort, portsFrom } from '../../../infra/local/stack/ports';
import { provision } from '../../../infra/local/stack/provision';
import { type Stack, startStack } from '../../../infra/local/stack/stack';
import { Random } from '../../bench/evaluators/random';
import { type Journey, playJourney } from '../journey/play-journey';
import { readResult, type Result } from '../journey/outcome';
import { Killer } from './killer';
import { EVENTS_ANSWERED, type Step, STEPS } from './steps';
import { startWireTap, type WireTap } from './wire-tap';

/** When the service is killed: at a step, or so long after the beginning. */
export type KillPoint =
  { name: string; step: Step | typeof EVENTS_ANSWERED } | { name: string; afterMs: number };

export interface KillRun {
  name: string;
  wasKilled: boolean;
  /** Why it is not as it should be. */
  failure?: string;
  seconds: number;
  repeatedMails: number;
  /** Notices that came too late and expired. */
  lateNotices: number;
}

/** Long enough for a notice to be fetched after a restart. */
const OPERATION_DELAY_SECONDS = 8;
/** A message whose reader was killed comes back after this time. */
const QUEUE_LEASE_SECONDS = 3;
/** Whatever would still come twice has come by then. */
const QUIET_MS = 3_000;

/** About as long as a journey takes. */
const JOURNEY_MS = 20_000;

/** Every named step. */
export const STEP_POINTS: readonly KillPoint[] = [
  ...STEPS.map((step) => ({ name: step.name, step })),
  { name: EVENTS_ANSWERED, step: EVENTS_ANSWERED },
];

/** Times at which a journey may be under way, the same for the same seed. */
export function randomPoints(seed: number, count: number): KillPoint[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const afterMs = random.below(JOURNEY_MS);
    return { name: `after ${afterMs} ms`, afterMs };
  });
}

/** A stack on which journeys can be killed; `stop` it. */
export class KillBench {
  readonly killer: Killer;
  private readonly armed = new Map<string, Step>();
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'kill-'));
  private tap: WireTap | undefined;
  private undisturbed: Result | undefined;

  private constructor(readonly stack: Stack) {
    this.killer = new Killer(stack);
  }

  static async start(): Promise<KillBench> {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'session-recording-kill-'));
    const certificates = await ensureCertificates(path.join(dataDir, 'certificates'));
    const basePort = await freeBasePort();
    let bench: KillBench | undefined;
    const tap = await startWireTap(portsFrom(basePort).cosmos, certificates, async (moment, exchange) => {
      const step = bench?.armed.get(exchange.customerId);
      if (!bench || step?.moment !== moment || !step.matches(exchange)) return;
      bench.armed.delete(exchange.customerId);
      await bench.killer.kill();
    });
    try {
      const stack = await startStack({
        dataDir,
        basePort,
        ephemeral: true,
        provision,
        env: { COSMOS_ENDPOINT: tap.url },
        hostFlags: ['--queue-lease-seconds', String(QUEUE_LEASE_SECONDS)],
      });
      bench = new KillBench(stack);
      bench.tap = tap;
      return bench;
    } catch (error) {
      await tap.close();
      throw error;
    }
  }

  /** Plays one journey that is left alone: what the others are compared with. */
  async playUndisturbed(): Promise<Result> {
    const journey = await this.play('undisturbed');
    try {
      return (this.undisturbed = await readResult(journey, this.stack.env));
    } finally {
      await journey.client.stop();
    }
  }

  /** Plays one journey per point, so many at a time; each kill meets all that are under way. Failures are in the runs. */
  async playKilled(
    points: readonly KillPoint[],
    atATime: number,
    label: string,
    onRun: (run: KillRun) => void = () => undefined,
  ): Promise<KillRun[]> {
    const runs: KillRun[] = [];
    const waiting = [...points.entries()];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [index, point] = next;
        const run = await this.playOne(point, `${label}-${index}`);
        runs[index] = run;
        onRun(run);
      }
    };
    await Promise.race([Promise.all(Array.from({ length: atATime }, work)), this.killer.failed]);
    return runs;
  }

  async stop(): Promise<void> {
    await this.stack.stop();
    await this.tap?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async playOne(point: KillPoint, customer: string): Promise<KillRun> {
    const startedAtMs = Date.now();
    const run: KillRun = { name: point.name, wasKilled: false, seconds: 0, repeatedMails: 0, lateNotices: 0 };
    try {
      const killed = this.killAt(point, customer);
      const journey = await this.play(customer, killed.whenEventsAreAnswered);
      try {
        await killed.timed;
        await sleep(QUIET_MS);
        const result = await readResult(journey, this.stack.env);
        run.wasKilled = !this.armed.has(tenantIdOf(customer));
        run.repeatedMails = result.repeatedMails;
        run.lateNotices = (this.undisturbed?.notices ?? 0) - result.notices;
        deepStrictEqual(result.outcome, this.undisturbed?.outcome);
        if (run.lateNotices < 0) run.failure = 'a user was told twice';
      } finally {
        await journey.client.stop();
      }
      if (!run.wasKilled) run.failure = 'it never came to this step';
    } catch (error) {
      run.failure = error instanceof Error ? error.message : String(error);
    }
    return { ...run, seconds: Math.round((Date.now() - startedAtMs) / 1000) };
  }

  private killAt(point: KillPoint, customer: string) {
    if ('afterMs' in point) return { timed: sleep(point.afterMs).then(() => this.killer.kill()) };
    if (point.step === EVENTS_ANSWERED) return { whenEventsAreAnswered: () => this.killer.kill() };
    this.armed.set(tenantIdOf(customer), point.step);
    return {};
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
