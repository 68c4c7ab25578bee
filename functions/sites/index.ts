/** What other capabilities may use of sites. */
export { siteOperations } from './operations';
export { siteCreation, siteNameFor } from './create-site';
export { databaseIdentity, deploymentChange } from './site';
export { type SiteSettings, effectiveEmailThreshold } from './site-settings';
export { smtpAccountOf } from './smtp-account';
export { findSite, findSiteOfDatabase, findSiteSettings } from './store';
