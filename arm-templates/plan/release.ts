/** Versions of the recording server, as far as a plan needs them. */
import { z } from 'zod';

/** Joining machines to Microsoft Entra ID alone, without Active Directory, works from this release on. */
export const FIRST_RELEASE_WITHOUT_AD = 2402;

/** `24.2.0.11` and `2402` are release 2402; undefined for anything else. */
export function releaseOf(version: string): number | undefined {
  const [, year, month] =
    /^(\d{2})(\d{2})$/.exec(version) ?? /^(\d{1,2})\.(\d{1,2})(?:\.\d{1,9}){0,2}$/.exec(version) ?? [];
  return year === undefined ? undefined : Number(year) * 100 + Number(month);
}

/** Which version of the server is to be installed. */
export const serverVersion = z
  .string()
  .max(40)
  .refine((text) => releaseOf(text) !== undefined, 'Give a version such as 24.2.0.11 or 2402.');
