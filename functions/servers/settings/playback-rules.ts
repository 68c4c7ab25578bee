/** What the settings of a server say about playing what it has recorded (SET-2). */
import type { Services } from '../../../shared/services';
import { missingFeatures } from '../site-features';
import { DEFAULT_SETTINGS } from './server-settings';
import { isEffective } from './setting-rules';
import { findServerSettings } from './store';

export interface PlaybackRules {
  /** Recordings may be played while they are being made. */
  live: boolean;
  /** Whoever plays a recording has to say why. */
  requiresJustification: boolean;
}

/**
 * The rules for recordings of this server in this site. A justification is not asked for while the server's administrator
 * log is off, nor in a site with a server that is too old for justifications.
 */
export async function playbackRulesOf(
  services: Pick<Services, 'database'>,
  customerId: string,
  { siteId, serverId }: { siteId: string; serverId: string },
): Promise<PlaybackRules> {
  const settings = (await findServerSettings(services, customerId, serverId))?.settings ?? DEFAULT_SETTINGS;
  const { live } = settings.playback;
  if (!isEffective(settings, 'requireJustification')) return { live, requiresJustification: false };
  const missing = await missingFeatures(services, customerId, siteId, ['playbackJustification']);
  return { live, requiresJustification: missing.length === 0 };
}
