/** What a search asks for, as a condition of a query and as the same predicate on a recording. Pure. */
import {
  type Condition,
  isVisible,
  playableCondition,
  type RecordingAccess,
} from '../access/recording-access';
import type { Recording } from '../recording';
import { durationBand } from './search-fields';
import type { TimeRange } from './time-windows';

/** All that is given must hold. Texts are in lower case and are prefixes. */
export interface RecordingFilter extends TimeRange {
  /** What the caller may see. */
  access: RecordingAccess;
  /** Only restricted recordings; otherwise only unrestricted ones. */
  restricted: boolean;
  states: readonly string[];
  siteIds?: readonly string[] | undefined;
  serverId?: string | undefined;
  /** With or without the domain. */
  userName?: string | undefined;
  upn?: string | undefined;
  machine?: string | undefined;
  clientName?: string | undefined;
  clientAddress?: string | undefined;
  application?: string | undefined;
  /** Whole words of the texts of its events: all of them. */
  words?: readonly string[] | undefined;
  eventType?: string | undefined;
  minDurationSeconds?: number | undefined;
  maxDurationSeconds?: number | undefined;
  eventsOnly?: boolean | undefined;
  audio?: boolean | undefined;
  lossy?: boolean | undefined;
}

/** Conditions of a query whose conjunction is the filter, but for the time. */
export function conditionsOf(filter: RecordingFilter): Condition[] {
  const { states, restricted, access, siteIds, serverId, eventType } = filter;
  return [
    {
      where: `c.state IN (${states.map((_, i) => `@state${i}`).join(', ')})`,
      parameters: numbered('state', states),
    },
    ...(restricted && !access.restricted ? [{ where: 'false', parameters: {} }] : []),
    { where: `${restricted ? '' : 'NOT '}IS_DEFINED(c.restrictedAt)`, parameters: {} },
    ...playableCondition(access, siteIds),
    ...given(siteIds, (ids) => ({
      where: `c.siteId IN (${ids.map((_, i) => `@siteId${i}`).join(', ')})`,
      parameters: numbered('siteId', ids),
    })),
    ...given(serverId, (id) => ({ where: 'c.serverId = @serverId', parameters: { serverId: id } })),
    ...prefixesOf(filter),
    ...(filter.words ?? []).map((word, i) => ({
      where: `ARRAY_CONTAINS(c.eventWords, @word${i})`,
      parameters: { [`word${i}`]: word },
    })),
    ...given(eventType, (type) => ({
      where: 'ARRAY_CONTAINS(c.eventTypes, @eventType)',
      parameters: { eventType: type },
    })),
    ...durationsOf(filter),
    ...flagsOf(filter),
  ];
}

function prefixesOf({ userName, upn, machine, clientName, clientAddress, application }: RecordingFilter) {
  const prefix = (name: string, property: string) => (text: string) => ({
    where: `STARTSWITH(${property}, @${name})`,
    parameters: { [name]: text },
  });
  return [
    ...given(userName, (text) => ({
      where: '(STARTSWITH(c.userKey, @userName) OR STARTSWITH(c.accountKey, @userName))',
      parameters: { userName: text },
    })),
    ...given(upn, prefix('upn', 'c.upnKey')),
    ...given(machine, prefix('machine', 'c.machineKey')),
    ...given(clientName, prefix('clientName', 'c.clientKey')),
    ...given(clientAddress, prefix('clientAddress', 'c.addressKey')),
    ...given(application, prefix('application', 'c.applicationKey')),
  ];
}

/** The band is what an index can find; the duration itself decides. */
function durationsOf({ minDurationSeconds, maxDurationSeconds }: RecordingFilter) {
  return [
    ...given(minDurationSeconds, (least) => ({
      where: 'c.durationBand >= @minBand AND c.durationSeconds >= @minSeconds',
      parameters: { minBand: durationBand(least), minSeconds: least },
    })),
    ...given(maxDurationSeconds, (most) => ({
      where: 'c.durationBand <= @maxBand AND c.durationSeconds <= @maxSeconds',
      parameters: { maxBand: durationBand(most), maxSeconds: most },
    })),
  ];
}

function flagsOf({ eventsOnly, audio, lossy }: RecordingFilter) {
  return [
    ...given(eventsOnly, (only) => ({ where: `c.container ${only ? '=' : '!='} 'events'`, parameters: {} })),
    // Recordings of earlier versions do not say.
    ...given(audio, (has) => ({
      where: has ? 'c.audio = true' : '(NOT IS_DEFINED(c.audio) OR c.audio = false)',
      parameters: {},
    })),
    ...given(lossy, (is) => ({
      where: is ? 'c.lossy = true' : '(NOT IS_DEFINED(c.lossy) OR c.lossy = false)',
      parameters: {},
    })),
  ];
}

/** Whether a recording matches: the meaning of the conditions. */
export function matches(filter: RecordingFilter, recording: Recording): boolean {
  return (
    isVisible(filter.access, recording) &&
    (recording.restrictedAt !== undefined) === filter.restricted &&
    filter.states.includes(recording.state) &&
    isFrom(filter, recording) &&
    hasPrefixes(filter, recording) &&
    hasEvents(filter, recording) &&
    lastsAsLong(filter, recording) &&
    hasFlags(filter, recording)
  );
}

function isFrom({ siteIds, serverId, from, to }: RecordingFilter, recording: Recording): boolean {
  return (
    (siteIds?.includes(recording.siteId) ?? true) &&
    (serverId === undefined || recording.serverId === serverId) &&
    (from === undefined || recording.startedAt >= from) &&
    (to === undefined || recording.startedAt < to)
  );
}

function hasFlags({ eventsOnly, audio, lossy }: RecordingFilter, recording: Recording): boolean {
  return (
    (eventsOnly === undefined || (recording.container === 'events') === eventsOnly) &&
    (audio === undefined || (recording.audio ?? false) === audio) &&
    (lossy === undefined || (recording.lossy ?? false) === lossy)
  );
}

function hasPrefixes(filter: RecordingFilter, recording: Recording): boolean {
  const begins = (text: string | undefined, prefix: string | undefined) =>
    prefix === undefined || (text?.startsWith(prefix) ?? false);
  return (
    (begins(recording.userKey, filter.userName) || begins(recording.accountKey, filter.userName)) &&
    begins(recording.upnKey, filter.upn) &&
    begins(recording.machineKey, filter.machine) &&
    begins(recording.clientKey, filter.clientName) &&
    begins(recording.addressKey, filter.clientAddress) &&
    begins(recording.applicationKey, filter.application)
  );
}

function hasEvents({ words = [], eventType }: RecordingFilter, recording: Recording): boolean {
  return (
    words.every((word) => recording.eventWords?.includes(word) === true) &&
    (eventType === undefined || recording.eventTypes?.includes(eventType) === true)
  );
}

function lastsAsLong(
  { minDurationSeconds, maxDurationSeconds }: RecordingFilter,
  recording: Recording,
): boolean {
  const { durationSeconds } = recording;
  if (minDurationSeconds === undefined && maxDurationSeconds === undefined) return true;
  return (
    durationSeconds !== undefined &&
    durationSeconds >= (minDurationSeconds ?? 0) &&
    durationSeconds <= (maxDurationSeconds ?? Infinity)
  );
}

function given<T>(value: T | undefined, condition: (value: T) => Condition): Condition[] {
  return value === undefined ? [] : [condition(value)];
}

function numbered(name: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, i) => [`${name}${i}`, value]));
}
