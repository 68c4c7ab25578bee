/** Says why a session is not in the scope of a rule. */
import { addressKey, parseAddressRange } from '../addresses';
import type { Scope } from '../model/scope';
import { KEY_KINDS, type KeyKind, keysOfScope, keysOfSession } from './scope-keys';
import type { SessionFacts } from '../model/session';

const REASONS: Record<KeyKind, string> = {
  people: 'The user is none of its users and in none of its groups',
  applications: 'The published application or desktop is none of its own',
  machines: 'Neither delivery group nor machine is one of its own',
  tags: 'The session has none of its smart-access tags',
};

/** The first kind of criteria that the session fails, in words; undefined when the session is in scope. */
export function reasonOutOfScope(scope: Scope, session: SessionFacts): string | undefined {
  for (const kind of KEY_KINDS) {
    const wanted = keysOfScope(kind, scope);
    const keys = [...keysOfSession(kind, session)];
    if (wanted.size > 0 && !keys.some((key) => wanted.has(key))) return REASONS[kind];
  }
  const { clientAddresses = [] } = scope;
  if (clientAddresses.length === 0) return undefined;
  if (session.clientAddress === undefined) return 'The address of the client is not known';
  const key = addressKey(session.clientAddress);
  const inRange = clientAddresses.map(parseAddressRange).some(({ first, last }) => {
    return key !== undefined && first <= key && key <= last;
  });
  return inRange ? undefined : 'The address of the client is in none of its ranges';
}
