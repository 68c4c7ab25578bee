/** The record of a site's template: its plan without secrets, and its identifiers. */
import type { SitePlan } from '../../arm-templates/plan/site-plan';
import type { TemplateContext } from '../../arm-templates/template/parameters';
import { documentType } from '../../shared/cosmos/document-type';
import { sha256Hex } from '../../shared/ids';
import { Problem } from '../../shared/problem';
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

export const siteTemplateType = documentType<SiteTemplateRecord>('site-template', {
  ttlSeconds: 'never',
  schemaVersion: 2,
  upgrade: withNewOptions,
});

/** Plans of version 1 had no choice of DNS zones, placement and licence: what was deployed are the defaults of now. */
function withNewOptions(stored: unknown): SiteTemplateRecord {
  const record = stored as SiteTemplateRecord;
  const { network, machines, databases } = record.plan;
  const { compute } = databases;
  return {
    ...record,
    plan: {
      ...record.plan,
      network: { ...network, privateDnsZones: { use: 'create' } },
      machines: { ...machines, placement: 'availabilitySet' },
      databases: {
        ...databases,
        compute: compute.tier === 'provisioned' ? { ...compute, licence: 'payAsYouGo' } : compute,
      },
    },
  };
}

const SUFFIX_LENGTH = 7;
const FINGERPRINT_LENGTH = 16;

/**
 * The template's input beside the plan: deterministic, so that the same plan of a site gives the same package. Names
 * follow the site alone, so that a changed plan updates what was deployed.
 * @param suffix of the names of an earlier template of the site, which keeps them
 * @throws Problem `conflict` when the service has no installer to offer
 */
export function templateContext(
  { config }: Pick<Services, 'config'>,
  site: { customerId: string; siteId: string },
  plan: SitePlan,
  suffix?: string,
): TemplateContext {
  const { cloudClientPackageUrl, cloudClientPackageSha256 } = config.deployment;
  if (cloudClientPackageUrl === undefined)
    throw new Problem(
      'conflict',
      'This service has no installer of the cloud client for the machines: its operator sets CLOUD_CLIENT_PACKAGE_URL.',
    );
  const planFingerprint = sha256Hex(JSON.stringify(plan)).slice(0, FINGERPRINT_LENGTH);
  const hash = BigInt(`0x${sha256Hex(JSON.stringify([site.siteId]))}`);
  return {
    ...site,
    serviceUrl: config.publicUrl,
    cloudClientPackageUrl,
    cloudClientPackageSha256,
    planFingerprint,
    suffix: suffix ?? hash.toString(36).slice(-SUFFIX_LENGTH),
  };
}
