/**
 * Recordings from a folder. Beside each one lies a description, `NAME.recording.json`, which the recorder writes when it
 * begins and completes with `endedAt` at the end; the file may grow in between. Once the recording is delivered, its
 * description is renamed to `NAME.recording.delivered.json`, or `NAME.recording.refused.json`.
 */
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { CloudClient } from './cloud-client';
import type { Delivery } from './delivery';
import { sessionKeyOf } from './event-log/session-event-input';

const DESCRIPTION = '.recording.json';

const description = z.strictObject({
  file: z.string().describe('Name of the recording in the same folder'),
  /** As the session was named in its events: either its key, or host, user and logon id. */
  sessionKey: z.string().optional(),
  session: z.object({ host: z.string(), user: z.string(), logonId: z.string().optional() }).optional(),
  part: z.int().min(1).default(1),
  startedAt: z.iso.datetime({ offset: true }),
  endedAt: z.iso.datetime({ offset: true }).optional(),
});

const CONTAINERS = { '.mp4': 'mp4', '.webm': 'webm', '.ndjson': 'events' } as const;

interface RecordingsFolder {
  folder: string;
  client: CloudClient;
  /** Called once for a description that is wrong, or an upload that has to wait. */
  onProblem: (file: string, reason: string) => void;
  pollMilliseconds?: number;
}

/** Spools recordings that are finished, and uploads the others while they grow, until the signal. */
export async function watchRecordings(
  { folder, client, onProblem, pollMilliseconds = 1_000 }: RecordingsFolder,
  signal: AbortSignal,
): Promise<void> {
  const reported = new Set<string>();
  const report = (file: string, error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    if (!reported.has(`${file} ${reason}`)) onProblem(file, reason);
    reported.add(`${file} ${reason}`);
  };
  for (;;) {
    const isLast = signal.aborted;
    const pending = client.pendingRecordings;
    for (const name of readdirSync(folder).filter((file) => file.endsWith(DESCRIPTION))) {
      const file = path.join(folder, name);
      try {
        const recording = readDescription(file);
        if (pending.has(recording.file)) continue;
        const { endedAt, sessionKey } = recording;
        if (!client.knowsSession(sessionKey)) throw new Error(`waits for session ${sessionKey} to begin`);
        if (endedAt !== undefined) client.addRecording({ ...recording, endedAt });
        else if (!isLast) await client.uploadGrowing(recording);
      } catch (error) {
        if (!signal.aborted) report(file, error);
      }
    }
    if (isLast) return;
    await sleep(pollMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

/** Marks the description of a recording that is done with; files that do not come from such a folder have none. */
export function markRecording(delivery: Delivery, outcome: 'delivered' | 'refused'): void {
  if (delivery.kind !== 'recording') return;
  const folder = path.dirname(delivery.file);
  const base = path.basename(delivery.file, path.extname(delivery.file));
  const file = path.join(folder, `${base}${DESCRIPTION}`);
  if (existsSync(file)) renameSync(file, path.join(folder, `${base}.recording.${outcome}.json`));
}

/** @throws Error in one line when it is not complete or names a file that is not beside it */
function readDescription(file: string) {
  const parsed = description.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error).replaceAll('\n', ' '));
  const { file: name, sessionKey, session, part, startedAt, endedAt } = parsed.data;
  const base = path.basename(file, DESCRIPTION);
  const extension = path.extname(name).toLowerCase();
  const container = extension in CONTAINERS && CONTAINERS[extension as keyof typeof CONTAINERS];
  if (!container || path.basename(name, path.extname(name)) !== base || path.basename(name) !== name)
    throw new Error(`file must be ${base}.mp4, ${base}.webm or ${base}.ndjson, in the same folder`);
  const key = sessionKey ?? (session && sessionKeyOf(session));
  if (key === undefined) throw new Error('it must name its session: sessionKey, or session {host, user}');
  return {
    file: path.resolve(path.dirname(file), name),
    sessionKey: key,
    part,
    container,
    startedAt,
    endedAt,
  };
}
