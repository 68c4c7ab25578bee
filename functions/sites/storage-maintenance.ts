/** Storage maintenance of a site: when recordings are archived and deleted by schedule, and which (MNG-2). */
import { z } from 'zod';
import { localTime, timeZone } from '../../shared/http/fields';
import { line } from '../../shared/pure/text-fields';
import { serverFolder } from './server-folder';

/** A century: nothing is kept for longer by accident. */
const MAX_DAYS = 36_500;
const days = z.int().min(1).max(MAX_DAYS);

/** What a run does; without days it does nothing. */
const rules = {
  archiveAfterDays: days
    .optional()
    .describe('Recordings are archived when their session ended so many days ago; absent: never'),
  deleteAfterDays: days
    .optional()
    .describe(
      'Recordings, archived or not, are deleted when their session ended so many days ago; absent: never',
    ),
  deleteFiles: z
    .boolean()
    .optional()
    .describe('Whether deleting a recording deletes its file as well; absent: the files are kept'),
  location: line(128)
    .optional()
    .describe('Name of the archive location; absent: the first one of the service'),
  // Stored folders are of every sort; new ones are checked by `checkServerFolder`.
  serverFolder: line(1_024)
    .optional()
    .describe(
      'Where servers move files that stay on their storage: a full path of Windows or a UNC path; absent: those are not archived',
    ),
};

interface Rules {
  archiveAfterDays?: number | undefined;
  deleteAfterDays?: number | undefined;
}

/** Recordings are archived first, else they never would be. */
function isArchivedFirst({ archiveAfterDays, deleteAfterDays }: Rules): boolean {
  return (
    archiveAfterDays === undefined || deleteAfterDays === undefined || archiveAfterDays < deleteAfterDays
  );
}

const IN_ORDER = {
  path: ['deleteAfterDays'],
  error: 'Must be more than `archiveAfterDays`: recordings are archived first and deleted later.',
};

/** The rules alone, to see what they would do. */
export const maintenanceRules = z
  .strictObject({
    ...rules,
    serverFolder: serverFolder.optional().describe(rules.serverFolder.description ?? ''),
  })
  .refine(isArchivedFirst, IN_ORDER);

/** As part of the settings of a site. It is off, and 04:00 is proposed, until somebody changes that. */
export const storageMaintenance = z
  .strictObject({
    enabled: z.boolean().default(false),
    time: localTime.default('04:00').describe('When it begins every day'),
    timeZone: timeZone.optional().describe('IANA name; absent: that of the first server of the site'),
    ...rules,
  })
  .refine(isArchivedFirst, IN_ORDER);

export type StorageMaintenance = z.output<typeof storageMaintenance>;
