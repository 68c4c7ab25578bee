/** Applies the matching fault to a call, independently of the protocol. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, type Effect, type StandIn } from './fault';
import { type FaultRegistry } from './fault-registry';

/** What a stand-in must provide for faults to be applied to its calls. */
export interface InterceptedCall<Answer> {
  call: Call;
  /** Carries the call out; called more than once for `duplicate`. Rejects when the call is refused. */
  proceed: () => Promise<Answer>;
  /** The service's own error response for a refusal. */
  refuse: (refusal: Refusal) => Answer | Promise<Answer>;
  /** Only where reads can be answered as of an earlier time. */
  proceedAsOf?: (ageSeconds: number) => Promise<Answer>;
  /** Only where what is accepted now can be made to take effect later: `reorder` then does not block the sender. */
  proceedLater?: (seconds: number) => Promise<Answer>;
}

export interface Refusal {
  status: number;
  /** The service's error code; absent: its usual one for this status. */
  code: string | undefined;
  retryAfterSeconds: number | undefined;
  message: string;
}

/** The server ends the connection without an answer. */
export class BrokenConnectionError extends Error {
  constructor() {
    super('An injected fault breaks the connection.');
    this.name = 'BrokenConnectionError';
  }
}

const MESSAGE = 'An injected fault refuses this call.';

/** Applies the faults of one stand-in, and keeps the calls that are held back. */
export class FaultInjector {
  /** Each is notified of every call that was carried out. */
  private readonly heldBack = new Set<() => void>();

  constructor(
    private readonly registry: FaultRegistry,
    private readonly standIn: StandIn,
  ) {}

  /** @throws BrokenConnectionError where the caller gets no answer */
  async carryOut<Answer>(under: InterceptedCall<Answer>): Promise<Answer> {
    const effect = this.registry.match(this.standIn, under.call)?.effect;
    const proceed = (): Promise<Answer> => this.countAsOvertaking(under.proceed());
    return effect ? this.applyEffect(effect, { ...under, proceed }) : proceed();
  }

  /** What was carried out has overtaken those that are held back; what was refused has not. */
  private async countAsOvertaking<Answer>(carriedOut: Promise<Answer>): Promise<Answer> {
    const answer = await carriedOut;
    for (const overtaken of this.heldBack) overtaken();
    return answer;
  }

  private async applyEffect<Answer>(effect: Effect, under: InterceptedCall<Answer>): Promise<Answer> {
    const { proceed, refuse, proceedAsOf, proceedLater } = under;
    const refusal = { code: undefined, retryAfterSeconds: undefined, message: MESSAGE };
    switch (effect.do) {
      case 'refuse':
        return refuse({
          ...refusal,
          status: effect.status,
          code: effect.code,
          retryAfterSeconds: effect.retryAfterSeconds,
        });
      case 'throttle':
        return refuse({ ...refusal, status: 429, retryAfterSeconds: effect.retryAfterSeconds });
      case 'delay':
        await sleep(effect.seconds * 1000);
        return proceed();
      case 'disconnect':
        throw new BrokenConnectionError();
      case 'failAfterSuccess':
        await proceed();
        if (effect.status === undefined) throw new BrokenConnectionError();
        return refuse({ ...refusal, status: effect.status });
      case 'duplicate': {
        const answer = await proceed();
        // A copy may well be refused: the first call was not.
        for (let copy = 0; copy < effect.copies; copy += 1) await proceed().catch(() => undefined);
        return answer;
      }
      case 'reorder':
        if (proceedLater) return this.countAsOvertaking(proceedLater(effect.seconds));
        await this.waitUntilOvertaken(effect.behind, effect.seconds);
        return proceed();
      case 'stale':
        return proceedAsOf ? this.countAsOvertaking(proceedAsOf(effect.ageSeconds)) : proceed();
    }
  }

  private waitUntilOvertaken(times: number, withinSeconds: number): Promise<void> {
    return new Promise((resolve) => {
      let left = times;
      const go = (): void => {
        clearTimeout(timer);
        this.heldBack.delete(count);
        resolve();
      };
      const count = (): void => {
        left -= 1;
        if (left === 0) go();
      };
      const timer = setTimeout(go, withinSeconds * 1000);
      this.heldBack.add(count);
    });
  }
}
