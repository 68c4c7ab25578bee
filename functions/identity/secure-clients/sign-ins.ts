/**
 * When each secure client last signed in, and why it was last refused: for administrators who miss a server (TRB-4).
 * Bounded: three documents per client, each written at most every five minutes by an instance, however often is guessed.
 */
import { days, documentType } from '../../../shared/cosmos/document-type';
import { type Change, change } from '../../../shared/cosmos/partition';
import type { Services } from '../../../shared/services';

export const SIGN_IN_REFUSALS = ['wrongSecret', 'secretExpired'] as const;
export type SignInRefusal = (typeof SIGN_IN_REFUSALS)[number];

interface Attempt {
  customerId: string;
  clientId: string;
  address: string;
  /** Absent when it succeeded. */
  reason?: SignInRefusal;
}

interface SignIn {
  /** Client id and outcome. */
  id: string;
  /** RFC 3339 UTC. */
  at: string;
  address?: string | undefined;
  reason?: SignInRefusal | undefined;
}

export const signInType = documentType<SignIn>('sign-in', { ttlSeconds: days(90) });

type Outcome = 'succeeded' | 'refused' | 'revoked';
const idOf = (clientId: string, outcome: Outcome): string => `${clientId} ${outcome}`;

const INTERVAL_MILLISECONDS = 300_000;
const MAX_REMEMBERED = 10_000;

type Recording = Pick<Services, 'database' | 'clock'>;

/** When this instance wrote what, as epoch milliseconds; the oldest first. */
const written = new Map<string, number>();

/** Records an attempt, unless the same was recorded within five minutes. A failure is ignored: signing in goes on. */
export async function recordSignIn(
  { database, clock }: Recording,
  { customerId, clientId, address, reason }: Attempt,
): Promise<void> {
  const now = clock.now();
  const key = `${clientId} ${reason ?? ''}`;
  const last = written.get(key) ?? -Infinity;
  if (now.getTime() >= last && now.getTime() - last < INTERVAL_MILLISECONDS) return;
  remember(key, now.getTime());
  const id = idOf(clientId, reason === undefined ? 'succeeded' : 'refused');
  try {
    await database.control(customerId).upsert(signInType, { id, at: now.toISOString(), address, reason });
  } catch {
    written.delete(key);
  }
}

/** The write that keeps in mind that a client was revoked, in the batch that revokes it. */
export function revocationChange(clientId: string, now: Date): Change {
  return change.upsert(signInType, { id: idOf(clientId, 'revoked'), at: now.toISOString() });
}

/** The last sign-ins of a client. */
export interface SignIns {
  succeeded?: SignIn | undefined;
  refused?: SignIn | undefined;
  /** When the client was revoked. */
  revokedAt?: string | undefined;
}

/** What is known of the sign-ins of a client of this customer; exact to five minutes. */
export async function readSignIns(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  clientId: string,
): Promise<SignIns> {
  const read = (outcome: Outcome) => database.control(customerId).read(signInType, idOf(clientId, outcome));
  const [succeeded, refused, revoked] = await Promise.all([
    read('succeeded'),
    read('refused'),
    read('revoked'),
  ]);
  return { succeeded, refused, revokedAt: revoked?.at };
}

function remember(key: string, at: number): void {
  written.delete(key);
  written.set(key, at);
  if (written.size <= MAX_REMEMBERED) return;
  const oldest = written.keys().next();
  if (!oldest.done) written.delete(oldest.value);
}
