/** Version gates of a site: they look at the lowest version of its servers (SRV-6). */
import {
  featureNotSupported,
  type FeatureNotice,
  type KnownVersions,
  missingFeature,
} from '../../shared/feature-gate';
import { compareVersions, type Feature, parseVersion } from '../../shared/pure/versions';
import type { Services } from '../../shared/services';
import type { Server } from './server';

type Reading = Pick<Services, 'database'>;

/**
 * Those of the features that a site lacks, in their order; none for a site without servers of a known version. Settings
 * and reads of the site use it: their notice is one of these.
 */
export async function missingFeatures(
  services: Reading,
  customerId: string,
  siteId: string,
  features: readonly Feature[],
): Promise<FeatureNotice[]> {
  if (features.length === 0) return [];
  const lowest = await lowestVersions(services, customerId, siteId);
  return features.map((feature) => missingFeature(feature, lowest)).filter((notice) => notice !== undefined);
}

/** @throws Problem `feature-not-supported` with the first of the features that the site lacks */
export async function requireFeatures(
  services: Reading,
  customerId: string,
  siteId: string,
  features: readonly Feature[],
): Promise<void> {
  const [first] = await missingFeatures(services, customerId, siteId, features);
  if (first) throw featureNotSupported(first);
}

/** The lowest known versions among the servers of a site that are neither removed nor uninstalled. */
async function lowestVersions(
  { database }: Reading,
  customerId: string,
  siteId: string,
): Promise<KnownVersions> {
  const servers = await database
    .control(customerId)
    .query<Pick<Server, 'serverVersion' | 'clientVersion'>>(
      `SELECT c.serverVersion, c.clientVersion FROM c WHERE c.type = 'server' AND c.siteId = @siteId AND c.status NOT IN ('deleted', 'uninstalled')`,
      [{ name: '@siteId', value: siteId }],
    );
  return {
    server: lowest(servers.map(({ serverVersion }) => serverVersion)),
    client: lowest(servers.map(({ clientVersion }) => clientVersion)),
  };
}

function lowest(texts: readonly (string | undefined)[]): string | undefined {
  const known = texts.flatMap((text) => {
    const version = text === undefined ? undefined : parseVersion(text);
    return version && text !== undefined ? [{ text, version }] : [];
  });
  return known.toSorted((a, b) => compareVersions(a.version, b.version))[0]?.text;
}
