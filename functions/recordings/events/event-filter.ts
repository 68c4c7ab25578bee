/** Which events a list shows: by type, and by a text in their data. Pure. */
import { z } from 'zod';
import { EVENT_TYPE_IDS, type EventTypeId, foldText, type SessionEvent } from '../../policies/engine';

const MAX_TEXT_CHARACTERS = 256;
const ids: readonly string[] = EVENT_TYPE_IDS;

const eventTypes = z
  .string()
  .max(1_024)
  .refine((text) => text.split(',').every((id) => ids.includes(id)), {
    error: 'Give ids of event types, separated by commas, such as appStart,fileTransfer.',
  });

/** Query parameters of lists of events. */
export const eventFilters = {
  types: eventTypes.optional().describe('Events of these types, separated by commas'),
  text: z
    .string()
    .trim()
    .min(1)
    .max(MAX_TEXT_CHARACTERS)
    .optional()
    .describe('Events with this text in one of their fields; ignores case'),
};

export interface EventFilter {
  /** Ids of event types, separated by commas. */
  types?: string | undefined;
  text?: string | undefined;
}

/** Whether an event passes the filter. */
export function eventFilter({ types, text }: EventFilter): (event: SessionEvent) => boolean {
  const accepted = types === undefined ? undefined : new Set(types.split(',') as EventTypeId[]);
  const sought = text === undefined ? undefined : foldText(text);
  return (event) =>
    (accepted === undefined || accepted.has(event.type)) &&
    (sought === undefined || textsOf(event).some((text) => foldText(text).includes(sought)));
}

/** What is searched: the values of its fields, also those of custom events, and not their names. */
function textsOf({ data, fields = {} }: SessionEvent): string[] {
  return [...Object.values(data), ...Object.values(fields)].map(String);
}
