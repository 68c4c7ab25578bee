/** Injected faults of the Key Vault stand-in, with Key Vault's error codes. */
import { refuseAsDataPlane, faultMiddleware } from '../../faults/http-faults';
import { type FaultInjector } from '../../faults/fault-injector';
import { type Middleware } from '../../stand-in-support/server';

/** How Key Vault throttles: https://learn.microsoft.com/azure/key-vault/general/overview-throttling. */
const throttled = {
  code: 'Throttled',
  message:
    'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
};

export function keyVaultFaults(faults: FaultInjector): Middleware {
  return faultMiddleware(faults, ({ code, ...refusal }) =>
    refuseAsDataPlane(
      refusal.status === 429 && code === undefined ? { ...refusal, ...throttled } : { ...refusal, code },
    ),
  );
}
