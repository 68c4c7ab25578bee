/** Journeys during which the Functions host is killed: at a named step, or at a random time. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tenantIdOf } from '../../../infra/local/azure/login/directory-ids';
import { ensureCertificates } from '../../../infra/local/stack/certificates';
import { freeBasePort, portsFrom } from '../../../infra/local/stack/ports';
import { storage } from '../../../functions/storage';
import { provisioner } from '../../../infra/local/stack/provision';
import { type Stack, startStack } from '../../../infra/local/stack/stack';
import { Random } from '../../../infra/local/stand-in-support/random';
import { type ActiveDisturbance, type Disturbance, JourneyBench, type Run } from '../journey/journey-bench';
import { Killer } from './killer';
import { EVENTS_ANSWERED, type Step, STEPS } from './steps';
import { startWireTap, type WireTap } from './wire-tap';

/** When the service is killed: at a step, or so long after the beginning. */
export type KillPoint =
  { name: string; step: Step | typeof EVENTS_ANSWERED } | { name: string; afterMs: number };

/** A message whose reader was killed becomes visible again after this time. */
const QUEUE_LEASE_SECONDS = 3;
/** About as long as a journey takes. */
const JOURNEY_MS = 20_000;

/** Every named step. */
export const STEP_POINTS: readonly KillPoint[] = [
  ...STEPS.map((step) => ({ name: step.name, step })),
  { name: EVENTS_ANSWERED, step: EVENTS_ANSWERED },
];

/** Times at which a journey may be running, the same for the same seed. */
export function randomPoints(seed: number, count: number): KillPoint[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const afterMs = random.below(JOURNEY_MS);
    return { name: `after ${afterMs} ms`, afterMs };
  });
}

/** A stack on which journeys can be killed; `stop` it. */
export class KillBench {
  private readonly killer: Killer;
  private readonly journeys: JourneyBench;
  private readonly armed = new Map<string, Step>();
  private tap: WireTap | undefined;

  private constructor(private readonly stack: Stack) {
    this.killer = new Killer(stack);
    this.journeys = new JourneyBench(stack);
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
        provision: provisioner(storage),
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

  /** Of the host, so far. */
  get kills(): number {
    return this.killer.kills;
  }

  /** Plays one undisturbed journey, then one per point, several concurrently; each kill affects all that are running. */
  async play(
    points: readonly KillPoint[],
    atATime: number,
    label: string,
    onRun?: (run: Run) => void,
  ): Promise<Run[]> {
    await this.journeys.playBaseline();
    const disturbances = points.map((point) => this.killAt(point));
    return this.journeys.playDisturbed(disturbances, atATime, label, onRun, this.killer.failed);
  }

  async stop(): Promise<void> {
    await this.stack.stop();
    await this.tap?.close();
    this.journeys.close();
  }

  private killAt(point: KillPoint): Disturbance {
    return { name: point.name, begin: (customer) => this.arm(point, tenantIdOf(customer)) };
  }

  private arm(point: KillPoint, customerId: string): ActiveDisturbance {
    if ('afterMs' in point)
      return { over: sleep(point.afterMs).then(() => this.killer.kill()), hasHappened: () => true };
    if (point.step === EVENTS_ANSWERED)
      return { whenEventsAreAnswered: () => this.killer.kill(), hasHappened: () => true };
    this.armed.set(customerId, point.step);
    return { hasHappened: () => !this.armed.has(customerId) };
  }
}
