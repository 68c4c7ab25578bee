/** Lists the recordings of a session that an administrator may see. */
import type { Stored } from '../../../shared/cosmos/document-type';
import type { Administrator } from '../../../shared/identity/caller';
import type { Services } from '../../../shared/services';
import { sessionPartition } from '../../sessions';
import { readAccessToSite } from '../access/read-access';
import { playableCondition } from '../access/recording-access';
import { type Recording, recordingType } from '../recording';

/** In order of their parts. */
export async function listRecordingsOfSession(
  services: Pick<Services, 'database'>,
  caller: Administrator,
  { sessionId, siteId }: Pick<Recording, 'sessionId' | 'siteId'>,
  page: { limit: number; after: string | undefined },
): Promise<Stored<Recording>[]> {
  const access = await readAccessToSite(services, caller, siteId);
  const conditions = [
    { where: 'c.sessionId = @sessionId', parameters: { sessionId } },
    ...(access.restricted ? [] : [{ where: 'NOT IS_DEFINED(c.restrictedAt)', parameters: {} }]),
    ...playableCondition(access, [siteId]),
  ];
  const partition = await sessionPartition(services, caller.customerId, sessionId);
  return partition.list(recordingType, {
    ...page,
    where: conditions.map(({ where }) => where).join(' AND '),
    parameters: Object.assign({}, ...conditions.map(({ parameters }) => parameters)) as Record<
      string,
      string
    >,
  });
}
