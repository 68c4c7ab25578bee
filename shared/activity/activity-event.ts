/** The activity feed: what happened that a full admin should see (FEED-1), and who may subscribe to mails about it (NTF-1). */
import { days, documentType } from '../cosmos/document-type';
import { timedId } from '../ids';

/** Categories of notification mails that administrators subscribe to. */
type NotificationCategory =
  'resourceUsage' | 'serverStatus' | 'successRate' | 'storageMaintenance' | 'unrestrictedSharing';

/** Every kind of activity, and the category of its notification mails; null: shown in the feed only. */
const CATEGORIES = {
  'server.status': 'serverStatus',
  'server.registrationRefused': null,
  'server.administratorLogging': null,
  'server.certificateExpired': null,
  'server.certificateExpiring': null,
  'server.recordingFileLost': null,
  'server.signatureInvalid': null,
  'server.storageUnreachable': null,
  'recording.abandoned': null,
  'recording.archiveFailed': 'storageMaintenance',
  'recording.damaged': null,
  'recording.deletionFailed': 'storageMaintenance',
  'recording.verificationFailed': null,
  'response.failed': null,
  'response.skipped': null,
  'secureClient.secretExpiring': null,
  'schedule.failed': null,
  'storageMaintenance.finished': 'storageMaintenance',
  'storageMaintenance.overdue': 'storageMaintenance',
} as const satisfies Record<string, NotificationCategory | null>;

export type ActivityKind = keyof typeof CATEGORIES;

export interface ActivityEvent {
  /** Sorts by `at`; for counted events by the hour. */
  id: string;
  /** When it happened, for counted events the first time; RFC 3339 UTC. */
  at: string;
  kind: ActivityKind;
  category: NotificationCategory | null;
  severity: 'information' | 'warning' | 'critical';
  /** One sentence in English. */
  message: string;
  siteId?: string | undefined;
  serverId?: string | undefined;
  sessionId?: string | undefined;
  /** Machine-readable facts of the message; never a secret. */
  details?: Readonly<Record<string, string | number | boolean | null>> | undefined;
  /** How often it happened within the hour, where events of one hour are counted; the facts are those of the first. */
  count?: number | undefined;
}

/** Shown in the feed for 90 days. Version 1 had no categories. */
export const activityEventType = documentType<ActivityEvent>('feed-event', {
  ttlSeconds: days(90),
  schemaVersion: 2,
  upgrade(body) {
    const event = body as Omit<ActivityEvent, 'category'> & Record<string, unknown>;
    return { ...event, category: CATEGORIES[event.kind] };
  },
});

/** An activity as a capability reports it. */
export interface Activity extends Omit<ActivityEvent, 'id' | 'at' | 'category' | 'count'> {
  at: Date;
  /** Deduplication key within its kind: the same activity reported twice is shown once. */
  key: string;
}

/** The event of an activity. */
export function activityEvent({ at, key, ...activity }: Activity): ActivityEvent {
  const { kind } = activity;
  return {
    ...activity,
    category: CATEGORIES[kind],
    id: timedId(at, 'feed', kind, key),
    at: at.toISOString(),
  };
}
