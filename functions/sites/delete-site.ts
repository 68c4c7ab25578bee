/** Deletes a site that holds nothing any more; what is left of it is cleaned up in the background (SRV-1). */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { documentType, type Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { Problem } from '../../shared/problem';
import { type ScheduleKind, scheduledRunQueue } from '../../shared/schedules/run-schedules';
import { newSchedule, scheduleType } from '../../shared/schedules/schedule';
import type { Services } from '../../shared/services';
import type { DeletionBlocker, SiteDependent } from '../../shared/sites/site-dependent';
import type { Log } from '../../shared/telemetry/telemetry';
import { databaseReservationType, reservationOf, type Site, siteType } from './site';
import { siteSettingsType } from './site-settings';
import { siteNameRelease } from './create-site';
import { findSiteSettings } from './store';

/** What the cleanup of a deleted site needs to know; removed when it is done. */
interface DeletedSite {
  /** The site's id. */
  id: string;
  name: string;
  deletedAt: string;
  /** Of its mail account, in the secret store. */
  secretIds: string[];
}

const deletedSiteType = documentType<DeletedSite>('deleted-site', { ttlSeconds: 'never' });

const CLEANUP = 'cleanUpDeletedSite';
const REPEAT_MINUTES = 15;
const scheduleIdOf = (siteId: string) => `${CLEANUP}-${siteId}`;

interface Deletion {
  services: Services;
  customerId: string;
  site: Stored<Site>;
  dependents: readonly SiteDependent[];
  audit: AuditTrail;
  log: Log;
}

/**
 * A server that joins the site meanwhile changes the site, so that the deletion fails.
 * @throws Problem `in-use` with `blockedBy`, DocumentStale
 */
export async function deleteSite(deletion: Deletion): Promise<void> {
  const { services, customerId, site, dependents, audit } = deletion;
  const ref = { customerId, siteId: site.id };
  const blockers = await Promise.all(
    dependents.map(async (dependent) => (await dependent.deletionBlockers?.(services, ref)) ?? []),
  );
  if (blockers.flat().length > 0) throw notEmpty(blockers.flat());
  await audit.commit(await deletionChanges(deletion), {
    siteId: site.id,
    target: { type: 'site', id: site.id, name: site.name },
    old: { name: site.name, description: site.description, database: site.database },
  });
  await startCleanup(deletion);
}

function notEmpty(blockedBy: DeletionBlocker[]): Problem {
  const detail = `The site cannot be deleted yet. ${blockedBy.map((blocker) => blocker.detail).join(' ')}`;
  return new Problem('in-use', detail, { extensions: { blockedBy } });
}

async function deletionChanges({ services, customerId, site }: Deletion): Promise<Change[]> {
  const { id, name } = site;
  const reservation = reservationOf(site);
  const settings = await findSiteSettings(services, customerId, id);
  const now = services.clock.now();
  const secretId = settings?.emailAlerts?.smtp.passwordSecretId;
  const recurrence = { every: 'minutes', minutes: REPEAT_MINUTES } as const;
  return [
    change.remove(siteType, id, site.etag),
    ...(await siteNameRelease(services, customerId, site)),
    ...(settings ? [change.remove(siteSettingsType, id, settings.etag)] : []),
    ...(reservation === undefined ? [] : [change.remove(databaseReservationType, reservation)]),
    change.create(deletedSiteType, {
      id,
      name,
      deletedAt: now.toISOString(),
      secretIds: secretId === undefined ? [] : [secretId],
    }),
    change.create(scheduleType, newSchedule({ id: scheduleIdOf(id), kind: CLEANUP, recurrence }, now)),
  ];
}

/** At once, by a message; when it is lost, the schedule starts the cleanup within minutes. */
async function startCleanup({ services, customerId, site, log }: Deletion): Promise<void> {
  try {
    const runAt = services.clock.now().toISOString();
    const scheduleId = scheduleIdOf(site.id);
    await services.queues.send(scheduledRunQueue, { customerId, scheduleId, runAt });
  } catch (error) {
    log.error('site.cleanup-not-started', error, { customerId, siteId: site.id });
  }
}

/** Removes what is left of a deleted site, and then itself. */
export function siteCleanup(dependents: readonly SiteDependent[]): ScheduleKind {
  return {
    name: CLEANUP,
    async run(services, { customerId, scheduleId }) {
      const siteId = scheduleId.slice(scheduleIdOf('').length);
      const control = services.database.control(customerId);
      const deleted = await control.read(deletedSiteType, siteId);
      for (const dependent of dependents) await dependent.cleanUp?.(services, { customerId, siteId });
      for (const secretId of deleted?.secretIds ?? []) await services.secrets.remove(secretId);
      await control.remove(deletedSiteType, siteId);
      await control.remove(scheduleType, scheduleId);
    },
  };
}
