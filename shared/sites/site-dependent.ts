/** What the operations of sites ask of the capabilities that depend on sites: an interface, so that sites know none of them. */
import type { Change } from '../cosmos/partition';
import type { Services } from '../services';
import type { SiteSummary } from './site-summary';

export interface SiteRef {
  customerId: string;
  siteId: string;
}

/** Why a site cannot be deleted. */
export interface DeletionBlocker {
  kind: 'servers' | 'recordings' | 'azureResources';
  /** A sentence with what to do. */
  detail: string;
}

/** What a change of settings makes of what others depend on. */
export interface SettingsToCheck {
  /** Absent where it stays as it is. */
  storageMaintenance?:
    | {
        enabled: boolean;
        time: string;
        timeZone?: string | undefined;
        archiveAfterDays?: number | undefined;
        deleteAfterDays?: number | undefined;
        /** Name of an archive location. */
        location?: string | undefined;
      }
    | undefined;
}

/** A capability that keeps something of a site. */
export interface SiteDependent {
  /** Why the site cannot be deleted now; empty when nothing of this capability prevents it. */
  deletionBlockers?(services: Services, site: SiteRef): Promise<DeletionBlocker[]>;
  /** Removes what is left of a deleted site. It may be called again: it must be idempotent. */
  cleanUp?(services: Services, site: SiteRef): Promise<void>;
  /** Refuses a change of the site's settings, before it is written. @throws Problem */
  checkSettings?(services: Services, site: SiteRef, next: SettingsToCheck): Promise<void>;
  /** What a change of the site's settings makes of its own documents in `control`: written in the same batch. */
  settingsChanges?(services: Services, site: SiteRef, next: SettingsToCheck): Promise<Change[]>;
  /** Its part of the site's summary. */
  summarize?(services: Services, site: SiteRef): Promise<Partial<SiteSummary>>;
}
