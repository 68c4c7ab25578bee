/** Removes the policies of a deleted site, their history and their content. */
import { change } from '../../shared/cosmos/partition';
import { nameRelease } from '../../shared/unique-names';
import type { Services } from '../../shared/services';
import type { SiteDependent, SiteRef } from '../../shared/sites/site-dependent';
import { activePointerType, policyType, savedVersionType } from './policy-documents';
import { policyNameScope } from './policy-names';
import { removePolicyBody } from './versions/policy-bodies';

const AT_ONCE = 50;

export const policiesOfSite: SiteDependent = {
  async cleanUp(services, site) {
    const control = services.database.control(site.customerId);
    await control.remove(activePointerType, site.siteId);
    for (;;) {
      const policies = await control.list(policyType, {
        where: 'c.siteId = @siteId',
        parameters: { siteId: site.siteId },
        limit: AT_ONCE,
      });
      for (const { id, kind, name } of policies) {
        await removeVersions(services, site, id);
        const scope = policyNameScope({ siteId: site.siteId, kind });
        await control.commit([
          change.remove(policyType, id),
          ...(await nameRelease(control, scope, { id, name })),
        ]);
      }
      if (policies.length < AT_ONCE) return;
    }
  },
};

/** The content first: the entry of a version leads to it. */
async function removeVersions(
  services: Pick<Services, 'database' | 'blobs'>,
  { customerId, siteId }: SiteRef,
  policyId: string,
): Promise<void> {
  const control = services.database.control(customerId);
  for (;;) {
    const versions = await control.list(savedVersionType, {
      where: 'c.policyId = @policyId',
      parameters: { policyId },
      limit: AT_ONCE,
    });
    for (const { id, version } of versions) {
      await removePolicyBody(services, customerId, siteId, { policyId, version });
      await control.remove(savedVersionType, id);
    }
    if (versions.length < AT_ONCE) return;
  }
}
