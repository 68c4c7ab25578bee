/** Folders on the storage of recording servers, as requests name them. */
import { validationFailed } from '../../shared/http/validation';
import { line } from '../../shared/pure/text-fields';

/** A full path of Windows, or a UNC path: the one check of folders to which servers move files. */
export const serverFolder = line(1_024)
  .regex(/^([A-Za-z]:\\|\\\\[^\\/:*?"<>|]+\\)[^/:*?"<>|]+$/, 'Must be a full path of Windows.')
  .refine((path) => !path.split('\\').some((part) => /^\.+$/.test(part)), 'Must not contain `.` or `..`.');

/**
 * Earlier versions stored whatever they were given: it stays, and is readable, until somebody gives another one.
 * @throws Problem `validation-failed` at the pointer when the next folder is new, and none
 */
export function checkServerFolder(
  next: string | undefined,
  before: string | undefined,
  pointer: string,
): void {
  if (next === undefined || next === before) return;
  const { error } = serverFolder.safeParse(next);
  if (!error) return;
  throw validationFailed(
    'The body',
    error.issues.map(({ message }) => ({ pointer, detail: message })),
  );
}
