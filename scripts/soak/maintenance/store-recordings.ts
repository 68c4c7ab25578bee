/** Stores very many recordings of the past year, as the service would have: documents in the database, files in Blob. */
import { recordingType } from '../../../functions/recordings/recording';
import { sessionType } from '../../../functions/sessions/session';
import { Random } from '../../../infra/local/stand-in-support/random';
import { change } from '../../../shared/cosmos/partition';
import { monthOf, newId } from '../../../shared/ids';
import { openMonth, sessionMonthKey } from '../../../shared/months/customer-months';
import { mapConcurrently } from '../../../shared/pure/map-concurrently';
import type { Services } from '../../../shared/services';
import { line } from '../../demo/print';
import { storedRecording, storedSession } from '../../../tests/support/stored-recordings';
import type { SeededSite } from './archived-site';

const DAY = 86_400_000;
const PARTS_OF_A_SESSION = 5;
const CONCURRENT = 8;
/** Progress is printed after so many sessions. */
const SESSIONS_OF_A_LINE = 2_000;

/** Sessions of 60 to 425 days ago, five parts each; returns the ids of the recordings. */
export async function storeRecordings(
  services: Services,
  { customerId, siteId }: Pick<SeededSite, 'customerId' | 'siteId'>,
  { seed, recordings }: { seed: number; recordings: number },
): Promise<string[]> {
  const random = new Random(seed);
  const place = { customerId, siteId, serverId: newId() };
  const now = Date.now();
  const count = Math.ceil(recordings / PARTS_OF_A_SESSION);
  const ages = Array.from({ length: count }, () => 60 * DAY + random.below(365 * DAY));
  const starts = ages.map((age) => new Date(now - age));
  for (const month of new Set(starts.map(monthOf))) await openMonth(services, customerId, month);
  let stored = 0;
  const ids = await mapConcurrently(starts, CONCURRENT, async (startedAt) => {
    const session = storedSession(place, startedAt);
    const parts = Array.from({ length: PARTS_OF_A_SESSION }, (_, part) => {
      const content = Buffer.from(`${session.id} ${part}`);
      return { content, recording: storedRecording(session, part + 1, { sizeBytes: content.length }) };
    });
    for (const { content, recording } of parts)
      await services.blobs.putOnce('recordings', recording.blobName, content, 'video/webm');
    const key = await sessionMonthKey(services, customerId, session.id);
    await services.database
      .recordings(customerId, key)
      .commit([
        change.create(sessionType, session),
        ...parts.map(({ recording }) => change.create(recordingType, recording)),
      ]);
    if (++stored % SESSIONS_OF_A_LINE === 0) line(`${stored} of ${count} sessions are stored`);
    return parts.map(({ recording }) => recording.id);
  });
  return ids.flat();
}
