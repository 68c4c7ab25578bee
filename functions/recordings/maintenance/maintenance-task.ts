/** The kind of task that a run of storage maintenance is: each item is a recording, and what is done with it. */
import { Problem } from '../../../shared/problem';
import type { TaskKind } from '../../../shared/tasks/task-kind';
import type { ItemResult } from '../../../shared/tasks/task-pages';
import type { Services } from '../../../shared/services';
import { findSession } from '../../sessions';
import { archiveRecording } from '../moves/archive-recording';
import { deleteRecording } from '../moves/delete-recording';
import { whyNotMovable } from '../moves/why-held-back';
import { findRecording } from '../store';
import type { DueRecording } from './find-due';
import type { MaintenanceAction } from './due';
import { type MaintenanceRun, runOf, STORAGE_MAINTENANCE } from './maintenance-run';
import { RUN_MAINTENANCE } from './run-maintenance';

/** Numbers of recordings; the skipped ones were held, live or moved by somebody else when their turn came. */
export interface MaintenanceCounts {
  archived: number;
  deleted: number;
  skipped: number;
  failed: number;
}

const SKIPPED = 'Skipped: ';

/** The item of a recording, such as `archive 0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55-0001`. */
export function itemOf({ action, id }: DueRecording): string {
  return `${action} ${id}`;
}

function parseItem(item: string): DueRecording {
  const [action = '', id = ''] = item.split(' ');
  return { action: action as MaintenanceAction, id };
}

/** The result of an item that nothing was done with. */
export function skipped(why: string): string {
  return `${SKIPPED}${why}`;
}

/** What came of items. */
export function countResults(results: readonly ItemResult[]): MaintenanceCounts {
  const counts = { archived: 0, deleted: 0, skipped: 0, failed: 0 };
  for (const { item, outcome, detail } of results) {
    if (outcome === 'failed') counts.failed++;
    else if (detail?.startsWith(SKIPPED)) counts.skipped++;
    else counts[parseItem(item).action === 'archive' ? 'archived' : 'deleted']++;
  }
  return counts;
}

export const maintenanceTask: TaskKind = {
  name: STORAGE_MAINTENANCE,
  isCancelable: true,
  orchestrator: RUN_MAINTENANCE,
  async work(services, { customerId, task }, item) {
    const due = parseItem(item);
    try {
      return await move(services, customerId, task.id, runOf(task), due);
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      const why = await whySkipped(services, customerId, due.id);
      if (why === undefined) throw error;
      return skipped(why);
    }
  },
};

function move(
  services: Services,
  customerId: string,
  operation: string,
  { settings }: MaintenanceRun,
  { id: recordingId, action }: DueRecording,
): Promise<string | undefined> {
  const order = { customerId, recordingId, operation, isScheduled: true };
  const { location = services.archives.defaultName, serverFolder, deleteFiles = false } = settings;
  return action === 'archive'
    ? archiveRecording(services, { ...order, location, serverFolder })
    : deleteRecording(services, { ...order, deleteFiles });
}

/** Why a move that was refused is no failure: somebody else has decided about the recording since it was found. */
async function whySkipped(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  recordingId: string,
): Promise<string | undefined> {
  const recording = await findRecording(services, customerId, recordingId);
  if (!recording) return 'It is not there any more.';
  if (recording.state === 'archiving' || recording.state === 'deleting') return `It is ${recording.state}.`;
  const session = await findSession(services, customerId, recording.sessionId);
  return session && whyNotMovable(session, services.clock.now(), { refuseRestricted: false });
}
