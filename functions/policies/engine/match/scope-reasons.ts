/** Explains why a session is not in the scope of a rule. */
import { addressKey, parseAddressRange } from '../../../../shared/pure/addresses';
import type { Scope } from '../model/scope';
import { KEY_KINDS, type KeyKind, keysOfScope, keysOfSession } from './scope-keys';
import type { SessionFacts } from '../model/session';

const REASONS: Record<KeyKind, string> = {
  people: 'The scope contains neither the user nor any of the groups of the user',
  applications: 'The scope does not contain the published application or desktop',
  machines: 'The scope contains neither the delivery group nor the machine',
  tags: 'The session has none of the smart-access tags of the scope',
};

/** Describes the first kind of criteria that the session does not satisfy; undefined when it is in scope. */
export function reasonOutOfScope(scope: Scope, session: SessionFacts): string | undefined {
  for (const kind of KEY_KINDS) {
    const required = keysOfScope(kind, scope);
    const keys = [...keysOfSession(kind, session)];
    if (required.size > 0 && !keys.some((key) => required.has(key))) return REASONS[kind];
  }
  const { clientAddresses = [] } = scope;
  if (clientAddresses.length === 0) return undefined;
  if (session.clientAddress === undefined) return 'The client address is unknown';
  const key = addressKey(session.clientAddress);
  const inRange = clientAddresses.map(parseAddressRange).some(({ first, last }) => {
    return key !== undefined && first <= key && key <= last;
  });
  return inRange ? undefined : 'The client address is in none of the address ranges of the scope';
}
