/** For tests: the administrator log and the activity feed of a customer, wherever their entries lie. */
import { activityEventType, type ActivityEvent } from '../../shared/activity/activity-event';
import { type AuditEntry, auditEntryType } from '../../shared/audit/audit-entry';
import { readLog } from '../../shared/log/read-log';
import type { Services } from '../../shared/services';
import { CONTOSO } from './test-issuer';

type Reading = Pick<Services, 'database' | 'clock'>;

/** The newest 1,000 audit entries, oldest first. */
export async function auditLog(services: Reading, customerId = CONTOSO): Promise<AuditEntry[]> {
  return (await readLog(services, customerId, auditEntryType, { limit: 1_000 })).reverse();
}

/** The newest 1,000 activities, oldest first. */
export async function activityFeed(services: Reading, customerId = CONTOSO): Promise<ActivityEvent[]> {
  return (await readLog(services, customerId, activityEventType, { limit: 1_000 })).reverse();
}
