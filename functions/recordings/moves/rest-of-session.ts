/** What is left of a session once its last recording was deleted. */
import type { Services } from '../../../shared/services';
import { emptySession, sessionPartition } from '../../sessions';
import { recordingType } from '../recording';

/** Removes it, where the session has no recording any more; returns whether that is so. Idempotent. */
export async function removeRestOfSession(
  services: Pick<Services, 'database' | 'blobs'>,
  ref: { customerId: string; sessionId: string },
): Promise<boolean> {
  const { customerId, sessionId } = ref;
  return emptySession(services, ref, async () => {
    const partition = await sessionPartition(services, customerId, sessionId);
    const query = { where: 'c.sessionId = @sessionId', parameters: { sessionId }, limit: 1 };
    return (await partition.list(recordingType, query)).length === 0;
  });
}
