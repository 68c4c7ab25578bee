/** Carries a call out under the fault that it meets, whatever the protocol. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, type Effect, type StandIn } from './fault';
import { type FaultRegistry } from './fault-registry';

/** What a stand-in must be able to do for faults to work on it. */
export interface CallUnderFaults<Answer> {
  call: Call;
  /** Carries the call out; called more than once for `duplicate`. Rejects when the call is refused. */
  proceed: () => Promise<Answer>;
  /** The answer of a refusal in the words of the service. */
  refuse: (refusal: Refusal) => Answer | Promise<Answer>;
  /** Only where reads can be answered from the past. */
  proceedAsOf?: (ageSeconds: number) => Promise<Answer>;
  /** Only where what is accepted now can be made to take effect later: `reorder` then holds nobody up. */
  proceedLater?: (seconds: number) => Promise<Answer>;
}

export interface Refusal {
  status: number;
  /** In the words of the service; absent: what it says for this status. */
  code: string | undefined;
  retryAfterSeconds: number | undefined;
  message: string;
}

/** Whoever carries the call ends the connection without an answer. */
export class BrokenConnectionError extends Error {
  constructor() {
    super('A planted fault breaks the connection.');
    this.name = 'BrokenConnectionError';
  }
}

const MESSAGE = 'A planted fault refuses this call.';

/** The faults of one stand-in; calls that are held back wait here for those that overtake them. */
export class Faults {
  /** Each hears of every call that was carried out. */
  private readonly heldBack = new Set<() => void>();

  constructor(
    private readonly registry: FaultRegistry,
    private readonly standIn: StandIn,
  ) {}

  /** @throws BrokenConnectionError where the caller is to get no answer */
  async carryOut<Answer>(under: CallUnderFaults<Answer>): Promise<Answer> {
    const effect = this.registry.meet(this.standIn, under.call)?.effect;
    const proceed = (): Promise<Answer> => this.counted(under.proceed());
    return effect ? this.carryOutUnder(effect, { ...under, proceed }) : proceed();
  }

  /** What was carried out has overtaken those that are held back; what was refused has not. */
  private async counted<Answer>(carriedOut: Promise<Answer>): Promise<Answer> {
    const answer = await carriedOut;
    for (const overtaken of this.heldBack) overtaken();
    return answer;
  }

  private async carryOutUnder<Answer>(effect: Effect, under: CallUnderFaults<Answer>): Promise<Answer> {
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
        if (proceedLater) return this.counted(proceedLater(effect.seconds));
        await this.overtaken(effect.behind, effect.seconds);
        return proceed();
      case 'stale':
        return proceedAsOf ? this.counted(proceedAsOf(effect.ageSeconds)) : proceed();
    }
  }

  private overtaken(times: number, withinSeconds: number): Promise<void> {
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
