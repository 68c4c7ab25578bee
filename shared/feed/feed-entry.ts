/** The activity feed: what happened that a full admin should see, newest first (FEED-1). */
import { days, documentType } from '../cosmos/document-type';
import { timedId } from '../ids';

export interface FeedEntry {
  /** Sorts by `at`. */
  id: string;
  /** RFC 3339 UTC. */
  at: string;
  /** What kind of happening it is, such as `server.status`; entries of one kind can be shown as one. */
  kind: string;
  severity: 'information' | 'warning' | 'critical';
  /** One sentence in English. */
  message: string;
  siteId?: string | undefined;
  serverId?: string | undefined;
  sessionId?: string | undefined;
  /** Facts behind the sentence, for programs; never a secret. */
  details?: Readonly<Record<string, string | number | boolean | null>> | undefined;
}

export const feedEntryType = documentType<FeedEntry>('feed-event', { ttlSeconds: days(90) });

interface NewFeedEntry extends Omit<FeedEntry, 'id' | 'at'> {
  at: Date;
  /** What makes the happening unique within its kind: the same entry written twice stays one. */
  key: string;
}

/** An entry to be created in the `control` partition, in one batch with the change it tells of where there is one. */
export function feedEntry({ at, key, ...entry }: NewFeedEntry): FeedEntry {
  return { ...entry, id: timedId(at, 'feed', entry.kind, key), at: at.toISOString() };
}
