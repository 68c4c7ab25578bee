/** Spaces out what a sending account sends, so that it never sends more in a second than it may. Pure. */
import { documentType } from '../../../shared/cosmos/document-type';

/** One account's pace: sites that share an account share it, and the lowest of their limits holds. */
export interface SendingPace {
  /** Of the account. */
  id: string;
  /** What each site allows a second, and when it said so; RFC 3339 UTC. */
  limits: Record<string, { perSecond: number; at: string }>;
  /** Nothing is to be sent before; RFC 3339 UTC. */
  nextAt: string;
}

export const sendingPaceType = documentType<SendingPace>('sending-pace');

/** One mail that a site wants to send. */
export interface Sending {
  siteId: string;
  /** The limit that the site sets. */
  perSecond: number;
}

const SECOND_MS = 1000;
/** A site that has not sent for so long no longer slows the others down. */
const LIMIT_LIFETIME_MS = 3_600_000;

/** The pace of an account that has never sent. */
export function newPace(id: string): SendingPace {
  return { id, limits: {}, nextAt: new Date(0).toISOString() };
}

/**
 * Gives each mail, in their order, the account's next free moment, and takes those moments that come within `maxWaitMs`.
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
  const firstAtMs = Math.max(nowMs, Date.parse(pace.nextAt));
  const waitsMs = sendings.map((_sending, index) => Math.ceil(firstAtMs + index * intervalMs - nowMs));
  const taken = waitsMs.filter((waitMs) => waitMs <= maxWaitMs).length;
  const nextAt = new Date(Math.ceil(firstAtMs + taken * intervalMs)).toISOString();
  return { pace: { ...pace, limits, nextAt: taken > 0 ? nextAt : pace.nextAt }, waitsMs };
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
