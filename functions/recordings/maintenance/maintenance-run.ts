/** What a run of storage maintenance was started with: kept with its task, whatever becomes of the settings. */
import { z } from 'zod';
import type { Services } from '../../../shared/services';
import type { Task } from '../../../shared/tasks/task';
import { findSiteSettings, type StorageMaintenance, storageMaintenance } from '../../sites';
import { type DueLimits, dueLimits } from './due';

/** Stored with every task of this kind. */
export const STORAGE_MAINTENANCE = 'storageMaintenance';

export interface MaintenanceRun {
  siteId: string;
  siteName: string;
  /** The instant that it is for; ages count up to it. */
  runAt: Date;
  settings: StorageMaintenance;
  limits: DueLimits;
}

const parameters = z.object({
  siteId: z.string(),
  siteName: z.string(),
  runAt: z.string(),
  settings: z.string(),
});

/** The run as parameters of its task. */
export function parametersOf({ siteId, siteName, runAt, settings }: Omit<MaintenanceRun, 'limits'>) {
  return { siteId, siteName, runAt: runAt.toISOString(), settings: JSON.stringify(settings) };
}

/** The run of a task. */
export function runOf(task: Pick<Task, 'parameters'>): MaintenanceRun {
  const { siteId, siteName, runAt: at, settings: text } = parameters.parse(task.parameters);
  const settings = storageMaintenance.parse(JSON.parse(text));
  const runAt = new Date(at);
  return { siteId, siteName, runAt, settings, limits: dueLimits(settings, runAt) };
}

/** Whether settings have a run do anything. */
export function hasRules({ enabled, archiveAfterDays, deleteAfterDays }: StorageMaintenance): boolean {
  return enabled && (archiveAfterDays !== undefined || deleteAfterDays !== undefined);
}

/** Why the run stops before its end; undefined when it goes on. Another time of day is no reason. */
export async function whyStopped(
  services: Pick<Services, 'database'>,
  customerId: string,
  { siteId, settings }: MaintenanceRun,
): Promise<string | undefined> {
  const current = await findSiteSettings(services, customerId, siteId);
  if (!current) return 'The site was deleted.';
  return rulesOf(current.storageMaintenance) === rulesOf(settings)
    ? undefined
    : 'The settings of storage maintenance were changed: the next run follows the new ones.';
}

function rulesOf(settings: StorageMaintenance): string {
  const { archiveAfterDays, deleteAfterDays, deleteFiles = false, location, serverFolder } = settings;
  return JSON.stringify([
    hasRules(settings),
    archiveAfterDays,
    deleteAfterDays,
    deleteFiles,
    location,
    serverFolder,
  ]);
}
