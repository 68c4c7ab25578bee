/** What other capabilities may use of sites. */
export { siteOperations } from './operations';
export { siteCreation } from './create-site';
export { databaseIdentity, databaseKey, databaseReservationType, siteType } from './site';
export { type SiteSettings, effectiveEmailThreshold } from './site-settings';
export { findSite, findSiteSettings } from './store';
