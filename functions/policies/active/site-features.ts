/** What the recording servers of a site are too old for (SRV-6), and what else keeps a policy from doing what it says. */
import type { Services } from '../../../shared/services';
import { type Feature, featureNotSupported, supports } from '../../../shared/versions';
import { lowestServerVersion } from '../../servers';
import { findSiteSettings } from '../../sites';
import type { Policy, ResponsePolicy } from '../engine';
import { usedFeatures } from './used-features';

type Reading = Pick<Services, 'database'>;
type Rules = Pick<Policy, 'kind' | 'rules'>;

/** @throws Problem `feature-not-supported` when a server of the site is too old for what the policy uses */
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

/** For whoever saves a policy: it is saved all the same, since it may be meant for later (RSP-1). */
export async function warningsOf(
  services: Reading,
  customerId: string,
  siteId: string,
  policy: Rules,
): Promise<string[]> {
  const { missing, found } = await missingFeatures(services, customerId, siteId, policy);
  const mails = policy.kind === 'eventResponse' && sendsMail(policy as ResponsePolicy);
  const settings = mails ? await findSiteSettings(services, customerId, siteId) : undefined;
  return [
    ...(mails && !settings?.emailAlerts
      ? ['The site has no SMTP server for e-mail alerts: mails are skipped until its settings name one.']
      : []),
    ...missing.map((feature) => `It cannot be active yet. ${featureNotSupported(feature, found).detail}`),
  ];
}

/** A site without servers is too old for nothing. */
async function missingFeatures(
  services: Reading,
  customerId: string,
  siteId: string,
  policy: Rules,
): Promise<{ missing: Feature[]; found: string | undefined }> {
  const needed = usedFeatures(policy);
  const found = needed.length > 0 ? await lowestServerVersion(services, customerId, siteId) : undefined;
  const missing = needed.filter((feature) => found !== undefined && !supports(feature, { server: found }));
  return { missing, found };
}

function sendsMail({ rules }: Pick<ResponsePolicy, 'rules'>): boolean {
  return rules.some(({ triggers }) => triggers.some(({ actions }) => actions.includes('sendEmail')));
}
