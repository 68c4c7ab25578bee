/** The template of a site: the plan that it was made of, without secrets, and what tells it from others. */
import type { SitePlan } from '../../arm-templates/plan/site-plan';
import type { TemplateContext } from '../../arm-templates/template/parameters';
import { documentType } from '../../shared/cosmos/document-type';
import { sha256Hex } from '../../shared/ids';
import type { Services } from '../../shared/services';

/** What the set-up of the site compares its resourceInfo.json with. */
export interface SiteTemplateRecord {
  /** The site's id. */
  id: string;
  plan: SitePlan;
  suffix: string;
  planFingerprint: string;
  createdAt: string;
}

export const siteTemplateType = documentType<SiteTemplateRecord>('site-template', { ttlSeconds: 'never' });

const SUFFIX_LENGTH = 7;
const FINGERPRINT_LENGTH = 16;

/** What the template is told. The same plan of the same site gives the same, so that its package has the same bytes. */
export function templateContext(
  { config }: Pick<Services, 'config'>,
  site: { customerId: string; siteId: string },
  plan: SitePlan,
): TemplateContext {
  const planFingerprint = sha256Hex(JSON.stringify(plan)).slice(0, FINGERPRINT_LENGTH);
  const hash = BigInt(`0x${sha256Hex(JSON.stringify([site.siteId, planFingerprint]))}`);
  return {
    ...site,
    serviceUrl: config.publicUrl,
    cloudClientPackageUrl: config.deployment.cloudClientPackageUrl,
    planFingerprint,
    suffix: hash.toString(36).slice(-SUFFIX_LENGTH),
  };
}
