/** What other capabilities may use of sites. */
export { databaseIdentity, databaseKey, earlierDatabaseKey, isLocalInstance } from './database-identity';
export { siteOperations } from './operations';
export { playbackPermissionsOfSite } from './playback-permissions/permissions-of-site';
export { playbackPermissionOf, playbackPermissionsOf } from './playback-permissions/store';
export { siteCreation, siteNameFor } from './create-site';
export { siteDependentOperations } from './dependent-operations';
export { deleteSite, siteCleanup } from './delete-site';
export { databaseClaim, deploymentChange, hasDatabase, serverJoins, type Site } from './site';
export { idlePeriods, type SiteSettings, effectiveEmailThreshold } from './site-settings';
export { serverFolder } from './server-folder';
export { maintenanceRules, type StorageMaintenance, storageMaintenance } from './storage-maintenance';
export { smtpAccountOf } from './smtp-account';
export { findSite, findSiteOfDatabase, findSiteSettings } from './store';
