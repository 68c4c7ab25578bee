/** Lists the recordings of a session that an administrator may see. */
import type { Stored } from '../../../shared/cosmos/document-type';
import type { Administrator } from '../../../shared/identity/caller';
import type { Services } from '../../../shared/services';
import { sessionPartition } from '../../sessions';
import { readAccessToSite } from '../access/read-access';
import { playableCondition } from '../access/recording-access';
import { type Recording, recordingType } from '../recording';

/** More parts than a session has: each takes an hour, and a session 31 days at most. */
export const MAX_PARTS = 1_000;

/** In order of their parts, without those that are being deleted. */
export async function listRecordingsOfSession(
  services: Pick<Services, 'database'>,
  caller: Administrator,
  { sessionId, siteId }: Pick<Recording, 'sessionId' | 'siteId'>,
  page: { limit: number; after: string | undefined },
): Promise<Stored<Recording>[]> {
  const access = await readAccessToSite(services, caller, siteId);
  const conditions = [
    { where: "c.sessionId = @sessionId AND c.state != 'deleting'", parameters: { sessionId } },
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
