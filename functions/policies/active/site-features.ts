/** Whether a policy can take full effect at a site: features that its servers lack (SRV-6), missing settings. */
import type { Services } from '../../../shared/services';
import { featureNotSupported } from '../../../shared/feature-gate';
import { type Feature, supports } from '../../../shared/pure/versions';
import { lowestServerVersion } from '../../servers';
import { findSiteSettings } from '../../sites';
import type { Policy, ResponsePolicy } from '../engine';
import { usedFeatures } from './used-features';

type Reading = Pick<Services, 'database'>;
type Rules = Pick<Policy, 'kind' | 'rules'>;

/** @throws Problem `feature-not-supported` when a server of the site is too old for a feature that the policy uses */
export async function requireFeatures(
  services: Reading,
  customerId: string,
  siteId: string,
  policy: Rules,
): Promise<void> {
  const { missing, found } = await missingFeatures(services, customerId, siteId, policy);
  const [first] = missing;
  if (first) throw featureNotSupported(first, found);
}

/** Warnings for the administrator who saves a policy: they do not prevent saving, since it may be for later use (RSP-1). */
export async function warningsOf(
  services: Reading,
  customerId: string,
  siteId: string,
  policy: Rules,
): Promise<string[]> {
  const { missing, found } = await missingFeatures(services, customerId, siteId, policy);
  const sendsEmail = policy.kind === 'eventResponse' && hasEmailAction(policy as ResponsePolicy);
  const settings = sendsEmail ? await findSiteSettings(services, customerId, siteId) : undefined;
  return [
    ...(sendsEmail && !settings?.emailAlerts
      ? [
          'The site has no SMTP server for e-mail alerts: e-mails are skipped until one is configured in its settings.',
        ]
      : []),
    ...missing.map(
      (feature) => `The policy cannot be activated yet. ${featureNotSupported(feature, found).detail}`,
    ),
  ];
}

/** A site without servers lacks no features. */
async function missingFeatures(
  services: Reading,
  customerId: string,
  siteId: string,
  policy: Rules,
): Promise<{ missing: Feature[]; found: string | undefined }> {
  const used = usedFeatures(policy);
  const found = used.length > 0 ? await lowestServerVersion(services, customerId, siteId) : undefined;
  const missing = used.filter((feature) => found !== undefined && !supports(feature, { server: found }));
  return { missing, found };
}

function hasEmailAction({ rules }: Pick<ResponsePolicy, 'rules'>): boolean {
  return rules.some(({ triggers }) => triggers.some(({ actions }) => actions.includes('sendEmail')));
}
