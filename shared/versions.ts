/** Which server or cloud client version a feature needs (SRV-6), and how versions compare. */
import { Problem } from './problem';

/** Four numeric parts, most significant first. */
export type Version = readonly [number, number, number, number];

/** Features that need a minimum version: of the recording server by release, or of its cloud client. */
export const FEATURES = {
  administratorLogging: { server: '2204', label: 'administrator logging data' },
  sessionOperations: { server: '2206', label: 'locking, logging off and disconnecting sessions' },
  accessRestrictions: { server: '2209', label: 'access restrictions' },
  playbackJustification: { server: '2212', label: 'playback justification' },
  lossyRecording: { server: '2308', label: 'lossy screen recording' },
  audioRecording: { server: '2308', label: 'audio recording' },
  playerChoice: { server: '2308', label: 'the choice of players' },
  fastSeek: { server: '2308', label: 'fast seek' },
  entraIdentities: { server: '2402', label: 'Microsoft Entra identities' },
  smartAccessTags: { server: '2402', label: 'smart-access filters' },
  recordingSuccessRate: { client: '7.42.15010.4', label: 'the recording success rate' },
  singlePort: { client: '7.40.13020.11', label: 'a single port, 443' },
  selfRepair: { client: '7.38.10030.16', label: 'the self-repairing daemon' },
} as const satisfies Record<string, { server?: string; client?: string; label: string }>;

export type Feature = keyof typeof FEATURES;

/**
 * Reads `23.8.0.1`, `23.08` (the year's and month's leading zeros do not count) or a release name `2308`.
 * Returns undefined for anything else.
 */
export function parseVersion(text: string): Version | undefined {
  const release = /^(\d{2})(\d{2})$/.exec(text);
  if (release) return [Number(release[1]), Number(release[2]), 0, 0];
  if (!/^\d{1,9}(\.\d{1,9}){1,3}$/.test(text)) return undefined;
  const [major = 0, minor = 0, build = 0, revision = 0] = text.split('.').map(Number);
  return [major, minor, build, revision];
}

/** Negative when `a` is older than `b`, 0 when equal, positive when newer; numbers, never text. */
export function compareVersions(a: Version, b: Version): number {
  for (let part = 0; part < 4; part++) {
    const difference = (a[part] ?? 0) - (b[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The release name of a server version: `23.5.0.0` is `2305`. */
export function releaseName(version: Version): string {
  return `${version[0]}${String(version[1]).padStart(2, '0')}`;
}

/** 1912 LTSR, and 2203 and later, may connect; what lies between them is refused. */
export function canServerConnect(version: Version): boolean {
  const release = Number(releaseName(version));
  return release === 1912 || release >= 2203;
}

/** Whether the version of a server (or of its cloud client, where the feature depends on it) is enough. */
export function supports(
  feature: Feature,
  found: { server?: string | undefined; client?: string | undefined },
): boolean {
  const needed: { server?: string; client?: string } = FEATURES[feature];
  const [text, minimum] = needed.server ? [found.server, needed.server] : [found.client, needed.client ?? ''];
  const version = text === undefined ? undefined : parseVersion(text);
  const least = parseVersion(minimum);
  return version !== undefined && least !== undefined && compareVersions(version, least) >= 0;
}

/** The 409 that a feature gate answers with: which feature, which version was found, which is needed. */
export function featureNotSupported(feature: Feature, found: string | undefined): Problem {
  const needs: { server?: string; client?: string; label: string } = FEATURES[feature];
  const needed = needs.server ?? needs.client ?? '';
  const part = needs.server ? 'server' : 'cloud client';
  return new Problem(
    'feature-not-supported',
    `This needs ${needs.label}, which a ${part} has from version ${needed}; the oldest one of the site has ${found ?? 'no known version'}. Upgrade it first.`,
    { extensions: { feature, found: found ?? null, needed } },
  );
}
