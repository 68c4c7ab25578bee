/** The capabilities that depend on sites: asked before a site is deleted, and for its summary. */
import type { SiteDependent } from '../shared/sites/site-dependent';
import { deploymentOfSite } from './deployment';
import { hostDeploymentsOfSite } from './host-deployments';
import { policiesOfSite } from './policies';
import { recordingsOfSite } from './recordings';
import { serversOfSite } from './servers';
import { sessionsOfSite } from './sessions';
import { playbackPermissionsOfSite } from './sites';

export const siteDependents: readonly SiteDependent[] = [
  serversOfSite,
  deploymentOfSite,
  hostDeploymentsOfSite,
  policiesOfSite,
  sessionsOfSite,
  recordingsOfSite,
  playbackPermissionsOfSite,
];
