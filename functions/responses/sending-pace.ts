/** Spaces out what a sending account sends, so that it never sends more in a second than it may. Pure. */
import { documentType } from '../../shared/cosmos/document-type';

/** One account's pace: sites that share an account share it, and the lowest of their limits holds. */
export interface SendingPace {
  /** Of the account. */
  id: string;
  /** What each site allows a second, and when it said so; RFC 3339 UTC. */
  limits: Record<string, { perSecond: number; at: string }>;
  /** Nothing is to be sent before; RFC 3339 UTC. */
  nextAt: string;
  /** When the last of the mails that were put off is to ask again; RFC 3339 UTC. */
  lastReturnAt?: string | undefined;
}

export const sendingPaceType = documentType<SendingPace>('sending-pace', { ttlSeconds: 3_600 });

/** One mail that a site wants to send. */
export interface Sending {
  siteId: string;
  /** The limit that the site sets. */
  perSecond: number;
  /** Whether it was put off before: others come after those that were. */
  hasWaited: boolean;
}

const SECOND_MS = 1000;
/** A site that has not sent for so long no longer slows the others down. */
const LIMIT_LIFETIME_MS = 3_600_000;

/** The pace of an account that has never sent. */
export function newPace(id: string): SendingPace {
  return { id, limits: {}, nextAt: new Date(0).toISOString() };
}

/**
 * Gives each mail, in their order, the account's next free moment when that comes within `maxWaitMs`, else a time of its
 * own to ask again: were all to ask again at the same time, a storm of them would cost its square.
 * @returns how long each mail has to wait, in milliseconds; one that waits longer than `maxWaitMs` has taken no moment and
 * must ask again then
 */
export function reserveMoments(
  pace: SendingPace,
  sendings: readonly Sending[],
  now: Date,
  maxWaitMs: number,
): { pace: SendingPace; waitsMs: number[] } {
  const nowMs = now.getTime();
  const limits = limitsWith(pace.limits, sendings, now);
  const intervalMs = SECOND_MS / Math.min(...Object.values(limits).map(({ perSecond }) => perSecond));
  let nextAtMs = Date.parse(pace.nextAt);
  let lastReturnAtMs = Date.parse(pace.lastReturnAt ?? pace.nextAt);
  const waitsMs = sendings.map(({ hasWaited }) => {
    const isBehindOthers = !hasWaited && lastReturnAtMs > nowMs;
    const momentMs = Math.max(nowMs, nextAtMs, isBehindOthers ? lastReturnAtMs + intervalMs : 0);
    if (momentMs - nowMs <= maxWaitMs) {
      nextAtMs = momentMs + intervalMs;
      return Math.ceil(momentMs - nowMs);
    }
    lastReturnAtMs = Math.max(momentMs, lastReturnAtMs + intervalMs);
    return Math.ceil(lastReturnAtMs - nowMs);
  });
  const at = (ms: number) => new Date(Math.ceil(ms)).toISOString();
  return { pace: { ...pace, limits, nextAt: at(nextAtMs), lastReturnAt: at(lastReturnAtMs) }, waitsMs };
}

function limitsWith(
  known: SendingPace['limits'],
  sendings: readonly Sending[],
  now: Date,
): SendingPace['limits'] {
  const oldest = new Date(now.getTime() - LIMIT_LIFETIME_MS).toISOString();
  const recent = Object.entries(known).filter(([, { at }]) => at >= oldest);
  const asked = sendings.map(({ siteId, perSecond }) => [siteId, { perSecond, at: now.toISOString() }]);
  return Object.fromEntries([...recent, ...asked]) as SendingPace['limits'];
}
