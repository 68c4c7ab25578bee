/** A process that dies at a given call to the database or the blob store: that call and all later ones are not answered. */
import type { GatewayRequest, GatewayResponse, Handler } from '../../../infra/local/cosmos/message';

/** When it dies: at which call, counted from 1, and whether that call is still carried out. */
export interface Death {
  atCall: number;
  afterwards: boolean;
}

export class Killer {
  private calls = 0;
  private death: Death | undefined;

  /** Lets the process live until then; without a death, for ever. Its calls are counted from now on. */
  arm(death?: Death): void {
    this.calls = 0;
    this.death = death;
  }

  /** Whether it has died. */
  get hasKilled(): boolean {
    return this.death !== undefined && this.calls >= this.death.atCall;
  }

  /** The database as the process sees it; 403 is not tried again by the SDK. */
  readonly database = async (request: GatewayRequest, next: Handler): Promise<GatewayResponse> => {
    const fate = this.count();
    const dead = { status: 403, headers: {}, body: '{}' };
    if (fate === 'dead') return dead;
    const answer = await next(request);
    return fate === 'dies afterwards' ? dead : answer;
  };

  /** An object whose asynchronous methods are calls of the process. */
  wrap<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, property) => {
        const member: unknown = Reflect.get(object, property, object);
        if (typeof member !== 'function') return member;
        return async (...parameters: unknown[]): Promise<unknown> => {
          const fate = this.count();
          if (fate === 'dead') throw new Error('the process was killed');
          const result: unknown = await Reflect.apply(member, object, parameters);
          if (fate === 'dies afterwards') throw new Error('the process was killed');
          return result;
        };
      },
    });
  }

  private count(): 'alive' | 'dies afterwards' | 'dead' {
    this.calls++;
    if (this.death === undefined || this.calls < this.death.atCall) return 'alive';
    return this.calls === this.death.atCall && this.death.afterwards ? 'dies afterwards' : 'dead';
  }
}
