/** The installer that templates made by a local service name: it installs nothing, but can be downloaded and verified. */
import { createHash } from 'node:crypto';

export const STAND_IN_PACKAGE = Buffer.from('This stands in for the installer of the cloud client.\n');

/** In hexadecimal digits. */
export const STAND_IN_PACKAGE_SHA256 = createHash('sha256').update(STAND_IN_PACKAGE).digest('hex');
