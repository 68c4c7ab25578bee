/** The links of an alert mail to the player that the site uses. Pure. */
import type { SiteSettings } from '../sites';

/** Links of a mail, or why it has none. */
export type PlaybackLinks =
  | {
      /** Absent when the session has no recording. */
      readonly recordingUrl: string | undefined;
      readonly allRecordingsUrl: string;
    }
  | { readonly whyNone: string };

const WHY_NONE =
  'no link: the cloud player of the site is off, and no link host leads to its on-premises players';

/**
 * Links to the on-premises player where the site names its address and has those players on, else to the player of this
 * service where the site has that on.
 * @param recording id of the recording, undefined when there is none
 */
export function playbackLinks(
  publicUrl: string,
  { players, linkHost }: Pick<SiteSettings, 'players' | 'linkHost'>,
  recording: string | undefined,
): PlaybackLinks {
  const under = (base: string, route: string): PlaybackLinks => ({
    recordingUrl: recording === undefined ? undefined : `${base}${route}${recording}`,
    allRecordingsUrl: base,
  });
  if (players.onPremises && linkHost !== undefined)
    return under(`${linkHost.replace(/\/+$/, '')}/webplayer/`, '#/player/');
  return players.cloud ? under(`${publicUrl}/player/`, '') : { whyNone: WHY_NONE };
}
