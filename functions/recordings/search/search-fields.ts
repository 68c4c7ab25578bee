/** What a recording carries so that searches find it, and so that playback permissions can be part of a query. Pure. */
import type { SessionFacts } from '../../policies/engine';

/** Absent in recordings of earlier versions, where reading derives what it can, and until they are known. */
export interface SearchFields {
  /** Lower-case copies of what searches compare. */
  upnKey?: string | undefined;
  machineKey?: string | undefined;
  clientKey?: string | undefined;
  addressKey?: string | undefined;
  applicationKey?: string | undefined;
  /**
   * In lower case, what a playback permission can name: `u:` user by name with and without domain, UPN, SID and Entra id,
   * `g:` each group in the same way, `a:` application, `d:` delivery group, `m:` machine.
   */
  scopeKeys?: string[] | undefined;
  /** Whether it has sound. */
  audio?: boolean | undefined;
  /** Whether its picture is compressed with loss. */
  lossy?: boolean | undefined;
  /** From its start to its end; once it has ended. */
  durationSeconds?: number | undefined;
  /** See `durationBand`. */
  durationBand?: number | undefined;
}

/** A document holds 2 MB: of users in thousands of groups, the last groups are left out, so that they permit nothing. */
const MAX_SCOPE_KEYS = 3_000;
const MAX_SCOPE_KEY_UNITS = 256;

export const DURATION_BANDS = 64;

/** One of 64 bands, three for each doubling; 31 days are in the last one. A longer duration is never in a lower band. */
export function durationBand(seconds: number): number {
  return Math.min(DURATION_BANDS - 1, Math.floor(3 * Math.log2(Math.max(0, seconds) + 1)));
}

/** The fields of a recording from its start to its end (RFC 3339). */
export function durationFields(
  startedAt: string,
  endedAt: string,
): Required<Pick<SearchFields, 'durationSeconds' | 'durationBand'>> {
  const durationSeconds = Math.max(0, (Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
  return { durationSeconds, durationBand: durationBand(durationSeconds) };
}

/** `DOMAIN\name` in lower case, and `name`. */
function namesOf(name: string): string[] {
  const key = name.toLowerCase();
  return [...new Set([key, key.slice(key.lastIndexOf('\\') + 1)])];
}

/** The keys by which a playback permission can include the recordings of a session with these facts. */
export function scopeKeysOf({
  user,
  application,
  deliveryGroup,
  machine,
}: Pick<SessionFacts, 'user' | 'application' | 'deliveryGroup' | 'machine'>): string[] {
  const keyed = (kind: string, values: (string | undefined)[]) =>
    values.flatMap((value) => (value ? [`${kind}:${value.toLowerCase()}`] : []));
  const keys = [
    ...keyed('u', [...namesOf(user.name), user.upn, user.sid, user.entraId]),
    ...keyed('a', [application]),
    ...keyed('d', [deliveryGroup]),
    ...keyed('m', [machine]),
    ...user.groups.flatMap(({ name = '', sid, entraId }) => keyed('g', [...namesOf(name), sid, entraId])),
  ];
  return [...new Set(keys)].filter(({ length }) => length <= MAX_SCOPE_KEY_UNITS).slice(0, MAX_SCOPE_KEYS);
}

interface Described {
  userName: string;
  upn?: string | undefined;
  application?: string | undefined;
  deliveryGroup?: string | undefined;
  machine?: string | undefined;
  clientName?: string | undefined;
  clientAddress?: string | undefined;
}

/** Lower-case copies of what describes a recording. */
export function lowerCaseCopies({ upn, machine, clientName, clientAddress, application }: Described) {
  return {
    upnKey: upn?.toLowerCase(),
    machineKey: machine?.toLowerCase(),
    clientKey: clientName?.toLowerCase(),
    addressKey: clientAddress?.toLowerCase(),
    applicationKey: application?.toLowerCase(),
  };
}

/**
 * The fields of a recording that an earlier version stored, as far as it tells them: its user's groups, SID and Entra id,
 * sound and compression are unknown.
 */
export function derivedFields(
  recording: Described & { startedAt: string; endedAt?: string | undefined },
): SearchFields {
  const { userName, upn, application, deliveryGroup, machine, startedAt, endedAt } = recording;
  const user = { name: userName, upn, groups: [] };
  return {
    ...lowerCaseCopies(recording),
    scopeKeys: scopeKeysOf({ user, application, deliveryGroup, machine }),
    ...(endedAt === undefined ? {} : durationFields(startedAt, endedAt)),
  };
}
