/** The pace of sending accounts, kept over all instances of the app: whoever sends takes a moment of the account first. */
import { createHash } from 'node:crypto';
import { retryConflicts } from '../../shared/cosmos/retry';
import type { Services } from '../../shared/services';
import { newPace, reserveMoments, type Sending, sendingPaceType } from './sending-pace';

type Pacing = Pick<Services, 'database' | 'clock'>;

/** Sites of a customer with the same mail server and sender share one account. */
export interface SendingAccount {
  customerId: string;
  host: string;
  sender: string;
}

interface Waiting extends Sending {
  maxWaitMs: number;
  resolve: (waitMs: number) => void;
  reject: (reason: unknown) => void;
}

/** Accounts whose pace is being asked for, and who waits for the answer: they share the next change of the document. */
const queues = new WeakMap<Pacing['database'], Map<string, Waiting[]>>();

/**
 * Takes the account's next free moment for one mail, and says how long it is until then, in milliseconds. When that is
 * longer than `maxWaitMs`, no moment was taken: ask again then.
 */
export function reserveSending(
  services: Pacing,
  account: SendingAccount,
  sending: Sending,
  maxWaitMs: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const waiting = { ...sending, maxWaitMs, resolve, reject };
    let accounts = queues.get(services.database);
    if (!accounts) queues.set(services.database, (accounts = new Map<string, Waiting[]>()));
    const key = `${account.customerId}/${idOf(account)}`;
    const queue = accounts.get(key);
    if (queue) queue.push(waiting);
    else {
      accounts.set(key, [waiting]);
      void serve(services, account, accounts, key);
    }
  });
}

/** One change after the other, each for all who have come meanwhile, until nobody waits. */
async function serve(
  services: Pacing,
  account: SendingAccount,
  accounts: Map<string, Waiting[]>,
  key: string,
): Promise<void> {
  for (let queue = accounts.get(key); queue && queue.length > 0; queue = accounts.get(key)) {
    accounts.set(key, []);
    try {
      const waitsMs = await reserve(services, account, queue);
      queue.forEach(({ resolve }, index) => resolve(waitsMs[index] ?? 0));
    } catch (error) {
      for (const { reject } of queue) reject(error);
    }
  }
  accounts.delete(key);
}

async function reserve(
  { database, clock }: Pacing,
  account: SendingAccount,
  queue: readonly Waiting[],
): Promise<number[]> {
  const partition = database.control(account.customerId);
  const id = idOf(account);
  const maxWaitMs = Math.min(...queue.map((waiting) => waiting.maxWaitMs));
  return retryConflicts(async () => {
    const known = await partition.read(sendingPaceType, id);
    const { pace, waitsMs } = reserveMoments(known ?? newPace(id), queue, clock.now(), maxWaitMs);
    if (known) await partition.replace(sendingPaceType, { ...pace, etag: known.etag });
    else await partition.create(sendingPaceType, pace);
    return waitsMs;
  });
}

function idOf({ host, sender }: SendingAccount): string {
  const account = JSON.stringify([host.toLowerCase(), sender.toLowerCase()]);
  return createHash('sha256').update(account).digest('base64url');
}
