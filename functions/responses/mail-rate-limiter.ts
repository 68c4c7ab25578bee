/**
 * Keeps what a mail account sends within its limit per second, over all instances of the app. Pure.
 *
 * Moments at which one mail may be sent lie an interval apart. An instance leases some at a time: what its mails need now,
 * and its share of a second's capacity for those that come next, so that it asks about once a second and not for each mail.
 * The share is spread over the second, and is all of it while no other instance asks.
 */
import { documentType } from '../../shared/cosmos/document-type';

/** One account: sites that share it share its limit, and the lowest of theirs holds. */
export interface MailRate {
  id: 'rate';
  /** What each site allows a second, and when it said so; RFC 3339 UTC. */
  limits: Record<string, { perSecond: number; at: string }>;
  /** The limit that the moments below were made for; absent before the first one. */
  perSecond?: number | undefined;
  /** When each instance asked last, where that is not long ago; RFC 3339 UTC. */
  instances: Record<string, string>;
  /** Moments before `nextAt` that nobody has leased, in order; Unix milliseconds. */
  freeMs: readonly number[];
  /** The last moment that is leased; RFC 3339 UTC. */
  leasedUntil: string;
  /** No moment was made for this instant or later ones; RFC 3339 UTC. */
  nextAt: string;
  /** When the last of the mails that were put off is to ask again; RFC 3339 UTC. */
  lastReturnAt?: string | undefined;
}

const SECOND_MS = 1000;
/** A site that has not sent for so long no longer slows the others down. */
export const LIMIT_LIFETIME_SECONDS = 3_600;
/** An instance that has not asked for so long needs no share. */
const ACTIVE_MS = 2 * SECOND_MS;

export const mailRateType = documentType<MailRate>('mail-rate', { ttlSeconds: LIMIT_LIFETIME_SECONDS });

/** One mail that a site wants to send. */
export interface Sending {
  siteId: string;
  /** The limit that the site sets. */
  perSecond: number;
  /** Whether it was put off before: others come after those that were. */
  hasWaited: boolean;
}

/** What an instance has got. */
interface Lease {
  rate: MailRate;
  /**
   * How long each mail has to wait, in milliseconds; one that waits longer than it wanted to has got no moment and must ask
   * again then.
   */
  waitsMs: number[];
  /** Moments for mails that come next, in order; Unix milliseconds. */
  spareMs: number[];
}

/** The rate of an account that has never sent. */
export function newMailRate(): MailRate {
  const never = new Date(0).toISOString();
  return { id: 'rate', limits: {}, instances: {}, freeMs: [], leasedUntil: never, nextAt: never };
}

/**
 * Gives each mail, in their order, the account's next free moment when that comes within `maxWaitMs`, else a time of its
 * own to ask again: were all to ask again at the same time, a storm of them would cost its square.
 */
export function leaseMoments(
  rate: MailRate,
  instance: string,
  sendings: readonly Sending[],
  now: Date,
  maxWaitMs: number,
): Lease {
  const nowMs = now.getTime();
  const limits = limitsWith(rate.limits, sendings, now);
  const perSecond = Math.min(...Object.values(limits).map((limit) => limit.perSecond));
  const instances = instancesWith(rate.instances, instance, now);
  const moments = new Moments(rate, perSecond, nowMs);
  let lastReturnMs = Date.parse(rate.lastReturnAt ?? rate.nextAt);
  let firstMs: number | undefined;
  let granted = 0;
  const waitsMs = sendings.map(({ hasWaited }) => {
    const isBehindOthers = !hasWaited && lastReturnMs > nowMs;
    const earliestMs = isBehindOthers ? lastReturnMs + moments.intervalMs : nowMs;
    const momentMs = moments.take(earliestMs, nowMs + maxWaitMs);
    if (momentMs !== undefined) {
      firstMs ??= momentMs;
      granted += 1;
      return momentMs - nowMs;
    }
    lastReturnMs = Math.max(earliestMs, moments.nextMs, lastReturnMs + moments.intervalMs);
    return Math.ceil(lastReturnMs - nowMs);
  });
  const share = Math.ceil(perSecond / Object.keys(instances).length);
  const spareMs = firstMs === undefined ? [] : moments.takeSpread(share - granted, firstMs + SECOND_MS);
  return {
    rate: { ...rate, ...moments.state(), limits, instances, perSecond, lastReturnAt: toText(lastReturnMs) },
    waitsMs,
    spareMs,
  };
}

/** The moments of an account, an interval apart. */
class Moments {
  readonly intervalMs: number;
  /** No moment lies at it or behind it yet. */
  nextMs: number;
  private free: number[];
  private leasedUntilMs: number;

  constructor(rate: MailRate, perSecond: number, nowMs: number) {
    this.intervalMs = SECOND_MS / perSecond;
    this.leasedUntilMs = Date.parse(rate.leasedUntil);
    const sameLimit = perSecond === (rate.perSecond ?? perSecond);
    this.free = sameLimit ? rate.freeMs.filter((moment) => moment >= nowMs) : [];
    const nextMs = sameLimit ? Date.parse(rate.nextAt) : this.leasedUntilMs + this.intervalMs;
    this.nextMs = Math.max(nowMs, nextMs);
  }

  /** Takes the first free moment between two instants, both included. */
  take(fromMs: number, untilMs: number): number | undefined {
    if (fromMs > untilMs) return undefined;
    while (this.nextMs <= untilMs && (this.free.at(-1) ?? -1) < fromMs) this.make();
    const index = this.free.findIndex((moment) => moment >= fromMs && moment <= untilMs);
    return index < 0 ? undefined : this.lease(index);
  }

  /** Takes up to `count` free moments before an instant, evenly spread. */
  takeSpread(count: number, beforeMs: number): number[] {
    while (count > 0 && this.nextMs < beforeMs) this.make();
    const choice = this.free.filter((moment) => moment < beforeMs);
    const taken = Math.max(0, Math.min(count, choice.length));
    const chosen = Array.from({ length: taken }, (_, n) =>
      Number(choice[Math.floor(((n + 0.5) * choice.length) / taken)]),
    );
    for (const moment of chosen) this.lease(this.free.indexOf(moment));
    return chosen;
  }

  state(): Pick<MailRate, 'freeMs' | 'leasedUntil' | 'nextAt'> {
    return { freeMs: this.free, leasedUntil: toText(this.leasedUntilMs), nextAt: toText(this.nextMs) };
  }

  private make(): void {
    this.free.push(Math.ceil(this.nextMs));
    this.nextMs += this.intervalMs;
  }

  private lease(index: number): number {
    const [moment = 0] = this.free.splice(index, 1);
    this.leasedUntilMs = Math.max(this.leasedUntilMs, moment);
    return moment;
  }
}

function limitsWith(known: MailRate['limits'], sendings: readonly Sending[], now: Date): MailRate['limits'] {
  const oldest = new Date(now.getTime() - LIMIT_LIFETIME_SECONDS * SECOND_MS).toISOString();
  const recent = Object.entries(known).filter(([, { at }]) => at >= oldest);
  const asked = sendings.map(({ siteId, perSecond }) => [siteId, { perSecond, at: now.toISOString() }]);
  return Object.fromEntries([...recent, ...asked]) as MailRate['limits'];
}

function instancesWith(known: MailRate['instances'], asking: string, now: Date): MailRate['instances'] {
  const oldest = new Date(now.getTime() - ACTIVE_MS).toISOString();
  const active = Object.entries(known).filter(([, at]) => at >= oldest);
  return { ...Object.fromEntries(active), [asking]: now.toISOString() };
}

const toText = (ms: number): string => new Date(Math.ceil(ms)).toISOString();
