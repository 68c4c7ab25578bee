/** The version of the recording server that a deployment installs. */
import { z } from 'zod';
import { parseServerVersion } from '../../shared/pure/versions';

/** `24.2.0.11`, or `2402` for a release. */
export const serverVersion = z
  .string()
  .max(40)
  .refine((text) => parseServerVersion(text) !== undefined, 'Give a version such as 24.2.0.11 or 2402.');
