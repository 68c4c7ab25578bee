/** Mail accounts as an instance of the app uses them: from moments that it has leased, and by asking for more. */
import { createHash, randomUUID } from 'node:crypto';
import { retryConflicts } from '../../shared/cosmos/retry';
import type { Services } from '../../shared/services';
import {
  leaseMoments,
  LIMIT_LIFETIME_SECONDS,
  type MailRate,
  mailRateType,
  newMailRate,
  type Sending,
} from './mail-rate-limiter';

type Limiting = Pick<Services, 'database' | 'clock'>;

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

/** What an instance has leased of an account. Pure. */
export class LeasedMoments {
  private spareMs: readonly number[] = [];
  private rate: Pick<MailRate, 'limits' | 'lastReturnAt'> = { limits: {} };

  add(rate: MailRate, spareMs: readonly number[], previous: MailRate | undefined): void {
    // Moments of another limit are too close together, or too few.
    const kept = previous?.perSecond === rate.perSecond ? this.spareMs : [];
    this.spareMs = [...kept, ...spareMs].toSorted((a, b) => a - b);
    this.rate = rate;
  }

  /**
   * How long the mail has to wait for a leased moment, in milliseconds; undefined when the account has to be asked: there
   * is no moment in time, others come first, or the account does not know the limit of the site.
   */
  take({ siteId, perSecond, hasWaited }: Sending, now: Date, maxWaitMs: number): number | undefined {
    const nowMs = now.getTime();
    const limit = this.rate.limits[siteId];
    const isKnown =
      limit?.perSecond === perSecond && Date.parse(limit.at) > nowMs - (LIMIT_LIFETIME_SECONDS * 1000) / 2;
    const isBehindOthers = !hasWaited && Date.parse(this.rate.lastReturnAt ?? '') > nowMs;
    if (!isKnown || isBehindOthers) return undefined;
    this.spareMs = this.spareMs.filter((moment) => moment >= nowMs);
    const [first, ...others] = this.spareMs;
    if (first === undefined || first > nowMs + maxWaitMs) return undefined;
    this.spareMs = others;
    return first - nowMs;
  }
}

/** One account as an instance knows it. */
interface KnownAccount {
  readonly account: SendingAccount;
  readonly leased: LeasedMoments;
  /** Those for whom the account has to be asked next. */
  waiting: Waiting[];
  isAsking: boolean;
}

/** An instance of the app; it has one client of the database. */
class Instance {
  private readonly id = randomUUID();
  private readonly accounts = new Map<string, KnownAccount>();

  constructor(private readonly services: Limiting) {}

  reserve(account: SendingAccount, sending: Sending, maxWaitMs: number): Promise<number> {
    const known = this.know(account);
    const waitMs = known.leased.take(sending, this.services.clock.now(), maxWaitMs);
    if (waitMs !== undefined) return Promise.resolve(waitMs);
    return new Promise((resolve, reject) => {
      known.waiting.push({ ...sending, maxWaitMs, resolve, reject });
      if (!known.isAsking) void this.serve(known);
    });
  }

  private know(account: SendingAccount): KnownAccount {
    const key = keyOf(account);
    let known = this.accounts.get(key);
    if (!known) {
      if (this.accounts.size >= MAX_KNOWN_ACCOUNTS) this.forgetIdle();
      known = { account, leased: new LeasedMoments(), waiting: [], isAsking: false };
      this.accounts.set(key, known);
    }
    return known;
  }

  /** What idle accounts have leased lapses. */
  private forgetIdle(): void {
    for (const [key, { isAsking }] of this.accounts) if (!isAsking) this.accounts.delete(key);
  }

  /** One question after the other, each for all who have come meanwhile and find no leased moment. */
  private async serve(known: KnownAccount): Promise<void> {
    known.isAsking = true;
    while (known.waiting.length > 0) {
      const asking = known.waiting.filter((one) => !this.resolveFromLease(known, one));
      known.waiting = [];
      if (asking.length === 0) break;
      try {
        const waitsMs = await this.ask(known, asking);
        asking.forEach(({ resolve }, index) => resolve(waitsMs[index] ?? 0));
      } catch (error) {
        for (const { reject } of asking) reject(error);
      }
    }
    known.isAsking = false;
  }

  private resolveFromLease({ leased }: KnownAccount, one: Waiting): boolean {
    const waitMs = leased.take(one, this.services.clock.now(), one.maxWaitMs);
    if (waitMs === undefined) return false;
    one.resolve(waitMs);
    return true;
  }

  private async ask({ account, leased }: KnownAccount, asking: readonly Waiting[]): Promise<number[]> {
    const { database, clock } = this.services;
    const partition = database.coordination(keyOf(account));
    const maxWaitMs = Math.min(...asking.map((one) => one.maxWaitMs));
    return retryConflicts(async () => {
      const known = await partition.read(mailRateType, 'rate');
      const lease = leaseMoments(known ?? newMailRate(), this.id, asking, clock.now(), maxWaitMs);
      if (known) await partition.replace(mailRateType, { ...lease.rate, etag: known.etag });
      else await partition.create(mailRateType, lease.rate);
      leased.add(lease.rate, lease.spareMs, known);
      return lease.waitsMs;
    });
  }
}

const MAX_KNOWN_ACCOUNTS = 1_000;
const instances = new WeakMap<Limiting['database'], Instance>();

/**
 * Takes the account's next free moment for one mail, and says how long it is until then, in milliseconds. When that is
 * longer than `maxWaitMs`, no moment was taken: ask again then.
 */
export function reserveSending(
  services: Limiting,
  account: SendingAccount,
  sending: Sending,
  maxWaitMs: number,
): Promise<number> {
  let instance = instances.get(services.database);
  if (!instance) instances.set(services.database, (instance = new Instance(services)));
  return instance.reserve(account, sending, maxWaitMs);
}

function keyOf({ customerId, host, sender }: SendingAccount): string {
  const account = JSON.stringify([host.toLowerCase(), sender.toLowerCase()]);
  return `mail:${customerId}:${createHash('sha256').update(account).digest('base64url')}`;
}
