/** The query parameters of lists of recordings, and the filter that they mean. */
import { z } from 'zod';
import { instant, resourceId, timeZone, withTimeRange } from '../../../shared/http/fields';
import { pageQuery } from '../../../shared/http/paging';
import { validationFailed } from '../../../shared/http/validation';
import { wellFormed } from '../../../shared/pure/text-fields';
import { EVENT_TYPE_IDS } from '../../policies/engine';
import { hasLongRun, MAX_WORD_UNITS, wordsIn } from './event-fields';
import type { RecordingFilter } from './recording-filter';
import { PERIODS, rangeOfPeriod } from './search-period';
import { STATES } from './states';
import type { TimeRange } from './time-windows';

const MAX_SITES = 50;
const MAX_WORDS = 10;
const LONGEST_SORTED_DAYS = 92;
/** Longer than any session. */
const MAX_DURATION_SECONDS = 366 * 86_400;
const STATE_NAMES = [
  'live',
  'complete',
  'damaged',
  'archived',
] as const satisfies readonly (keyof typeof STATES)[];

const text = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .refine(...wellFormed)
  .optional();
const prefix = (what: string) => text.describe(`Prefix of ${what}; case-insensitive`);
const duration = z.number().min(0).max(MAX_DURATION_SECONDS).optional();

const siteIds = z
  .string()
  .refine((ids) => idsIn(ids).every((id) => resourceId.safeParse(id).success), {
    error: 'Give ids of sites, separated by commas.',
  })
  .refine((ids) => idsIn(ids).length <= MAX_SITES, { error: `Give at most ${MAX_SITES} sites.` })
  .optional()
  .describe('Recordings of this site, or of several: ids separated by commas')
  .meta({ examples: ['0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55'] });

const filters = {
  period: z
    .enum(PERIODS)
    .optional()
    .describe(
      'When they began: `last7Days` are today and the six days before, in `timeZone`. Instead of `from` and `to`. Default: all',
    ),
  timeZone: timeZone
    .optional()
    .describe('IANA name of the time zone whose days `period` means; default: UTC'),
  siteId: siteIds,
  serverId: resourceId.optional().describe('Recordings of this server'),
  userName: prefix("the user's name, with or without its domain"),
  upn: prefix("the user's principal name"),
  machine: prefix('the host name of the recorded machine'),
  clientName: prefix("the name of the user's device"),
  clientAddress: prefix("the IP address of the user's device"),
  application: prefix('the published application or desktop'),
  eventText: text.describe(
    'Whole words of the texts of events, in any order, case-insensitive: all of them occur. In scripts without spaces, parts of two characters or more. Once a recording has ended',
  ),
  eventType: z
    .enum(EVENT_TYPE_IDS)
    .optional()
    .describe('An event of this type occurs. Once a recording has ended'),
  minDurationSeconds: duration.describe('Recordings that last so long or longer'),
  maxDurationSeconds: duration.describe('Recordings that last so long or shorter'),
  eventsOnly: z.boolean().optional().describe('Recordings without the screen, or with it'),
  audio: z.boolean().optional().describe('Recordings with sound, or without'),
  lossy: z.boolean().optional().describe('Recordings whose picture is compressed with loss, or without'),
  sortBy: z
    .enum(['startedAt', 'duration', 'score'])
    .default('startedAt')
    .describe(
      `By duration, or by the score of the points of interest, only recordings that have ended are listed, of at most ${LONGEST_SORTED_DAYS} days: give a period`,
    ),
  sortOrder: z
    .enum(['descending', 'ascending'])
    .default('descending')
    .describe('Newest, longest or highest first, or last'),
};

const range = { from: 'Recordings that began then or later', to: 'Recordings that began before' };

const complete =
  '`live`: not uploaded in full (`uploading`); `complete`: uploaded in full, also while `verifying`; `damaged`: also ' +
  '`verificationFailed` and `abandoned`; `archived` ones are in no other list';

export const recordingQuery = withTimeRange(
  {
    ...pageQuery,
    ...filters,
    state: z.enum(STATE_NAMES).optional().describe(`${complete}. Default: live and complete ones`),
  },
  range,
);

/** A live recording cannot be restricted. */
export const restrictedQuery = withTimeRange(
  {
    ...pageQuery,
    ...filters,
    state: z.enum(['complete', 'damaged', 'archived']).optional().describe('Default: all'),
  },
  range,
);

export type SearchQuery = z.output<typeof recordingQuery>;

/** The sites that the query names. */
function idsIn(ids: string): string[] {
  return [...new Set(ids.split(',').map((id) => id.trim().toLowerCase()))];
}

/** The range of time that the query means now. @throws Problem `validation-failed` */
export function rangeOf(
  { period, timeZone: zone = 'UTC', from, to, sortBy }: SearchQuery,
  now: Date,
): TimeRange {
  if (period !== undefined && (from !== undefined || to !== undefined))
    throw refused('period', 'Give either a period, or `from` and `to`.');
  const found = period === undefined ? { from, to } : rangeOfPeriod(period, zone, now);
  if (sortBy === 'startedAt') return found;
  const end = found.to ?? now.toISOString();
  const days = (Date.parse(end) - Date.parse(found.from ?? '')) / 86_400_000;
  // One day more: `last90Days` ends tomorrow, and days can have 25 hours.
  if (!(days <= LONGEST_SORTED_DAYS))
    throw refused(
      'sortBy',
      `Sorting by ${sortBy} takes at most ${LONGEST_SORTED_DAYS} days: give a shorter period.`,
    );
  return { ...found, to: end };
}

/** The filter that the query means. @throws Problem `validation-failed` */
export function filterOf(
  query: SearchQuery,
  { access, restricted, states }: Pick<RecordingFilter, 'access' | 'restricted' | 'states'>,
  time: TimeRange,
): RecordingFilter {
  const { siteId, state, eventText, minDurationSeconds = 0, maxDurationSeconds = Infinity } = query;
  if (minDurationSeconds > maxDurationSeconds)
    throw refused('minDurationSeconds', 'Must not be greater than `maxDurationSeconds`.');
  return {
    ...time,
    access,
    restricted,
    states: state === undefined ? states : STATES[state],
    siteIds: siteId === undefined ? undefined : idsIn(siteId),
    serverId: query.serverId,
    userName: query.userName?.toLowerCase(),
    upn: query.upn?.toLowerCase(),
    machine: query.machine?.toLowerCase(),
    clientName: query.clientName?.toLowerCase(),
    clientAddress: query.clientAddress?.toLowerCase(),
    application: query.application?.toLowerCase(),
    words: eventText === undefined ? undefined : wordsOf(eventText),
    eventType: query.eventType,
    minDurationSeconds: query.minDurationSeconds,
    maxDurationSeconds: query.maxDurationSeconds,
    eventsOnly: query.eventsOnly,
    audio: query.audio,
    lossy: query.lossy,
  };
}

function wordsOf(eventText: string): string[] {
  const words = [...new Set(wordsIn(eventText))];
  if (hasLongRun(eventText))
    throw refused(
      'eventText',
      `Give words of at most ${MAX_WORD_UNITS} characters: longer ones are not indexed.`,
    );
  if (words.length === 0) throw refused('eventText', 'Give at least one word of two characters or more.');
  if (words.length > MAX_WORDS) throw refused('eventText', `Give at most ${MAX_WORDS} words.`);
  return words;
}

function refused(parameter: string, detail: string) {
  return validationFailed('The query', [{ parameter, detail }]);
}

/** Where a range of a cursor is read back. */
export const cursorRange = { from: instant.optional(), to: instant.optional() };
