/** A page of a search: its rows, and the signed link to the next one. */
import { z } from 'zod';
import type { Administrator } from '../../../shared/identity/caller';
import { pageLink, pageOf } from '../../../shared/http/paging';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { readAccess } from '../access/read-access';
import { recordingView, viewOfRecording } from '../recording';
import { type Key, searchRecordings } from './search-recordings';
import { cursorRange, filterOf, rangeOf, type SearchQuery } from './search-query';

export const recordingPage = pageOf(recordingView).extend({
  searchedBackTo: z.iso
    .datetime()
    .optional()
    .describe(
      'How far the search has come when it ended before the page was full, so as not to let you wait: up to here all ' +
        'recordings are found. `nextLink` goes on',
    )
    .meta({ examples: ['2026-05-01T00:00:00.000Z'] }),
});

/** What a link holds: the range that its period meant when the first page was read, and the position. */
const cursorContent = z.object({
  ...cursorRange,
  value: z.union([z.string(), z.number()]),
  id: z.string(),
});

interface PageRequest {
  services: Services;
  caller: Administrator;
  path: string;
  query: SearchQuery;
  /** Whether the list contains restricted recordings or all others. */
  restricted: boolean;
  defaultStates: readonly string[];
}

/** One page. @throws Problem `invalid-cursor` for a link that is forged or belongs to another search */
export async function searchPage({ services, caller, path, query, restricted, defaultStates }: PageRequest) {
  const { top, cursor, ...asked } = query;
  const scope = { ...asked, path, customerId: caller.customerId };
  const position = cursor === undefined ? undefined : parsed(await services.cursors.verify(cursor, scope));
  const time = position ? { from: position.from, to: position.to } : rangeOf(query, services.clock.now());
  const access = await readAccess(services, caller);
  const sortBy = query.sortBy === 'duration' ? 'durationSeconds' : query.sortBy;
  const { recordings, stoppedAt } = await searchRecordings(services, caller.customerId, {
    filter: filterOf(query, { access, restricted, states: defaultStates }, time),
    sortBy,
    direction: query.sortOrder,
    limit: top + 1,
    after: position && { value: position.value, id: position.id },
  });
  const shown = recordings.slice(0, top);
  const last = shown.at(-1);
  const isFull = recordings.length > top && last !== undefined;
  const next: Key | undefined = isFull ? { value: last[sortBy] ?? 0, id: last.id } : stoppedAt;
  const value = shown.map(viewOfRecording);
  if (!next) return { value };
  const link = await services.cursors.sign({ ...time, ...next }, scope);
  return {
    value,
    nextLink: pageLink(services.config.publicUrl + path, { ...asked, top, cursor: link }),
    ...(isFull ? {} : { searchedBackTo: String(next.value) }),
  };
}

function parsed(content: unknown) {
  const { data } = cursorContent.safeParse(content);
  if (data) return data;
  const detail = 'The page link is of an earlier version: start from the first page.';
  throw new Problem('invalid-cursor', detail, { errors: [{ parameter: 'cursor', detail }] });
}
