/** What other capabilities may use of sites. */
export { siteOperations } from './operations';
export { playbackPermissionsOfSite } from './playback-permissions/permissions-of-site';
export { playbackPermissionOf, playbackPermissionsOf } from './playback-permissions/store';
export { siteCreation, siteNameFor } from './create-site';
export { siteDependentOperations } from './dependent-operations';
export { deleteSite, siteCleanup } from './delete-site';
export {
  databaseClaim,
  databaseIdentity,
  deploymentChange,
  isSameDatabase,
  serverJoins,
  type Site,
} from './site';
export { idlePeriods, type SiteSettings, effectiveEmailThreshold } from './site-settings';
export { maintenanceRules, type StorageMaintenance, storageMaintenance } from './storage-maintenance';
export { smtpAccountOf } from './smtp-account';
export { findSite, findSiteOfDatabase, findSiteSettings } from './store';
