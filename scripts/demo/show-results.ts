/** Waits for the results of asynchronous work of the service, and shows them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AdministratorApi } from './administrator';
import { line, table } from './print';

/** No change for this long means that everything has arrived. */
const QUIET_MS = 3_000;
const TIMEOUT_MS = 40_000;
const LISTED_MAILS = 8;

interface Response {
  eventId: string;
  eventType: string;
  ruleName: string;
  actions: { kind: string; state: string; reason?: string; finishedAt?: string }[];
}

interface Mail {
  receivedAt: string;
  to: string[];
  subject: string;
}

/** Shows which rules fired and the outcome of their actions, once all have ended. */
export async function showResponses(api: AdministratorApi, siteId: string): Promise<void> {
  const responses = await waitUntilStable(async () => {
    const found = await api.list<Response>(`/sites/${siteId}/responses?top=200`);
    const open = found.flatMap(({ actions }) => actions).filter(({ finishedAt }) => finishedAt === undefined);
    return { value: found, open: open.length, size: found.length };
  }, 'the responses did not finish');
  const fired = countBy(responses.map(({ ruleName, eventType }) => `${ruleName}\t${eventType}`));
  table(
    ['rule that fired', 'event type', 'events'],
    fired.map(([key, count]) => [...key.split('\t'), count]),
  );
  const outcomes = countBy(
    responses.flatMap(({ actions }) =>
      actions.map(({ kind, state, reason }) => `${kind}\t${state}\t${reason ?? ''}`),
    ),
  );
  line('');
  table(
    ['action', 'state', 'reason', 'times'],
    outcomes.map(([key, count]) => [...key.split('\t'), count]),
  );
}

/** Shows the mails that the local SMTP server has received since then. */
export async function showMails(serviceUrl: string, since: Date): Promise<void> {
  const { value } = (await (await fetch(`${serviceUrl}/local/outbox`)).json()) as { value: Mail[] };
  const mails = value.filter(({ receivedAt }) => Date.parse(receivedAt) >= since.getTime());
  line(`${mails.length} mails in ${serviceUrl}/local/outbox`);
  table(
    ['to', 'subject'],
    mails.slice(0, LISTED_MAILS).map(({ to, subject }) => [to.join(', '), subject]),
  );
  if (mails.length > LISTED_MAILS) line(`… and ${mails.length - LISTED_MAILS} more`);
}

interface Recording {
  id: string;
  state: string;
  userName: string;
  machine?: string;
  durationSeconds?: number;
  sizeBytes?: number;
}

/** Shows the recordings of the site, once as many as expected are verified; returns the id of one of those. */
export async function showRecordings(
  api: AdministratorApi,
  siteId: string,
  expected: number,
): Promise<string | undefined> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const recordings = await api.list<Recording>(`/recordings?siteId=${siteId}`);
    const complete = recordings.filter(({ state }) => state === 'complete');
    if (complete.length >= expected) {
      table(
        ['recording', 'state', 'user', 'machine', 'seconds', 'bytes'],
        recordings.map((item) => [
          item.id,
          item.state,
          item.userName,
          item.machine ?? '',
          Math.round(item.durationSeconds ?? 0),
          item.sizeBytes ?? 0,
        ]),
      );
      return complete[0]?.id;
    }
    if (Date.now() > deadline)
      throw new Error(`of ${expected} recordings, these were verified: ${JSON.stringify(recordings)}`);
    await sleep(200);
  }
}

interface Playback {
  session: { position: number; count: number };
  media: { url: string; contentType: string; sizeBytes: number; expiresAt: string };
}

/** Plays a recording, and reads its beginning from the URL that comes back. */
export async function showPlayback(api: AdministratorApi, recordingId: string): Promise<void> {
  const justification = 'Complaint 4711 of the finance department';
  const { body } = await api.call<Playback>('POST', `/recordings/${recordingId}/playback`, { justification });
  const { media, session } = body;
  const part = await fetch(media.url, { headers: { range: 'bytes=0-1023' } });
  const { length } = Buffer.from(await part.arrayBuffer());
  line(`logged: "${justification}"`);
  line(`recording ${session.position} of ${session.count} of the session, ${media.contentType}`);
  line(
    `${length} of ${media.sizeBytes} bytes read by Range (${part.status}); the URL is valid until ${media.expiresAt}`,
  );
}

interface Amount {
  recordings: number;
  bytes: number;
}

/** Shows what storage maintenance would archive and delete with such settings; nothing is saved. */
export async function showMaintenancePreview(api: AdministratorApi, siteId: string): Promise<void> {
  const rules = { archiveAfterDays: 30, deleteAfterDays: 365 };
  const { body } = await api.call<{ archive: Amount; delete: Amount; isEstimate: boolean }>(
    'POST',
    `/sites/${siteId}/maintenancePreview`,
    rules,
  );
  const rows = [
    [`archive after ${rules.archiveAfterDays} days`, body.archive.recordings, body.archive.bytes],
    [`delete after ${rules.deleteAfterDays} days`, body.delete.recordings, body.delete.bytes],
  ];
  table(['if it ran now', 'recordings', 'bytes'], rows);
}

async function waitUntilStable<T>(
  read: () => Promise<{ value: T; open: number; size: number }>,
  failure: string,
): Promise<T> {
  const deadline = Date.now() + TIMEOUT_MS;
  let [size, quietSince] = [-1, Date.now()];
  for (;;) {
    const now = await read();
    if (now.open > 0 || now.size !== size) [size, quietSince] = [now.size, Date.now()];
    if (Date.now() - quietSince >= QUIET_MS) return now.value;
    if (Date.now() > deadline) throw new Error(failure);
    await sleep(200);
  }
}

function countBy(keys: string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
