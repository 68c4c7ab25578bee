/** The record of a site's template: its plan without secrets, and its identifiers. */
import type { SitePlan } from '../../arm-templates/plan/site-plan';
import type { TemplateContext } from '../../arm-templates/template/parameters';
import { documentType } from '../../shared/cosmos/document-type';
import { sha256Hex } from '../../shared/ids';
import type { Services } from '../../shared/services';

/** The set-up of the site compares resourceInfo.json with it. */
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

/** The template's input beside the plan: deterministic, so that the same plan of a site gives the same package. */
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
