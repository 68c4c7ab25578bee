/** Versions and releases of recording servers and cloud clients, and which of them a feature needs (SRV-6). */

/** Four numeric parts, most significant first. */
export type Version = readonly [number, number, number, number];

/** The oldest version that has a feature: of the recording server (a release), or of its cloud client. */
export interface FeatureRequirement {
  readonly server?: string;
  readonly client?: string;
  /** The feature in a sentence: "This needs …". */
  readonly label: string;
}

/** Features that need a minimum version. */
export const FEATURES = {
  administratorLogging: { server: '2204', label: 'administrator logging data' },
  sessionOperations: { server: '2206', label: 'locking, logging off and disconnecting sessions' },
  accessRestrictions: { server: '2209', label: 'access restrictions' },
  playbackJustification: { server: '2212', label: 'playback justification' },
  lossyRecording: { server: '2308', label: 'lossy screen recording' },
  audioRecording: { server: '2308', label: 'audio recording' },
  playerChoice: { server: '2308', label: 'the choice of players' },
  fastSeek: { server: '2308', label: 'fast seek' },
  entraJoin: { server: '2402', label: 'servers that join Microsoft Entra ID without Active Directory' },
  entraIdentities: { server: '2402', label: 'Microsoft Entra identities' },
  smartAccessTags: { server: '2402', label: 'smart-access filters' },
  recordingSuccessRate: { client: '7.42.15010.4', label: 'the recording success rate' },
  singlePort: { client: '7.40.13020.11', label: 'a single port, 443' },
  noCustomDomain: { client: '7.37.9010.3', label: 'installation without a custom domain' },
  selfRepair: { client: '7.38.10030.16', label: 'the self-repairing daemon' },
} as const satisfies Record<string, FeatureRequirement>;

export type Feature = keyof typeof FEATURES;

/**
 * Reads `23.8.0.1`, `23.08` (leading zeros are ignored) or a release name `2308`. Returns undefined for anything else.
 */
export function parseVersion(text: string): Version | undefined {
  const release = /^(\d{2})(\d{2})$/.exec(text);
  if (release) return [Number(release[1]), Number(release[2]), 0, 0];
  if (!/^\d{1,9}(\.\d{1,9}){1,3}$/.test(text)) return undefined;
  const [major = 0, minor = 0, build = 0, revision = 0] = text.split('.').map(Number);
  return [major, minor, build, revision];
}

/** Negative when `a` is older than `b`, 0 when equal, positive when newer; compares numbers, never text. */
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

/** Year and month of a release have two digits at most. */
const MAX_YEAR_OR_MONTH = 99;

/** Reads the version of a recording server; undefined for anything that is not one. */
export function parseServerVersion(text: string): Version | undefined {
  const version = parseVersion(text);
  const [year = 0, month = 0] = version ?? [];
  return year <= MAX_YEAR_OR_MONTH && month <= MAX_YEAR_OR_MONTH ? version : undefined;
}

/** 1912 LTSR, and 2203 and later, can connect; releases between them are refused. */
export function canServerConnect(version: Version): boolean {
  const release = Number(releaseName(version));
  return release === 1912 || release >= 2203;
}

/** Whether a server (or its cloud client, where the feature depends on it) has a feature; false for unknown versions. */
export function supports(
  feature: Feature,
  found: { server?: string | undefined; client?: string | undefined },
): boolean {
  const { server, client }: FeatureRequirement = FEATURES[feature];
  const text = server ? found.server : found.client;
  const version = text === undefined ? undefined : parseVersion(text);
  const minimum = parseVersion(server ?? client ?? '');
  return version !== undefined && minimum !== undefined && compareVersions(version, minimum) >= 0;
}
