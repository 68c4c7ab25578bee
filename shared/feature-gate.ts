/** Version gates: what an operation answers when a recording server or its cloud client is too old (SRV-6). */
import { z } from 'zod';
import { Problem } from './problem';
import { type Feature, FEATURES, type FeatureRequirement, supports } from './pure/versions';

/** What reads answer beside an empty `value`, and changes as members of the problem. */
export const featureNotice = z
  .object({
    feature: z.enum(Object.keys(FEATURES) as [Feature, ...Feature[]]),
    found: z.string().nullable().describe('The oldest version of the site; null where none is known'),
    needed: z.string().describe('Version from which the server, or its cloud client, has the feature'),
  })
  .meta({ id: 'FeatureNotice', description: 'The feature that is missing, and the versions' });
export type FeatureNotice = z.output<typeof featureNotice>;

/** Known versions of a server, or the lowest ones of a site. */
export interface KnownVersions {
  server?: string | undefined;
  client?: string | undefined;
}

/** What lacks for a feature; undefined when the versions have it, and when the one that it depends on is not known. */
export function missingFeature(feature: Feature, versions: KnownVersions): FeatureNotice | undefined {
  const { server, client }: FeatureRequirement = FEATURES[feature];
  const found = server ? versions.server : versions.client;
  if (found === undefined || supports(feature, versions)) return undefined;
  return { feature, found, needed: server ?? client ?? '' };
}

/** A 409 with the feature, the version found and the version required. */
export function featureNotSupported(notice: FeatureNotice): Problem {
  const { feature, found, needed } = notice;
  const { server, label }: FeatureRequirement = FEATURES[feature];
  const component = server ? 'server' : 'cloud client';
  return new Problem(
    'feature-not-supported',
    `This needs ${label}, which a ${component} has from version ${needed}; the oldest one of the site has ${found ?? 'no known version'}. Upgrade it first.`,
    { extensions: { ...notice } },
  );
}

/** The answer of a read that needs a newer version: an empty page with the notice, or undefined when nothing is missing. */
export function emptyPage(
  missing: FeatureNotice | undefined,
): { value: []; notice: FeatureNotice } | undefined {
  return missing && { value: [], notice: missing };
}
