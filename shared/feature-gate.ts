/** The problem response of an operation that needs a newer recording server or cloud client (SRV-6). */
import { Problem } from './problem';
import { type Feature, FEATURES, type FeatureRequirement } from './pure/versions';

/**
 * A 409 with the feature, the version found and the version required.
 * @param found the oldest version of the site; undefined where none is known
 */
export function featureNotSupported(feature: Feature, found: string | undefined): Problem {
  const { server, client, label }: FeatureRequirement = FEATURES[feature];
  const needed = server ?? client ?? '';
  const component = server ? 'server' : 'cloud client';
  return new Problem(
    'feature-not-supported',
    `This needs ${label}, which a ${component} has from version ${needed}; the oldest one of the site has ${found ?? 'no known version'}. Upgrade it first.`,
    { extensions: { feature, found: found ?? null, needed } },
  );
}
