/** Planted faults of the Key Vault stand-in, in the words of Key Vault. */
import { refuseAsDataPlane, underFaults } from '../../faults/http-faults';
import { type Faults } from '../../faults/under-faults';
import { type Middleware } from '../../stand-in-support/server';

/** How Key Vault throttles: https://learn.microsoft.com/azure/key-vault/general/overview-throttling. */
const throttled = {
  code: 'Throttled',
  message:
    'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
};

export function keyVaultFaults(faults: Faults): Middleware {
  return underFaults(faults, ({ code, ...refusal }) =>
    refuseAsDataPlane(
      refusal.status === 429 && code === undefined ? { ...refusal, ...throttled } : { ...refusal, code },
    ),
  );
}
