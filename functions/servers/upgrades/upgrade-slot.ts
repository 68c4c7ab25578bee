/** When the cloud client of a server is upgraded: the slot of a day, and the server's own time in it (UPG-1, UPG-3). Pure. */
import { Temporal } from 'temporal-polyfill';
import { sha256Hex } from '../../../shared/ids';
import { instantOf, nextDue, type Recurrence } from '../../../shared/schedules/recurrence';
import type { ServerSettings } from '../settings/server-settings';

export type UpgradeSlot = ServerSettings['clientUpgrade'];

/** The slot as it is set, and the one that holds on the day of the last change. */
export interface SlotHistory {
  slot: UpgradeSlot;
  /** RFC 3339 UTC; undefined while it was never changed. */
  changedAt?: string | undefined;
  /** Before the first change of that day. */
  before?: UpgradeSlot | undefined;
}

/** Upgrades of many servers start within this part of a slot. */
const SPREAD_MINUTES = 45;

/** The local day of an instant, as `2026-11-29`. */
export function localDay(instant: Date, timeZone: string): string {
  return zoned(instant, timeZone).toPlainDate().toString();
}

/** The slot that holds on a local day of the server: a change takes effect on the next day. */
export function slotOn(day: string, { slot, changedAt, before }: SlotHistory, timeZone: string): UpgradeSlot {
  const isBeforeChange = changedAt !== undefined && before && day <= localDay(new Date(changedAt), timeZone);
  return isBeforeChange ? before : slot;
}

/** Whether the instant is in the slot of a local day. A slot that the clocks skip entirely keeps its length after the gap. */
export function isInSlot(
  { from, to }: Pick<UpgradeSlot, 'from' | 'to'>,
  day: string,
  timeZone: string,
  at: Date,
): boolean {
  const date = Temporal.PlainDate.from(day);
  const begin = instantOf(date, Temporal.PlainTime.from(from), timeZone).epochMilliseconds;
  const end = instantOf(date, Temporal.PlainTime.from(to), timeZone).epochMilliseconds;
  const last = end > begin ? end : begin + minutesOf({ from, to }) * 60_000;
  return at.getTime() >= begin && at.getTime() < last;
}

/** Daily at the begin of the slot, and some minutes after it that differ between servers. */
export function upgradeRecurrence(
  serverId: string,
  { from, to }: Pick<UpgradeSlot, 'from' | 'to'>,
  timeZone: string,
): Recurrence {
  const spread = Math.min(SPREAD_MINUTES, minutesOf({ from, to }));
  const minutes = Number.parseInt(sha256Hex(serverId).slice(0, 8), 16) % spread;
  const at = Temporal.PlainTime.from(from).add({ minutes }).toString({ smallestUnit: 'minute' });
  return { every: 'day', at, timeZone };
}

/** The first instant of a recurrence on the local day after `now`, or later. */
export function firstOnNextDay(recurrence: Recurrence, timeZone: string, now: Date): Date {
  return nextDue(recurrence, new Date(nextDayBegins(timeZone, now).getTime() - 1));
}

/** When the next local day begins. */
export function nextDayBegins(timeZone: string, now: Date): Date {
  const tomorrow = zoned(now, timeZone).toPlainDate().add({ days: 1 });
  return new Date(tomorrow.toZonedDateTime(timeZone).epochMilliseconds);
}

function minutesOf({ from, to }: Pick<UpgradeSlot, 'from' | 'to'>): number {
  const { hours, minutes } = Temporal.PlainTime.from(from).until(Temporal.PlainTime.from(to));
  return Math.max(1, hours * 60 + minutes);
}

function zoned(instant: Date, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone);
}
