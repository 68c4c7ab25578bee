/** Takes up what was left lying: actions whose message or worker was lost. */
import type { Services } from '../../shared/services';
import { DocumentGone, DocumentStale } from '../../shared/cosmos/errors';
import type { Log } from '../../shared/telemetry/telemetry';
import { sendActions } from './action-queue';
import { resend } from './action-state';
import { eventResponseType } from './event-response';

/** Of one run; the next one goes on. */
const MAX_RESPONSES = 2_000;

type Resuming = Pick<Services, 'database' | 'queues' | 'clock'>;

interface Due {
  customerId: string;
  siteId: string;
  month: string;
  id: string;
}

/** Sends the actions again of all responses that are due. */
export async function resumeResponses(services: Resuming, log: Log): Promise<void> {
  const due = services.database.sweep<Due>(
    'responses',
    `SELECT c.customerId, c.siteId, c.month, c.id FROM c WHERE c.type = 'response' AND c.dueAt <= @now`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  let resumed = 0;
  for await (const found of due) {
    if (resumed++ === MAX_RESPONSES) break;
    const eventId = found.id.slice(`${eventResponseType.name}:`.length);
    try {
      await resume(services, found, eventId);
    } catch (error) {
      log.error('response.not-resumed', error, { eventId, siteId: found.siteId });
    }
  }
  if (resumed > 0) log.info('responses.resumed', { resumed });
}

async function resume(services: Resuming, { customerId, siteId, month }: Due, eventId: string) {
  const partition = services.database.responses(customerId, siteId, month);
  const response = await partition.read(eventResponseType, eventId);
  if (!response) return;
  const again = resend(response, services.clock.now());
  await sendActions(services, customerId, response, again.kinds);
  try {
    await partition.replace(eventResponseType, { ...again.response, etag: response.etag });
  } catch (error) {
    // Somebody took it up meanwhile, and said when to look again.
    if (!(error instanceof DocumentStale || error instanceof DocumentGone)) throw error;
  }
}
