/** The version of the recording server that a deployment installs. */
import { parseServerVersion } from '../../shared/pure/versions';
import { text } from './fields';

/** `24.2.0.11`, or `2402` for a release. */
export const serverVersion = text('a version', 40).refine(
  (version) => parseServerVersion(version) !== undefined,
  'Give a version such as 24.2.0.11 or 2402.',
);
