/** Whether a policy can take full effect at a site: features that its servers lack (SRV-6), missing settings. */
import type { Services } from '../../../shared/services';
import { featureNotSupported } from '../../../shared/feature-gate';
import { missingFeatures, requireFeatures } from '../../servers';
import { findSiteSettings } from '../../sites';
import type { Policy, ResponsePolicy } from '../engine';
import { usedFeatures } from './used-features';

type Reading = Pick<Services, 'database'>;
type Rules = Pick<Policy, 'kind' | 'rules'>;

/** @throws Problem `feature-not-supported` when a server of the site is too old for a feature that the policy uses */
export async function requirePolicyFeatures(
  services: Reading,
  customerId: string,
  siteId: string,
  policy: Rules,
): Promise<void> {
  await requireFeatures(services, customerId, siteId, usedFeatures(policy));
}

/** Warnings for the administrator who saves a policy: they do not prevent saving, since it may be for later use (RSP-1). */
export async function warningsOf(
  services: Reading,
  customerId: string,
  siteId: string,
  policy: Rules,
): Promise<string[]> {
  const missing = await missingFeatures(services, customerId, siteId, usedFeatures(policy));
  const sendsEmail = policy.kind === 'eventResponse' && hasEmailAction(policy as ResponsePolicy);
  const settings = sendsEmail ? await findSiteSettings(services, customerId, siteId) : undefined;
  return [
    ...(sendsEmail && !settings?.emailAlerts
      ? [
          'The site has no SMTP server for e-mail alerts: e-mails are skipped until one is configured in its settings.',
        ]
      : []),
    ...missing.map((notice) => `The policy cannot be activated yet. ${featureNotSupported(notice).detail}`),
  ];
}

function hasEmailAction({ rules }: Pick<ResponsePolicy, 'rules'>): boolean {
  return rules.some(({ triggers }) => triggers.some(({ actions }) => actions.includes('sendEmail')));
}
