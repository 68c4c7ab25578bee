/** What is known of a recording beyond its events as such: kept once it has ended, computed for each request while it is live. */
import { documentType, type Stored } from '../../../shared/cosmos/document-type';
import type { ReadSessionResponses } from '../../../shared/events/session-responses';
import type { Services } from '../../../shared/services';
import { findSiteSettings, idlePeriods } from '../../sites';
import { listComments } from '../comments/comment-store';
import { IdlePeriodCollector } from '../idle/idle-periods';
import type { Recording } from '../recording';
import { type EventFields, EventFieldsCollector } from '../search/event-fields';
import { spanOf, visitEvents } from '../statistics/read-events';
import { isWithin, type RecordedSpan } from '../statistics/recorded-span';
import { type Analysis, RecordingAnalysis } from './analysis';
import { addTotals, MomentCollector, type MomentTotals } from './moment';
import { programCounts } from './program-history';
import { momentOfComment, momentOfResponse } from './score';

/** Responses and the history of programs are kept for 90 days only, a recording longer: their part stays with it. */
interface RecordingInsights {
  /** The recording's id. */
  id: string;
  analysis: Analysis;
  responses: ResponseTotals;
  /** RFC 3339 UTC. */
  computedAt: string;
  /** When the events of the analysis were read (RFC 3339 UTC); absent where an earlier version did that. */
  eventsReadAt?: string | undefined;
}

export const recordingInsightsType = documentType<RecordingInsights>('recording-insights', {
  ttlSeconds: 'never',
});

export interface ResponseTotals {
  totals: MomentTotals;
  /** Events that got a response. */
  responseCount: number;
  /** Those of which a mail was sent, or is to be sent. */
  alertCount: number;
}

export interface Insights {
  analysis: Analysis;
  responses: ResponseTotals;
  /** Of events, responses and severe comments. */
  totals: MomentTotals;
  eventsReadAt?: string | undefined;
  /** What searches know of the events, where they have been read for the analysis just now. */
  eventFields?: Required<EventFields> | undefined;
  stored?: Stored<RecordingInsights> | undefined;
}

type Reading = Pick<Services, 'database' | 'blobs' | 'clock'>;

interface Reader {
  services: Reading;
  customerId: string;
  recording: Recording;
  readResponses: ReadSessionResponses;
  signal?: AbortSignal | undefined;
}

/** What is known of a recording now. @param eventsChanged events came after what is kept of it */
export async function readInsights(reader: Reader, eventsChanged = false): Promise<Insights> {
  const { services, customerId, recording } = reader;
  const stored = await findInsights(services, customerId, recording);
  const span = await spanOf(services, customerId, recording);
  const analysed = stored && !eventsChanged ? stored : await analyse(reader, span);
  const { analysis, eventsReadAt } = analysed;
  const eventFields = 'eventFields' in analysed ? analysed.eventFields : undefined;
  const current = await readResponseTotals(reader, span);
  const responses = stored ? moreOf(stored.responses, current) : current;
  const comments = await commentTotals(reader);
  const totals = addTotals([analysis.totals, responses.totals, comments]);
  return { analysis, responses, totals, eventsReadAt, eventFields, stored };
}

/**
 * Keeps what is known of a recording that has ended; what was kept before stays, but for responses that came later.
 * @throws DocumentExists, DocumentStale or DocumentGone when what was kept has changed since `readInsights`
 */
export async function keepInsights(
  { services, customerId, recording }: Reader,
  { analysis, responses, eventsReadAt, stored }: Insights,
): Promise<void> {
  const { id, sessionId } = recording;
  const computedAt = services.clock.now().toISOString();
  const partition = services.database.sessionData(customerId, sessionId);
  const kept = { id, analysis, responses, computedAt, eventsReadAt };
  if (stored) await partition.replace(recordingInsightsType, { ...stored, ...kept });
  else await partition.create(recordingInsightsType, kept);
}

async function findInsights({ database }: Reading, customerId: string, { id, sessionId }: Recording) {
  return database.sessionData(customerId, sessionId).read(recordingInsightsType, id);
}

async function analyse({ services, customerId, recording, signal }: Reader, span: RecordedSpan) {
  const eventsReadAt = services.clock.now().toISOString();
  const counts = await programCounts(services, customerId, recording);
  const analysis = new RecordingAnalysis(span, await idleCollector(services, customerId, recording, span));
  const fields = new EventFieldsCollector();
  for await (const visit of visitEvents(services, customerId, recording, span, signal)) {
    analysis.add(visit);
    if (visit.isWithin) fields.add(visit.event);
  }
  return { analysis: analysis.result(counts), eventsReadAt, eventFields: fields.result() };
}

/** With the limits of the site, as idle periods are highlighted; undefined where the site does not want them. */
async function idleCollector(
  services: Reading,
  customerId: string,
  { siteId, startedAt }: Recording,
  { start, end }: RecordedSpan,
): Promise<IdlePeriodCollector | undefined> {
  const settings = await findSiteSettings(services, customerId, siteId);
  const { enabled, thresholdSeconds } = settings?.idlePeriods ?? idlePeriods.parse({});
  return enabled ? new IdlePeriodCollector(startedAt, (end - start) / 1000, thresholdSeconds) : undefined;
}

async function readResponseTotals(
  { services, customerId, recording, readResponses, signal }: Reader,
  span: RecordedSpan,
): Promise<ResponseTotals> {
  const { siteId, sessionId } = recording;
  const session = { customerId, siteId, sessionId, from: new Date(span.start).toISOString() };
  const collector = new MomentCollector();
  let responseCount = 0;
  let alertCount = 0;
  for await (const response of readResponses(services, session)) {
    signal?.throwIfAborted();
    const moment = momentOfResponse(response);
    if (!moment || !isWithin(span, Date.parse(response.eventTime))) continue;
    collector.add(moment);
    responseCount++;
    if (response.actions.some(({ kind, state }) => kind === 'sendEmail' && !UNSENT.has(state))) alertCount++;
  }
  return { totals: collector.result(), responseCount, alertCount };
}

/** States of mails that are not sent. */
const UNSENT: ReadonlySet<string> = new Set(['skipped', 'failed']);

/** Responses expire, and late ones are added: those that count more are the more complete ones. */
function moreOf(stored: ResponseTotals, current: ResponseTotals): ResponseTotals {
  return current.responseCount >= stored.responseCount ? current : stored;
}

async function commentTotals({ services, customerId, recording }: Reader): Promise<MomentTotals> {
  const collector = new MomentCollector();
  const start = Date.parse(recording.startedAt);
  const severe = await listComments(services, customerId, recording, { severity: 'severe' });
  for (const comment of severe) {
    const time = new Date(start + comment.positionSeconds * 1000).toISOString();
    collector.add(momentOfComment(time, comment));
  }
  return collector.result();
}
