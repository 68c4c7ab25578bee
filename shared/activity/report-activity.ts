/**
 * Reports activities. Capabilities call this and nothing else: they write no feed entries by hand and send no
 * notification mails themselves.
 */
import { days, documentType, wireId } from '../cosmos/document-type';
import { DocumentExists, DocumentGone } from '../cosmos/errors';
import { type Change, change } from '../cosmos/partition';
import { retryConflicts } from '../cosmos/retry';
import { derivedId, timedId } from '../ids';
import { appendToLog, logPartition } from '../log/append';
import type { Services } from '../services';
import { type Activity, type ActivityEvent, activityEvent, activityEventType } from './activity-event';

type Reporting = Pick<Services, 'database'>;

/** The write that reports an activity in the batch of the `control` change that it is about. */
export function activityChange(activity: Activity): Change {
  return change.create(activityEventType, activityEvent(activity));
}

/** Reports an activity that no change of the `control` partition belongs to. A repeat changes nothing. */
export async function reportActivity(
  services: Reporting,
  customerId: string,
  activity: Activity,
): Promise<void> {
  await appendToLog(services, customerId, activityEventType, activityEvent(activity));
}

/** One occurrence of an activity that may happen very often. */
export interface CountedActivity extends Omit<Activity, 'key'> {
  siteId: string;
  /** Occurrences of one kind, site and hour with the same values are one event of the feed, with a count. */
  countedBy: string[];
  /** What makes the occurrence unique within its kind: the same one reported twice is counted once. */
  occurrence: string;
}

/** Marks an occurrence as counted. */
interface CountedOccurrence {
  /** Of kind and occurrence. */
  id: string;
  /** The event that counts it. */
  activityId: string;
}

/** A report is repeated within the 7 days that a message lives in a queue, and 7 more in its poison queue. */
export const countedOccurrenceType = documentType<CountedOccurrence>('feed-occurrence', {
  ttlSeconds: days(15),
});

/** The id of the mark that an occurrence was counted. */
export function occurrenceId({ kind, occurrence }: Pick<CountedActivity, 'kind' | 'occurrence'>): string {
  return derivedId('feed-occurrence', kind, occurrence);
}

/** Counts an occurrence in the one event of its kind, site, hour and `countedBy`. A repeat is not counted. */
export async function countActivity(
  services: Reporting,
  customerId: string,
  activity: CountedActivity,
): Promise<void> {
  const event = countedEvent(activity);
  const partition = await logPartition(services, customerId, event);
  const mark = { id: occurrenceId(activity), activityId: event.id };
  // Mark and count are one transaction: a crash leaves both or neither.
  const commit = (count: Change) =>
    partition.commit([change.create(countedOccurrenceType, mark), count]).catch((error: unknown) => {
      const isCounted =
        error instanceof DocumentExists && error.documentId === wireId(countedOccurrenceType, mark.id);
      if (!isCounted) throw error;
    });
  await retryConflicts(async () => {
    try {
      await commit(change.patch(activityEventType, event.id, [{ op: 'incr', path: '/count', value: 1 }]));
    } catch (error) {
      if (!(error instanceof DocumentGone)) throw error;
      await commit(change.create(activityEventType, event));
    }
  });
}

function countedEvent({ countedBy, occurrence: _one, ...activity }: CountedActivity): ActivityEvent {
  const hour = new Date(activity.at);
  hour.setUTCMinutes(0, 0, 0);
  const key = [activity.siteId, ...countedBy];
  const event = activityEvent({ ...activity, key: JSON.stringify(key) });
  return { ...event, id: timedId(hour, 'feed', activity.kind, ...key), count: 1 };
}
