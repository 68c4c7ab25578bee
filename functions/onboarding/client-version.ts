/** The version of a cloud client in a request, and what depends on it. */
import { z } from 'zod';
import { parseVersion, supports } from '../../shared/pure/versions';

export const clientVersion = z
  .string()
  .max(64)
  .refine((text) => parseVersion(text) !== undefined, 'Give a version such as 7.42.15010.4.');

/** Whether the client needs no certificate of the server and takes no custom domain. An unknown version is the latest. */
export function needsNoCertificate(version: string | undefined): boolean {
  return version === undefined || supports('noCustomDomain', { client: version });
}

/** Whether the client communicates through port 443 alone. An unknown version is the latest. */
export function usesSinglePort(version: string | undefined): boolean {
  return version === undefined || supports('singlePort', { client: version });
}
